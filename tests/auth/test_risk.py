"""What is seen of a sign-in is worth points, and they make a level."""

from datetime import UTC, datetime

import pytest

from app.auth.risk import Factor, Signals, burst_for
from app.auth.visits import Visit, visits_of
from app.tenancy import RiskWeights
from tests.auth.seeing import AWAY, HOME, SYDNEY, days, judge, see


def test_the_usual_sign_in_is_no_risk():
    found = judge(see(days(15)))
    assert (found.score, found.level, found.factors) == (0, "low", ())


def test_a_first_sign_in_has_nothing_to_differ_from():
    signals = see((), known_device=False, network=AWAY, place=SYDNEY)
    assert signals == Signals(first=True)
    assert judge(signals).score == 0


@pytest.mark.parametrize(("scale", "burst"), [(0.5, 5), (1.0, 5), (1.5, 8), (100.0, 500)])
def test_where_people_may_ask_more_often_a_burst_is_bigger(scale, burst):
    assert burst_for(scale) == burst


def test_points_add_up_to_a_hundred_at_most_and_say_why():
    everything = Signals(
        new_device=True, new_address=True, new_country=True, recent=9, kmh=20_000, script_agent=True, unusual_hour=True
    )
    found = judge(everything, unusual_hour=True)
    assert (found.score, found.level, len(found.factors)) == (100, "high", 7)
    assert all(factor.why.endswith(".") and factor.points > 0 for factor in found.factors)
    assert judge(everything, high=101).level == "medium"
    assert judge(everything, medium=101, high=101).level == "low"


@pytest.mark.parametrize(("score", "level"), [(39, "low"), (40, "medium"), (69, "medium"), (70, "high")])
def test_the_levels_begin_where_the_tenant_says(score, level):
    assert judge(Signals(new_device=True), weights=RiskWeights(new_device=score)).level == level


def test_a_weight_of_nothing_is_no_factor():
    assert judge(Signals(new_device=True), weights=RiskWeights(new_device=0)).factors == ()


def test_what_is_stored_is_read_again_by_older_and_newer_releases():
    signals = Signals(new_device=True, recent=3, kmh=None, first=False)
    assert Signals.from_json(signals.to_json()) == signals
    assert Signals.from_json({"new_device": True, "moon": "full"}) == Signals(new_device=True)
    assert Signals.from_json({}) == Signals()
    factor = Factor(name="burst", points=30, why="Many.")
    assert Factor.from_json({**factor.to_json(), "moon": 1}) == factor
    assert Factor.from_json({"name": "burst"}) == Factor(name="burst", points=0)


def test_the_history_is_read_as_the_database_writes_it():
    row = {"at": "2026-11-25T10:00:00.12+00:00", "network": HOME, "country": None, "latitude": 1.5, "longitude": 2}
    (found,) = visits_of([row])
    assert found == Visit(at=datetime(2026, 11, 25, 10, 0, 0, 120000, UTC), network=HOME, latitude=1.5, longitude=2)
