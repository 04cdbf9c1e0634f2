"""What is seen of a sign-in, rule by rule."""

from datetime import UTC, datetime, timedelta

import pytest

from app.auth.visits import Visit, network_of
from app.places import Place
from tests.auth.seeing import AWAY, BERLIN, HOME, NOW, POTSDAM, SYDNEY, days, judge, names, see, visit


def test_a_new_device_counts_from_the_second_sign_in_on():
    assert names(judge(see(days(1), known_device=False))) == {"new_device": 20}
    assert names(judge(see(days(1), known_device=True))) == {}


@pytest.mark.parametrize(
    ("history", "network", "new"),
    [
        (days(2), AWAY, False),
        (days(3), AWAY, True),
        (days(3), HOME, False),
        ([*days(5), visit(timedelta(days=9), network=AWAY)], AWAY, True),
        ([*days(4), visit(timedelta(days=9), network=AWAY)], AWAY, False),
        (days(3), "", False),
        (days(3, network=""), AWAY, True),
        (days(3, network="2001:db8:0:1::/64"), network_of("2001:db8:0:1:a::9"), False),
        (days(3, network="2001:db8:0:1::/64"), network_of("2001:db8:0:2:a::9"), True),
    ],
    ids=[
        "too early to tell",
        "elsewhere",
        "home",
        "six sign-ins ago",
        "five sign-ins ago",
        "unknown now",
        "unknown then",
        "the same /64",
        "another /64",
    ],
)
def test_an_address_is_new_when_none_of_the_last_five_sign_ins_had_it(history, network, new):
    assert names(judge(see(history, network=network))) == ({"new_address": 15} if new else {})


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_an_address_counts_as_its_network(ip, network):
    assert network_of(ip) == network


@pytest.mark.parametrize(
    ("history", "place", "new"),
    [
        (days(1), SYDNEY, True),
        (days(1), POTSDAM, False),
        ([*days(19), visit(timedelta(days=40), place=SYDNEY)], SYDNEY, False),
        (days(5, place=None), SYDNEY, False),
        (days(5), None, False),
        (days(5), Place(country="", city="", latitude=1.0, longitude=1.0), False),
    ],
    ids=["another", "the same", "long ago", "unknown then", "unknown now", "only a point"],
)
def test_a_country_is_new_where_both_are_known(history, place, new):
    assert see(history, place=place).new_country is new
    assert ("new_country" in names(judge(see(history, place=place)))) is new


@pytest.mark.parametrize(("recent", "burst", "seen"), [(4, 5, False), (5, 5, True), (19, 20, False), (20, 20, True)])
def test_many_sign_ins_within_an_hour_are_a_burst(recent, burst, seen):
    assert names(judge(see(days(5), recent=recent), burst=burst)) == ({"burst": 30} if seen else {})


@pytest.mark.parametrize(
    ("ago", "start", "end", "impossible"),
    [
        (timedelta(hours=1), BERLIN, SYDNEY, True),
        (timedelta(hours=17, minutes=54), BERLIN, SYDNEY, False),
        (timedelta(hours=17, minutes=50), BERLIN, SYDNEY, True),
        (timedelta(seconds=1), BERLIN, POTSDAM, False),
        (timedelta(), BERLIN, SYDNEY, True),
        (timedelta(minutes=-5), BERLIN, SYDNEY, True),
        (timedelta(hours=1), None, SYDNEY, False),
        (timedelta(hours=1), BERLIN, None, False),
    ],
    ids=["too fast", "just slow enough", "just too fast", "too near", "at once", "clocks apart", "no start", "no end"],
)
def test_nobody_travels_faster_than_an_aeroplane(ago, start, end, impossible):
    assert ("impossible_travel" in names(judge(see([visit(ago, place=start)], place=end)))) is impossible


def test_travel_counts_from_the_last_sign_in_of_a_known_place():
    history = [
        visit(timedelta(minutes=5), place=None),
        visit(timedelta(hours=1)),
        visit(timedelta(days=9), place=SYDNEY),
    ]
    assert see(history, place=SYDNEY).kmh > 900
    assert see([visit(timedelta(minutes=5), place=SYDNEY), *history], place=SYDNEY).kmh is None


@pytest.mark.parametrize(
    ("hours", "now", "unusual"),
    [
        ([9] * 10, NOW.replace(hour=3), True),
        ([9] * 9, NOW.replace(hour=3), False),
        ([9] * 10, NOW.replace(hour=11), False),
        ([9] * 10, NOW.replace(hour=11, minute=1), True),
        ([23] * 10, NOW.replace(hour=0, minute=59), False),
        ([1] * 10, NOW.replace(hour=23), False),
        ([1] * 10, NOW.replace(hour=22, minute=59), True),
        ([9] * 19 + [3], NOW.replace(hour=3), False),
    ],
    ids=["night", "too few", "two hours", "more", "over midnight", "back over it", "too far back", "once before"],
)
def test_the_hour_is_unusual_when_nobody_came_about_it(hours, now, unusual):
    history = [Visit(at=datetime(2026, 10, day + 1, hour, tzinfo=UTC)) for day, hour in enumerate(hours)]
    signals = see(history, now=now, network="", place=None)
    assert signals.unusual_hour is unusual
    assert names(judge(signals)) == {}, "off by default"
    assert names(judge(signals, unusual_hour=True)) == ({"unusual_hour": 10} if unusual else {})
