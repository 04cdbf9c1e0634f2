"""Administrators read how risky sign-ins were, and try other weights on them."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.auth.risk import BURST, Signals
from app.errors import Forbidden, NotFound
from app.ids import uuid7
from app.storage import risk_assessments
from app.tenancy import RiskWeights
from tests.assessments import assessed


@pytest.fixture
def pages(services, scope_of, cast):
    """All pages of the list, as lists of ids."""

    def pages(person=None, *, limit, user_id=None):
        scope, after = scope_of(person or cast.ada), None
        while True:
            page = services.risk_log.list(scope, user_id=user_id, after=after, limit=limit)
            yield [str(view.id) for view in page.items]
            if (after := page.after) is None:
                return

    return pages


@pytest.fixture
def simulate(services, cast):
    def simulate(weights=None, *, medium=40, high=70, days=30, tenant=None, **more):
        return services.risk_log.simulate(
            tenant or cast.acme,
            weights=weights or RiskWeights(),
            medium=medium,
            high=high,
            since=services.ports.clock() - timedelta(days=days),
            **more,
        )

    return simulate


def test_pages_are_newest_first_without_gaps_or_repeats(services, cast, pages):
    moment = services.ports.clock().isoformat()
    alike = [assessed(services, cast.bob, at=moment) for _ in range(3)]
    older = [assessed(services, cast.bob, ago=timedelta(hours=hour + 1)) for hour in range(4)]
    expected = [*reversed(alike), *older]
    for limit in (1, 2, 3, 7, 100):
        found = list(pages(limit=limit, user_id=cast.bob.id))
        assert [one for page in found for one in page] == expected
        assert all(len(page) == limit for page in found[:-1])
    assert list(pages(limit=7, user_id=cast.bob.id)) == [expected], "a full last page has none after it"


def test_the_list_is_of_everybody_or_of_one_person(services, cast, scope_of):
    scope = scope_of(cast.ada)
    bobs, adas = assessed(services, cast.bob), assessed(services, cast.ada)

    def listed(user_id):
        page = services.risk_log.list(scope, user_id=user_id, after=None, limit=100)
        return {str(view.id) for view in page.items}

    assert listed(cast.bob.id) == {bobs}
    assert listed(None) >= {bobs, adas}
    assert listed(uuid7()) == set()


def test_what_a_real_sign_in_left_is_shown(services, cast, scope_of):
    scope = scope_of(cast.ada)
    page = services.risk_log.list(scope, user_id=cast.ada.id, after=None, limit=1)
    (view,) = page.items
    assert (view.user_id, view.session_id, view.ip) == (cast.ada.id, scope.session_id, "192.0.2.7")
    assert (view.signals.first, view.level, view.factors, view.outcome) == (True, "low", (), "allowed")
    assert services.risk_log.show(scope, view.id) == view


def test_mallory_sees_nothing_of_acme(services, cast, scope_of):
    made, mallory = UUID(assessed(services, cast.ada)), scope_of(cast.mallory)
    with pytest.raises(NotFound):
        services.risk_log.show(mallory, made)
    assert services.risk_log.list(mallory, user_id=cast.ada.id, after=None, limit=100).items == ()
    everything = services.risk_log.list(mallory, user_id=None, after=None, limit=100).items
    assert {view.user_id for view in everything} == {cast.mallory.id}


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("support", True), ("member", False)])
def test_only_roles_that_read_the_audit_trail_read_it(services, cast, scope_of, role, may):
    made = UUID(assessed(services, cast.ada))
    scope = scope_of(cast.person(cast.acme, "petra@acme.example", role=role))
    if may:
        assert services.risk_log.show(scope, made).id == made
        return
    with pytest.raises(Forbidden):
        services.risk_log.show(scope, made)
    with pytest.raises(Forbidden):
        services.risk_log.list(scope, user_id=None, after=None, limit=1)


def test_a_simulation_under_the_same_weights_moves_nothing(services, cast, simulate):
    assessed(services, cast.bob, signals=Signals(new_device=True, new_country=True), score=45, level="medium")
    assessed(services, cast.bob, signals=Signals(first=True))
    found = simulate()
    assert (found.total, found.moved) == (2, [])
    assert found.before == found.after == {"low": 1, "medium": 1, "high": 0}


def test_other_weights_and_thresholds_move_what_they_should_and_change_nothing(services, cast, simulate):
    device = assessed(services, cast.bob, signals=Signals(new_device=True), score=20)
    hour = assessed(services, cast.bob, signals=Signals(unusual_hour=True))
    assessed(services, cast.bob, signals=Signals(new_device=True), score=20, ago=timedelta(days=31))
    found = simulate(RiskWeights(new_device=80))
    assert [(str(one.id), one.before, one.after, one.score_before, one.score_after) for one in found.moved] == [
        (device, "low", "high", 20, 80)
    ]
    assert (found.total, found.after) == (2, {"low": 1, "medium": 0, "high": 1})
    assert [str(one.id) for one in simulate(medium=10, unusual_hour=True).moved] == [device, hour]
    assert [str(one.id) for one in simulate(medium=10).moved] == [device], "the hour counts where the tenant says so"
    with services.units.read(cast.acme.id) as db:
        row = risk_assessments.by_id(db, tenant_id=cast.acme.id, assessment_id=UUID(device))
    assert (row.score, row.level) == (20, "low")


def test_a_simulation_is_of_one_tenant(services, cast, simulate):
    assessed(services, cast.ada)
    assert simulate(tenant=cast.globex).total == 0


def test_a_burst_is_as_big_as_the_installation_has_it(services, cast, simulate):
    """The tests scale limits by a thousand: a burst would be five thousand sign-ins."""
    assessed(services, cast.bob, signals=Signals(recent=BURST * 4), score=30)
    assert simulate(medium=1).after == {"low": 1, "medium": 0, "high": 0}
