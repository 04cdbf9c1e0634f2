"""A token is active exactly as long as it would be honoured (RFC 7662, section 2.2)."""

from dataclasses import replace

import pytest

from app.auth import errors
from app.scope import Origin
from tests.cast import an_origin


def test_a_long_lived_token_stays_revoked_after_the_tenant_shortened_its_tokens(cast, services, clock):
    """It was issued for a day, so it has to be refused for a day."""
    long = services.tenant_administration.change_settings(cast.acme, {"access_token_minutes": 1440})
    cast.ada.tenant = long
    signed_in = cast.ada.sign_in()
    scope = cast.ada.scope(signed_in)
    short = services.tenant_administration.change_settings(long, {"access_token_minutes": 15})
    services.sessions.logout(short, scope, token=signed_in.tokens.access_token)
    clock.forward(hours=1)
    services.ports.redis.flushdb()
    assert not services.sessions.introspect(short, signed_in.tokens.access_token).active


def test_a_token_whose_session_has_run_out_is_not_active(cast, services, clock):
    """RFC 7662, 2.2: active means that it would be honoured; by_token honours it no more."""
    signed_in = cast.ada.sign_in()
    clock.forward(days=6, hours=23, minutes=59)
    late = services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin())
    clock.forward(minutes=2)
    with pytest.raises(errors.InvalidToken):
        services.sessions.by_token(cast.acme, late.access_token, origin=an_origin())
    assert not services.sessions.introspect(cast.acme, late.access_token).active


def test_a_suspended_tenants_tokens_are_refused_and_work_again_after(cast, services, active):
    signed_in = cast.ada.sign_in()
    services.tenant_administration.suspend(cast.acme)
    cast.ada.tenant = replace(cast.acme, suspended=True)
    assert not active(cast.ada, signed_in)
    services.tenant_administration.activate(cast.acme)
    cast.ada.tenant = cast.acme
    assert active(cast.ada, signed_in)


def test_logging_out_works_in_a_process_that_has_not_seen_the_token_before(cast, wired, active):
    signed_in = cast.ada.sign_in()
    elsewhere = wired()
    elsewhere.sessions.logout(cast.acme, cast.ada.scope(signed_in), token=signed_in.tokens.access_token)
    assert not active(cast.ada, signed_in)


def test_logging_out_without_a_token_refuses_it_by_its_session(cast, services, active):
    signed_in = cast.ada.sign_in()
    services.sessions.logout(cast.acme, cast.ada.scope(signed_in))
    assert not active(cast.ada, signed_in)
    services.signer.rotate(cast.acme.id, origin=Origin())
    assert not active(cast.ada, signed_in)
