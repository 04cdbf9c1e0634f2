"""Asking for the second step no more on a device: for a while, on this one, for this person."""

from datetime import timedelta

import pytest

from app.auth import errors
from app.auth.login import Attempt
from tests.auth.second_steps import with_app
from tests.cast import an_origin

DAY = timedelta(days=1)


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


@pytest.fixture
def device(bob):
    """The secret of a device that Bob trusts."""
    return bob.sign_in(trust=True).device


def test_a_trusted_device_is_not_asked_again_and_shows_one_factor_alone(bob, cast, device):
    scope = cast.bob.scope(cast.bob.sign_in(device=device))
    assert (scope.acr, scope.amr) == ("1", ("pwd",))


def test_a_device_that_nobody_asked_to_trust_is_asked(bob, cast):
    device = bob.sign_in().device
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device)


def test_another_device_is_asked(bob, cast, device):
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in()
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device[::-1])


def test_after_thirty_days_it_is_asked_again(bob, cast, device, clock):
    clock.forward(days=29, hours=23)
    device = cast.bob.sign_in(device=device).device
    clock.forward(hours=2)
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device)


def test_the_trust_goes_with_the_device_when_its_secret_is_renewed(bob, cast, device, clock):
    clock.forward(days=2)
    renewed = cast.bob.sign_in(device=device).device
    assert renewed != device
    assert cast.bob.sign_in(device=renewed)
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device)


def test_it_is_trusted_for_one_person_although_two_sign_in_on_it(bob, cast, device, clock):
    ada = with_app(cast.ada, clock)
    device = ada.sign_in(device=device).device
    with pytest.raises(errors.SecondFactorRequired):
        cast.ada.sign_in(device=device)
    assert cast.bob.sign_in(device=device)


def test_where_the_tenant_says_every_time_it_is_asked_every_time(bob, cast, device, services):
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"trusted_device_days": 0})
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device)
    again = bob.sign_in(device=device, trust=True)
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=again.device)


def test_when_a_sign_in_looks_unusual_it_is_asked_all_the_same(bob, cast, device, services):
    weights = {"new_address": 50}
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"risk_weights": weights})
    for _ in range(3):
        cast.bob.sign_in(device=device)
    with pytest.raises(errors.SecondFactorRequired):
        _from_elsewhere(cast.bob, device)


def _from_elsewhere(person, device):
    attempt = Attempt(email=person.email, password=person.password, wants_tokens=True)
    return person.services.login.with_password(
        person.tenant, attempt, origin=an_origin(device=device, ip="203.0.113.77")
    )


def test_a_code_by_mail_for_an_unusual_sign_in_trusts_nothing(cast, services, letters, owner):
    strict = services.tenant_administration.change_settings(cast.acme, {"risk_medium": 1})
    cast.bob.sign_in()
    cast.bob.tenant = strict
    with pytest.raises(errors.EmailCodeRequired):
        cast.bob.sign_in()
    assert owner.execute(
        "SELECT count(*) FROM known_devices WHERE user_id = %s AND trusted_until IS NOT NULL", [cast.bob.id]
    ).fetchone() == (0,)


def test_trusting_is_written_down(bob, device, cast, happened):
    assert ("device.trusted", "success", None) in happened(cast.acme)
    assert ("device.trusted", "success", None) not in happened(cast.globex)


def test_the_secret_rests_as_a_digest_alone(bob, device, owner):
    rows = owner.execute("SELECT row_to_json(d)::text FROM known_devices d").fetchall()
    assert rows
    assert not any(device in text for (text,) in rows)


def test_ghsa_64w3_fewer_days_count_for_devices_that_are_trusted_already(bob, cast, device, clock, services):
    scope = cast.bob.scope(cast.bob.sign_in(device=device))
    clock.forward(hours=23)
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"trusted_device_days": 1})
    assert cast.bob.sign_in(device=device)
    assert [one.trusted_until - one.trusted_at for one in services.trusted_devices.list(cast.bob.tenant, scope)] == [
        DAY
    ]
    clock.forward(hours=1)
    with pytest.raises(errors.SecondFactorRequired):
        cast.bob.sign_in(device=device)
    assert services.trusted_devices.list(cast.bob.tenant, scope) == []
