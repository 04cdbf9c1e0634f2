"""Trusted devices: seen and ended by their owner, and void as soon as somebody else may have made one."""

from dataclasses import replace

import pytest

from app.errors import NotFound
from app.ids import uuid7
from tests.auth.factored import trust, trusted
from tests.auth.steps import change_password, links_to, move, reset, reset_link, undo
from tests.cast import an_origin


@pytest.fixture
def device(cast):
    return trust(cast.bob)


@pytest.fixture
def bob(cast):
    return cast.bob.scope(cast.bob.sign_in())


@pytest.fixture
def listed(services, cast):
    def listed(scope, tenant=None):
        return services.trusted_devices.list(tenant or cast.acme, scope)

    return listed


def test_they_are_listed_with_where_and_until_when(cast, device, bob, listed, clock):
    (one,) = listed(bob)
    assert (one.ip, one.current) == ("192.0.2.7", False)
    assert "Chrome" in one.user_agent
    assert one.trusted_until > clock() > one.trusted_at
    (here,) = listed(replace(bob, origin=an_origin(device=device)))
    assert here.current


def test_only_what_is_trusted_now_is_listed(cast, device, bob, listed, clock):
    cast.bob.sign_in(tokens=False)
    assert len(listed(bob)) == 1
    clock.forward(days=31)
    assert listed(bob) == []


def test_one_is_forgotten_once_and_its_past_with_it(services, cast, owner, device, bob, listed, happened):
    other = trust(cast.bob)
    (here,) = [one for one in listed(replace(bob, origin=an_origin(device=device))) if one.current]
    services.trusted_devices.forget(cast.acme, bob, here.id)
    (still,) = listed(replace(bob, origin=an_origin(device=other)))
    assert still.current
    assert happened(cast.acme)[0] == ("device.forgotten", "success", "distrusted")
    with pytest.raises(NotFound):
        services.trusted_devices.forget(cast.acme, bob, here.id)
    rows = owner.execute(
        "SELECT trusted_at, trusted_until, trusted_ip, trusted_agent FROM known_devices WHERE id = %s", [here.id]
    ).fetchall()
    assert rows == [(None, None, None, "")]
    assert services.login.knows(cast.acme, email_key=cast.bob.email, device=device), "known it still is"


def test_all_are_forgotten_at_once_and_none_is_well_too(services, cast, device, bob, happened):
    trust(cast.bob)
    assert services.trusted_devices.forget_all(cast.acme, bob) == 2
    before = happened(cast.acme)
    assert services.trusted_devices.forget_all(cast.acme, bob) == 0
    assert happened(cast.acme) == before
    assert trusted(cast.bob) == 0


def test_anothers_device_is_not_found_and_stays(services, cast, device, listed, bob):
    adas, mallorys = (person.scope(person.sign_in()) for person in (cast.ada, cast.mallory))
    theirs = listed(bob)[0].id
    for scope, tenant in ((adas, cast.acme), (mallorys, cast.globex)):
        with pytest.raises(NotFound):
            services.trusted_devices.forget(tenant, scope, theirs)
        with pytest.raises(NotFound):
            services.trusted_devices.forget(tenant, scope, uuid7())
        assert services.trusted_devices.forget_all(tenant, scope) == 0
        assert listed(scope, tenant) == []
    assert trusted(cast.bob) == 1


def test_a_browser_that_two_people_trust_is_forgotten_by_one(services, cast, device, bob):
    trust(cast.ada, device=device)
    services.trusted_devices.forget_all(cast.acme, bob)
    assert (trusted(cast.bob), trusted(cast.ada)) == (0, 1)


@pytest.mark.parametrize("keep", [True, False], ids=["sessions kept", "sessions ended"])
def test_a_change_of_the_password_ends_all_trust(cast, device, keep):
    trust(cast.ada)
    change_password(cast.bob, cast.bob.sign_in(), keep=keep)
    assert (trusted(cast.bob), trusted(cast.ada)) == (0, 1)


def test_a_reset_of_the_password_ends_all_trust(cast, device, letters):
    reset(cast.bob, reset_link(cast.bob, letters))
    assert trusted(cast.bob) == 0


def test_locking_the_account_down_ends_all_trust(services, cast, device, letters):
    for _ in range(2):
        cast.bob.sign_in()
    token = links_to(letters, cast.bob.email, "/secure-account")[-1]
    services.lock_down.by_link(cast.acme, token=token, origin=an_origin())
    assert trusted(cast.bob) == 0


def test_undoing_a_change_of_the_address_ends_all_trust(cast, device, letters):
    back = move(cast.bob, cast.bob.scope(cast.bob.sign_in()), "thief@x.example", letters)
    assert trusted(cast.bob) == 1
    undo(cast.bob, back)
    assert trusted(cast.bob) == 0
