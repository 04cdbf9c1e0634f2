"""What is revoked is refused at once, whatever Redis remembers."""

import pytest

from app.auth import errors
from tests.cast import an_origin


def test_logout_refuses_the_token_at_once_by_its_name_and_its_sessions(cast, log_out, active, services):
    signed_in, other = cast.ada.sign_in(), cast.ada.sign_in()
    refreshed = services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin())
    log_out(cast.ada, signed_in)
    assert not active(cast.ada, signed_in)
    assert not services.sessions.introspect(cast.acme, refreshed.access_token).active, "same session, other name"
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    assert active(cast.ada, other)


def test_signing_in_again_in_the_same_second_after_ending_all_works(cast, services, active):
    for _ in range(3):
        before = cast.ada.sign_in()
        services.sessions.end_all(cast.acme, cast.ada.scope(before), current_too=True)
        after = cast.ada.sign_in()
        assert not active(cast.ada, before)
        assert active(cast.ada, after)
        assert cast.ada.scope(after)


def test_ending_all_refuses_every_token_of_the_person_and_nobody_elses(cast, services, active):
    signed_in = [cast.ada.sign_in() for _ in range(3)]
    bobs = cast.bob.sign_in()
    services.sessions.end_all(cast.acme, cast.ada.scope(signed_in[0]), current_too=True)
    assert not any(active(cast.ada, one) for one in signed_in)
    assert active(cast.bob, bobs)


def test_disabling_refuses_every_token_and_enabling_brings_none_back(cast, services, active):
    signed_in = cast.ada.sign_in()
    services.users.disable(cast.acme, email=cast.ada.email)
    assert not active(cast.ada, signed_in)
    services.users.enable(cast.acme, email=cast.ada.email)
    assert not active(cast.ada, signed_in)
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    with pytest.raises(errors.InvalidRefreshToken):
        services.tokens.refresh(cast.acme, signed_in.tokens.refresh_token, origin=an_origin())
    assert active(cast.ada, cast.ada.sign_in())


def test_an_emptied_redis_brings_nothing_back_to_life(cast, log_out, active, services):
    signed_in, other = cast.ada.sign_in(), cast.ada.sign_in()
    log_out(cast.ada, signed_in)
    services.ports.redis.flushall()
    assert not active(cast.ada, signed_in)
    assert active(cast.ada, other)


def test_without_the_marker_redis_is_filled_again_before_it_is_believed(cast, log_out, active, services):
    signed_in = cast.ada.sign_in()
    log_out(cast.ada, signed_in)
    redis = services.ports.redis
    redis.flushdb()
    assert not active(cast.ada, signed_in)
    keys = {key.decode() for key in redis.keys("portico:revoked:*")}
    assert "portico:revoked:complete" in keys
    assert f"portico:revoked:{cast.acme.id}:sid:{signed_in.session_id}" in keys


def test_with_the_marker_redis_is_believed(cast, active, services):
    """It is the fast answer: PostgreSQL is not asked for each token."""
    signed_in = cast.ada.sign_in()
    assert active(cast.ada, signed_in)
    services.ports.redis.set(f"portico:revoked:{cast.acme.id}:sid:{signed_in.session_id}", "1")
    assert not active(cast.ada, signed_in)


def test_every_key_in_redis_ends_with_the_tokens_it_refuses(cast, log_out, services):
    log_out(cast.ada, cast.ada.sign_in())
    redis = services.ports.redis
    lives = [redis.ttl(key) for key in redis.keys(f"portico:revoked:{cast.acme.id}:*")]
    assert len(lives) == 2
    assert all(15 * 60 <= life <= 16 * 60 for life in lives)


def test_a_revocation_at_acme_says_nothing_at_globex(cast, log_out, active):
    mallorys = cast.mallory.sign_in()
    log_out(cast.ada, cast.ada.sign_in())
    assert active(cast.mallory, mallorys)
