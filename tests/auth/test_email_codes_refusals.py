"""A sign-in that waits for its code is over when the account, the password, the lane or the tenant changed since."""

import pytest

from app.auth import errors
from tests.auth.linking import refusal_of
from tests.auth.wary import MEDIUM, Wary
from tests.cast import PASSWORD

NEW = "another set of radishes"


@pytest.fixture
def wary(services, cast, letters):
    return Wary(services, cast, letters, MEDIUM)


def test_another_password_since_then_ends_it(wary, services):
    challenge, code = wary.mailed()
    scope = wary.zoe.scope(wary.zoe.sign_in(device=wary.device))
    services.password_change.change(wary.tenant, scope, password=PASSWORD, new_password=NEW, keep_sessions=True)
    assert refusal_of(wary.redeem, challenge, code) is errors.InvalidCode


def test_a_disabled_person_does_not_get_in_by_a_sign_in_that_began_before(wary, services):
    challenge, code = wary.mailed()
    services.users.disable(wary.tenant, email=wary.zoe.email)
    assert refusal_of(wary.redeem, challenge, code) is errors.AccountDisabled


def test_cve_2026_9798_a_lane_that_was_locked_since_then_refuses_the_code(wary):
    challenge, code = wary.mailed()
    for _ in range(5):
        wary.attempt(password="wrong")
    assert refusal_of(wary.redeem, challenge, code) is errors.InvalidCode


def test_a_suspended_tenant_and_another_one_let_nobody_on(wary, services, cast):
    challenge, code = wary.mailed()
    assert refusal_of(wary.redeem, challenge, code, tenant=cast.globex) is errors.InvalidCode
    services.tenant_administration.suspend(wary.tenant)
    assert refusal_of(wary.redeem, challenge, code) in {errors.TenantSuspended, errors.InvalidCredentials}


@pytest.mark.parametrize("for_api", [False, True])
def test_a_sign_in_goes_on_where_it_began(wary, for_api):
    """Neither is the API a way to take a browser's sign-in over, nor a page one to take a client's."""
    challenge, code = wary.mailed(tokens=for_api)
    assert refusal_of(wary.redeem, challenge, code, for_api=not for_api) is errors.InvalidCode
    assert refusal_of(wary.redeem, challenge, code, for_api=for_api) is None


def test_a_device_that_was_forgotten_is_asked_again(wary, services):
    scope = wary.zoe.scope(wary.zoe.sign_in(device=wary.device))
    services.lock_down.from_inside(wary.tenant, scope)
    assert wary.attempt(device=wary.device) is errors.EmailCodeRequired
