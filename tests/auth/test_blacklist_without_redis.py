"""Redis killed, emptied, frozen or out of reach, and news between processes that listen or do not."""

import os
import signal
import time

import pytest

from app.scope import Origin
from app.storage import redis as redis_storage
from tests.cast import an_origin


@pytest.fixture
def until():
    def until(condition, *, seconds=5.0):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    return until


def _active(portal, person, signed_in):
    return portal.sessions.introspect(person.tenant, signed_in.tokens.access_token).active


def _log_out(portal, person, signed_in):
    token = signed_in.tokens.access_token
    scope = portal.sessions.by_token(person.tenant, token, origin=an_origin())
    portal.sessions.logout(person.tenant, scope, token=token)


def test_with_redis_killed_the_revoked_stay_refused_and_the_others_get_in(cast, wired, own_redis):
    portal = wired(redis=own_redis.connect())
    revoked, fine = cast.ada.sign_in(), cast.ada.sign_in()
    _log_out(portal, cast.ada, revoked)
    own_redis.kill()
    assert not _active(portal, cast.ada, revoked)
    assert _active(portal, cast.ada, fine)


def test_revoking_works_while_redis_is_away_and_holds_when_it_comes_back_empty(cast, wired, own_redis, until):
    portal = wired(redis=own_redis.connect())
    revoked, fine = cast.ada.sign_in(), cast.ada.sign_in()
    own_redis.kill()
    _log_out(portal, cast.ada, revoked)
    assert not _active(portal, cast.ada, revoked)
    own_redis.revive()
    until(lambda: portal.ports.redis.exists("portico:revoked:complete") or not _active(portal, cast.ada, revoked))
    for _ in range(3):
        assert not _active(portal, cast.ada, revoked)
        assert _active(portal, cast.ada, fine)
        time.sleep(0.5)


def test_a_frozen_redis_makes_nobody_wait_for_long(cast, wired, own_redis):
    portal = wired(redis=own_redis.connect())
    revoked, fine = cast.ada.sign_in(), cast.ada.sign_in()
    _log_out(portal, cast.ada, revoked)
    os.kill(own_redis.server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert not _active(portal, cast.ada, revoked)
        assert _active(portal, cast.ada, fine)
        assert time.monotonic() - began < 3
    finally:
        os.kill(own_redis.server.pid, signal.SIGCONT)


def test_what_redis_has_missed_is_published_by_the_sweep(cast, wired, own_redis, services, owner):
    """The portal that revoked cannot reach Redis; the others can, and still believe it."""
    client = own_redis.connect()
    others = wired(redis=client)
    signed_in = cast.ada.sign_in()
    assert _active(others, cast.ada, signed_in)
    cut_off = wired(redis=redis_storage.connect("redis://127.0.0.1:1/0"))
    _log_out(cut_off, cast.ada, signed_in)
    cut_off.ports.redis.close()
    unpublished = "SELECT count(*) FROM revocations WHERE published_at IS NULL AND tenant_id = %s"
    assert owner.execute(unpublished, [cast.acme.id]).fetchone() == (2,)
    sweep = next(task for task in others.upkeep.tasks() if task.name == "publish revocations")
    sweep.act()
    assert owner.execute(unpublished, [cast.acme.id]).fetchone() == (0,)
    assert not _active(others, cast.ada, signed_in)
    assert client.exists(f"portico:revoked:{cast.acme.id}:sid:{signed_in.session_id}")


def test_a_revocation_in_one_process_bites_in_the_other_within_a_second(cast, listening, until):
    here, there = listening(), listening()
    until(lambda: here.news.fresh and there.news.fresh)
    signed_in = cast.ada.sign_in()
    assert _active(there, cast.ada, signed_in)
    _log_out(here, cast.ada, signed_in)
    until(lambda: not _active(there, cast.ada, signed_in), seconds=1)


def test_also_when_the_other_has_stopped_listening(cast, listening, until):
    here, there = listening(), listening()
    until(lambda: here.news.fresh and there.news.fresh)
    signed_in = cast.ada.sign_in()
    there.news.stop()
    _log_out(here, cast.ada, signed_in)
    until(lambda: not _active(there, cast.ada, signed_in), seconds=1.2)


def test_whoever_begins_to_listen_later_knows_what_was_revoked_before(cast, services, listening, until):
    signed_in = cast.ada.sign_in()
    _log_out(services, cast.ada, signed_in)
    late = listening()
    until(lambda: late.news.fresh)
    assert not _active(late, cast.ada, signed_in)


def test_a_listener_whose_redis_was_killed_asks_postgresql_and_then_listens_again(cast, listening, own_redis, until):
    portal = listening(redis=own_redis.connect())
    until(lambda: portal.news.fresh)
    signed_in, fine = cast.ada.sign_in(), cast.ada.sign_in()
    own_redis.kill()
    _log_out(portal, cast.ada, signed_in)
    assert not _active(portal, cast.ada, signed_in)
    until(lambda: not portal.news.fresh, seconds=3)
    assert not _active(portal, cast.ada, signed_in)
    assert _active(portal, cast.ada, fine)
    own_redis.revive()
    until(lambda: portal.news.fresh, seconds=10)
    assert not _active(portal, cast.ada, signed_in)
    assert _active(portal, cast.ada, fine)


def test_a_suspension_in_one_process_is_known_in_the_other_within_a_second(cast, listening, until):
    here, there = listening(), listening()
    until(lambda: here.news.fresh and there.news.fresh)
    assert not there.tenants.by_header(cast.acme.slug).suspended
    here.tenant_administration.suspend(cast.acme)
    until(lambda: there.tenants.by_header(cast.acme.slug).suspended, seconds=1)


def test_signing_in_and_out_needs_no_redis_at_all(cast, wired, own_redis):
    portal = wired(redis=own_redis.connect())
    own_redis.kill()
    cast.ada.services = portal
    signed_in = cast.ada.sign_in()
    _log_out(portal, cast.ada, signed_in)
    portal.signer.rotate(cast.acme.id, origin=Origin())
    portal.users.disable(cast.acme, email=cast.ada.email)
    assert not _active(portal, cast.ada, signed_in)
