"""Whether somebody has shown lately, and well enough, that it is them."""

from dataclasses import replace

import pytest

from app.auth.errors import StepUpRequired
from app.errors import Forbidden
from app.ids import uuid7
from tests.auth.apps import with_settings
from tests.auth.holding import Holder
from tests.auth.second_steps import with_app


@pytest.fixture
def scope(cast):
    return cast.bob.scope(cast.bob.sign_in())


@pytest.fixture
def ask(services, cast):
    """What is asked of a caller: (max_age, acr_values), or ``None`` where they pass."""

    def ask(scope, tenant=None, *, second=False):
        freshness = services.freshness
        try:
            (freshness.require_second if second else freshness.require)(tenant or cast.acme, scope)
        except StepUpRequired as refusal:
            return refusal.members["max_age"], refusal.members["acr_values"]
        return None

    return ask


def test_a_sign_in_counts_for_ten_minutes(ask, scope, clock):
    clock.forward(minutes=9, seconds=58)
    assert ask(scope) is None
    clock.forward(seconds=3)
    assert ask(scope) == (600, "1")


def test_a_tenant_says_for_how_long(ask, scope, cast, clock):
    strict = with_settings(cast.acme, step_up_minutes=1)
    assert ask(scope, strict) is None
    clock.forward(minutes=1)
    assert ask(scope, strict) == (60, "1")
    assert ask(scope) is None


@pytest.mark.parametrize("kind", ["totp", "passkey"])
def test_whoever_has_a_second_factor_has_to_have_shown_it(ask, scope, services, cast, clock, kind):
    Holder(services, cast.bob).add() if kind == "passkey" else with_app(cast.bob, clock)
    assert ask(scope) == (600, "2")
    assert ask(replace(scope, acr="2")) is None


def test_an_app_that_was_never_confirmed_asks_for_nothing(ask, scope, services, cast):
    services.totp.begin(cast.acme, user_id=cast.bob.id, email=cast.bob.email)
    assert ask(scope) is None


def test_two_factors_grow_stale_like_one(ask, cast, clock):
    bob = with_app(cast.bob, clock)
    scope = cast.bob.scope(bob.sign_in())
    assert (scope.acr, ask(scope)) == ("2", None)
    clock.forward(minutes=10)
    assert ask(scope) == (600, "2")


def test_a_trusted_device_spares_the_sign_in_and_nothing_else(ask, cast, clock):
    bob = with_app(cast.bob, clock)
    device = bob.sign_in(trust=True).device
    signed_in = cast.bob.sign_in(device=device)
    assert ask(cast.bob.scope(signed_in)) == (600, "2")


def test_what_asks_for_the_password_itself_asks_others_for_no_more(ask, scope, cast, clock):
    clock.forward(days=1)
    assert ask(scope, second=True) is None
    with_app(cast.bob, clock)
    assert ask(replace(scope, auth_time=clock()), second=True) == (600, "2")
    assert ask(replace(scope, acr="2"), second=True) == (600, "2")
    assert ask(replace(scope, acr="2", auth_time=clock()), second=True) is None


@pytest.mark.parametrize("second", [False, True])
def test_whoever_acts_for_another_never_passes(services, cast, scope, second):
    acting = replace(scope, impersonator_id=uuid7(), acr="2")
    freshness = services.freshness
    with pytest.raises(Forbidden):
        (freshness.require_second if second else freshness.require)(cast.acme, acting)
    assert not freshness.holds(cast.acme, acting)


def test_a_session_of_which_nobody_knows_when_it_began_is_stale(ask, scope):
    assert ask(replace(scope, auth_time=None)) == (600, "1")


def test_another_tenants_factors_are_not_asked_for(ask, cast, clock):
    with_app(cast.bob, clock)
    mallory = cast.mallory.scope(cast.mallory.sign_in())
    assert ask(mallory, cast.globex) is None
