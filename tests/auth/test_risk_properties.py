"""What holds of risk for any history, any place and any weights."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.auth.risk import Signals, assess, observe
from app.auth.visits import Visit, is_unusual_hour, kilometres
from app.places import Place
from app.tenancy import RiskWeights

NAMES = tuple(RiskWeights.model_fields)
moments = some.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001
latitudes, longitudes = some.floats(-90, 90), some.floats(-180, 180)
points = some.tuples(latitudes, longitudes)
networks = some.sampled_from(["", "192.0.2.7", "198.51.100.9", "2001:db8::/64"])
countries = some.sampled_from(["Germany", "Japan", "Peru"])
places = some.none() | some.builds(
    Place, country=countries | some.just(""), city=some.just(""), latitude=latitudes, longitude=longitudes
)
visits = some.builds(
    Visit,
    at=moments,
    network=networks,
    country=some.none() | countries,
    latitude=some.none() | latitudes,
    longitude=some.none() | longitudes,
)
histories = some.lists(visits, max_size=20)
weights = some.builds(RiskWeights, **dict.fromkeys(NAMES, some.integers(0, 100)))
signals = some.builds(
    Signals,
    **dict.fromkeys(
        ("new_device", "new_address", "new_country", "script_agent", "unusual_hour", "first"), some.booleans()
    ),
    recent=some.integers(0, 20),
    kmh=some.none() | some.integers(0, 10**8),
)
# On a busy machine an example may take long.
at_leisure = settings(deadline=None)
LEVELS = ("low", "medium", "high")


def judge(seen, weighed, medium=40, high=70):
    return assess(seen, weighed, medium=medium, high=high, unusual_hour=True)


def look(history, now, network, place, **more):
    usual = {"user_agent": "x", "browser": True, "known_device": False, "recent": 0}
    return observe(now=now, network=network, place=place, history=history, **{**usual, **more})


@at_leisure
@given(seen=signals, weighed=weights)
def test_the_score_is_what_the_factors_add_up_to_and_never_above_a_hundred(seen, weighed):
    found = judge(seen, weighed)
    assert found.score == min(100, sum(factor.points for factor in found.factors))
    assert {factor.name for factor in found.factors} <= set(NAMES)


@at_leisure
@given(seen=signals, weighed=weights, name=some.sampled_from(NAMES), more=some.integers(1, 100))
def test_a_heavier_weight_never_lowers_the_score_or_the_level(seen, weighed, name, more):
    heavier = weighed.model_copy(update={name: min(100, getattr(weighed, name) + more)})
    before, after = judge(seen, weighed), judge(seen, heavier)
    assert after.score >= before.score
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)


@at_leisure
@given(
    seen=signals, weighed=weights, medium=some.integers(1, 101), high=some.integers(1, 101), less=some.integers(1, 50)
)
def test_a_lower_threshold_never_lowers_the_level(seen, weighed, medium, high, less):
    before = judge(seen, weighed, medium, high).level
    after = judge(seen, weighed, max(1, medium - less), max(1, high - less)).level
    assert LEVELS.index(after) >= LEVELS.index(before)


@at_leisure
@given(seen=signals)
def test_what_is_stored_is_judged_alike_when_it_is_read_again(seen):
    assert Signals.from_json(seen.to_json()) == seen


@at_leisure
@given(data=some.data(), history=histories, now=moments, network=networks, place=places)
def test_the_order_in_which_the_history_arrives_does_not_matter(data, history, now, network, place):
    shuffled = data.draw(some.permutations(history))
    assert look(history, now, network, place) == look(shuffled, now, network, place)


@at_leisure
@given(history=histories, now=moments, network=networks, place=places, agent=some.text(max_size=60))
def test_nothing_that_can_be_seen_is_an_error_and_no_speed_is_negative(history, now, network, place, agent):
    seen = look(history, now, network, place, user_agent=agent)
    assert seen.kmh is None or seen.kmh >= 0
    assert not (seen.first and (seen.new_device or seen.new_address or seen.new_country))
    assert judge(seen, RiskWeights()).score <= 100


@at_leisure
@given(start=points, end=points)
def test_a_way_is_as_long_there_as_back_and_never_longer_than_half_round_the_earth(start, end):
    there = kilometres(start, end)
    assert 0 <= there <= math.pi * 6371 + 1e-6
    assert there == pytest.approx(kilometres(end, start), abs=1e-6)
    assert kilometres(start, start) == 0


@pytest.mark.parametrize(
    ("start", "end", "km"),
    [
        ((0.0, 179.9), (0.0, -179.9), 22),
        ((90.0, -120.0), (90.0, 75.0), 0),
        ((-90.0, 10.0), (90.0, -50.0), 20015),
        ((52.52, 13.405), (48.8566, 2.3522), 878),
        ((0.0, 0.0), (0.0, 180.0), 20015),
        ((89.0, 0.0), (89.0, 180.0), 222),
    ],
    ids=["date line", "at the pole", "pole to pole", "Berlin to Paris", "round the equator", "over the pole"],
)
def test_distances_are_right_where_they_are_easily_wrong(start, end, km):
    assert kilometres(start, end) == pytest.approx(km, abs=1)


@at_leisure
@given(hour=some.integers(0, 1439), apart=some.integers(-720, 720))
def test_an_hour_is_unusual_by_its_distance_on_the_clock_alone(hour, apart):
    then = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=hour)
    history = [Visit(at=then - timedelta(days=day)) for day in range(10)]
    now = then + timedelta(days=30, minutes=apart)
    assert is_unusual_hour(now, history, least=10, within_minutes=120) is (abs(apart) > 120)
