"""A reset of factors: who may start one upon whom."""

import pytest

from app.auth import errors
from app.errors import Forbidden, NotFound
from app.ids import uuid7
from app.storage import roles
from app.storage.roles import Role
from tests.auth.factored import WHY, add_app, start_reset
from tests.auth.steps import outcome


@pytest.fixture
def ada(cast):
    return cast.ada.scope(cast.ada.sign_in())


@pytest.fixture
def bob(cast):
    add_app(cast.bob)
    return cast.bob


@pytest.fixture
def hire(cast):
    """Somebody with a role; hands over them and their session."""

    def hire(role, email=None):
        person = cast.person(cast.acme, email or f"{role}@acme.example", role=role)
        return person, person.scope(person.sign_in())

    return hire


@pytest.fixture
def desk(services, cast, clock):
    """Somebody with a role of the tenant's own: it may write users, and nothing else."""
    now, carol = clock(), cast.person(cast.acme, "carol@acme.example")
    with services.units.begin(cast.acme.id) as unit:
        unit.db.add(Role(tenant_id=cast.acme.id, id=uuid7(), name="desk", permissions=["users:write"], created_at=now))
    with services.units.begin(cast.acme.id) as unit:
        roles.assign(unit.db, tenant_id=cast.acme.id, user_id=carol.id, name="desk", now=now)
    return carol.scope(carol.sign_in())


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("support", False), ("member", False)])
def test_it_takes_the_permission(bob, hire, role, may):
    assert outcome(start_reset, hire(role)[1], bob) is (None if may else Forbidden)


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("support", True), ("member", False)])
def test_seeing_what_somebody_has_takes_another(services, cast, bob, hire, role, sees):
    scope = hire(role)[1]
    assert outcome(services.factor_resets.show, cast.acme, scope, bob.id) is (None if sees else Forbidden)


@pytest.mark.parametrize("role", ["admin", "support", "member"])
def test_calling_it_off_takes_the_permission_too(services, cast, ada, bob, hire, role):
    start_reset(ada, bob)
    scope = hire(role)[1]
    said = outcome(services.factor_resets.cancel, cast.acme, scope, bob.id)
    assert said is (None if role == "admin" else Forbidden)


def test_nobody_does_it_to_themselves(services, cast, ada):
    assert outcome(start_reset, ada, cast.ada) is Forbidden
    assert services.factor_resets.own(cast.acme, ada) is None


def test_an_owner_answers_to_owners_alone(cast, hire):
    petra, scope = hire("admin")
    add_app(cast.ada)
    assert outcome(start_reset, scope, cast.ada) is Forbidden
    _, another = hire("owner")
    assert start_reset(another, cast.ada)
    add_app(petra)
    assert start_reset(another, petra), "an owner may do it to an administrator"


def test_nobody_does_it_to_whoever_may_do_more(bob, hire, desk):
    others = [hire(role)[0] for role in ("admin", "support")]
    for person in others:
        add_app(person)
        assert outcome(start_reset, desk, person) is Forbidden
    assert start_reset(desk, bob)


def test_an_administrator_may_do_it_to_whoever_may_do_less(services, cast, desk, hire):
    _, admin = hire("admin")
    person = type(cast.bob)(cast.acme, "carol@acme.example", desk.user_id, services)
    add_app(person)
    assert start_reset(admin, person)


def test_it_wants_a_fresh_sign_in_and_the_own_second_factor(cast, ada, bob, clock):
    clock.forward(minutes=11)
    assert outcome(start_reset, ada, bob) is errors.StepUpRequired
    again = cast.ada.scope(cast.ada.sign_in())
    add_app(cast.ada)
    assert outcome(start_reset, again, bob) is errors.StepUpRequired


def test_mallory_finds_nobody(services, cast, ada, bob):
    start_reset(ada, bob)
    mallory = cast.mallory.scope(cast.mallory.sign_in())
    for act in (services.factor_resets.show, services.factor_resets.cancel):
        assert outcome(act, cast.globex, mallory, bob.id) is NotFound
    assert outcome(services.factor_resets.start, cast.globex, mallory, bob.id, reason=WHY) is NotFound
    assert services.factor_resets.show(cast.acme, ada, bob.id).reset
