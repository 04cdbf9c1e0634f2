"""One's own passkeys: named and removed, by their owner, lately enough, and never the last way in."""

from dataclasses import replace

import pytest

from app.auth.errors import LastWayIn, SecondFactorNeeded, StepUpRequired
from app.errors import InvalidInput, NotFound
from app.ids import uuid7
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.auth.test_magic_links_races import rush


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


@pytest.fixture
def signed_in(ada, cast):
    """(a passkey of Ada's, her scope)."""
    key = ada.add()
    return key, cast.ada.scope(ada.sign_in(key))


def settled(services, tenant, **changes):
    return services.tenant_administration.change_settings(tenant, changes)


def test_its_owner_calls_it_what_they_like(ada, signed_in):
    _, scope = signed_in
    (one,) = ada.list()
    assert ada.passkeys.rename(ada.tenant, scope, one.id, "  Work   laptop ").name == "Work laptop"
    assert ada.list()[0].name == "Work laptop"
    for name in ("", "  ", "x" * 65, "a\x00"):
        assert refusal_of(ada.passkeys.rename, ada.tenant, scope, one.id, name) is InvalidInput


def test_its_owner_removes_it_and_it_works_no_more(ada, signed_in, letters, happened):
    key, scope = signed_in
    ada.passkeys.remove(ada.tenant, scope, ada.list()[0].id)
    assert ada.list() == []
    assert "passkey.removed" in [event for event, _, _ in happened(ada.tenant)]
    assert "passkey" in letters.to(ada.person.email).subject
    assert refusal_of(ada.sign_in, key)


def test_anothers_is_not_there(ada, signed_in, services, cast):
    (one,) = ada.list()
    for person in (cast.bob, cast.mallory):
        scope = person.scope(person.sign_in())
        for tenant in {person.tenant.id: person.tenant, ada.tenant.id: ada.tenant}.values():
            assert refusal_of(services.passkeys.rename, tenant, scope, one.id, "Mine") is NotFound
            assert refusal_of(services.passkeys.remove, tenant, scope, one.id) is NotFound
    _, scope = signed_in
    assert refusal_of(ada.passkeys.remove, ada.tenant, scope, uuid7()) is NotFound
    assert ada.list() == [one]


def test_the_last_way_in_stays(ada, signed_in, services):
    _, scope = signed_in
    tenant = settled(services, ada.tenant, methods=["passkey"])
    assert refusal_of(ada.passkeys.remove, tenant, scope, ada.list()[0].id) is LastWayIn
    ada.add()
    ada.passkeys.remove(tenant, scope, ada.list()[0].id)
    assert len(ada.list()) == 1


def test_the_last_factor_stays_where_one_is_required(ada, signed_in, services):
    _, scope = signed_in
    tenant = settled(services, ada.tenant, second_factor="required")
    assert refusal_of(ada.passkeys.remove, tenant, scope, ada.list()[0].id) is SecondFactorNeeded


def test_two_who_remove_the_last_two_at_once_leave_one(ada, signed_in, services):
    ada.add()
    _, scope = signed_in
    tenant = settled(services, ada.tenant, methods=["passkey"])
    outcomes = rush(*[lambda one=one: ada.passkeys.remove(tenant, scope, one.id) for one in ada.list()])
    assert outcomes.count(LastWayIn) == 1
    assert len(ada.list()) == 1


def test_adding_and_removing_ask_who_it_is_first_when_that_was_long_ago(ada, signed_in, clock):
    _, scope = signed_in
    (one,) = ada.list()
    clock.forward(minutes=11)
    assert refusal_of(ada.passkeys.ask_own, ada.tenant, scope) is StepUpRequired
    assert refusal_of(ada.passkeys.add_own, ada.tenant, scope, secret="x", credential="{}") is StepUpRequired
    assert refusal_of(ada.passkeys.remove, ada.tenant, scope, one.id) is StepUpRequired


def test_whoever_has_one_shows_it_before_adding_another(ada, signed_in):
    """A stolen password alone adds nothing."""
    _, scope = signed_in
    weak = replace(scope, acr="1")
    assert refusal_of(ada.passkeys.ask_own, ada.tenant, weak) is StepUpRequired
    asked = ada.passkeys.ask_own(ada.tenant, scope)
    new = ada.new()
    added = ada.passkeys.add_own(
        ada.tenant, scope, secret=asked.secret, credential=new.create(asked.options), name="Second"
    )
    assert added.name == "Second"


def test_adding_is_told_and_written_down(ada, letters, happened):
    ada.add(name="Phone")
    assert "passkey.created" in [event for event, _, _ in happened(ada.tenant)]
    assert "passkey" in letters.to(ada.person.email).subject


def test_it_is_offered_once_to_whoever_has_none(ada, cast, services):
    assert services.passkeys.offer(ada.tenant, cast.bob.id)
    assert not services.passkeys.offer(ada.tenant, cast.bob.id)
    ada.add()
    assert not services.passkeys.offer(ada.tenant, cast.ada.id)
    tenant = settled(services, ada.tenant, second_factor="off")
    zoe = cast.person(tenant, "zoe@acme.example")
    assert not services.passkeys.offer(tenant, zoe.id)
