"""A copy of all that we hold on a person: one a day, built by the worker, kept encrypted, theirs alone."""

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from app.auth.errors import StepUpRequired
from app.errors import NotFound, TooManyRequests
from app.storage import audit
from app.users.dossier import SECTIONS


@pytest.fixture
def strict(wired, services):
    """A portal whose limits count as they are written."""
    return wired(settings=services.settings.model_copy(update={"rate_limit_scale": 1.0}))


@pytest.fixture
def build(services, cast, letters):
    """Ask, let the worker work, and fetch: what the file says."""

    def build(scope):
        asked = services.exports.ask(cast.acme, scope)
        letters.deliver()
        return json.loads(services.exports.fetch(cast.acme, scope, asked.id))

    return build


def test_it_is_asked_for_built_and_announced(services, cast, scope_of, letters):
    scope = scope_of(cast.ada)
    asked = services.exports.ask(cast.acme, scope)
    assert (asked.status, asked.expires_at - asked.asked_at) == ("pending", timedelta(days=7))
    with pytest.raises(NotFound):
        services.exports.fetch(cast.acme, scope, asked.id)
    mail = letters.to(cast.ada.email)
    assert f"{cast.acme.origin}/account/data/exports/{asked.id}" in mail.text
    assert [(one.id, one.status) for one in services.exports.list(scope)] == [(asked.id, "ready")]


def test_it_has_a_section_for_everything(services, cast, scope_of, build):
    cast.ada.sign_in()
    found = build(scope_of(cast.ada))
    assert found["about"]["service"] == "Acme"
    assert found["data"].keys() == SECTIONS.keys()
    data = found["data"]
    assert [(one["email"], one["name"]) for one in data["profile"]] == [("ada@acme.example", "Ada")]
    assert [one["name"] for one in data["roles"]] == ["owner"]
    assert [one["ip"] for one in data["sign_ins"]] == ["192.0.2.7", "192.0.2.7"]
    assert len(data["devices"]) == 2
    assert len(data["risk_assessments"]) == 2
    assert {"login.succeeded", "user.registered"} <= {one["event"] for one in data["activity"]}


def test_it_holds_no_secret_and_no_hash(services, cast, scope_of, build, owner, letters):
    signed_in = cast.ada.sign_in()
    text = json.dumps(build(cast.ada.scope(signed_in)))
    hashed = owner.execute("SELECT password_hash FROM users WHERE id = %s", [cast.ada.id]).fetchone()[0]
    digests = owner.execute(
        "SELECT encode(digest, 'hex'), encode(digest, 'base64') FROM known_devices WHERE user_id = %s", [cast.ada.id]
    ).fetchall()
    secrets = [hashed, hashed[-20:], signed_in.tokens.access_token, signed_in.tokens.refresh_token, signed_in.device]
    assert digests
    for secret in [*secrets, *(digest for pair in digests for digest in pair)]:
        assert secret not in text
    for word in ("hash", "digest", "secret", "encrypted", "salt"):
        assert word not in text


def test_at_rest_it_cannot_be_read_nor_moved(services, cast, scope_of, build, owner):
    build(scope_of(cast.ada))
    row = owner.execute(
        "SELECT content_encrypted, id FROM data_exports WHERE tenant_id = %s", [cast.acme.id]
    ).fetchone()
    assert b"ada@acme.example" not in row[0]
    owner.execute(
        "UPDATE data_exports SET user_id = %s, id = %s WHERE id = %s", [cast.bob.id, moved := uuid4(), row[1]]
    )
    with pytest.raises(Exception, match="data_exports"):
        services.exports.fetch(cast.acme, scope_of(cast.bob), moved)


def test_nobody_fetches_or_sees_another_persons(services, cast, scope_of, letters):
    asked = services.exports.ask(cast.acme, scope_of(cast.ada))
    letters.deliver()
    for other in (cast.bob, cast.mallory):
        assert services.exports.list(scope_of(other)) == []
        with pytest.raises(NotFound):
            services.exports.fetch(other.tenant, scope_of(other), asked.id)


def test_only_whoever_has_just_shown_that_it_is_them_asks_and_fetches(services, cast, scope_of, letters, clock):
    scope = scope_of(cast.ada)
    asked = services.exports.ask(cast.acme, scope)
    letters.deliver()
    clock.forward(minutes=11)
    with pytest.raises(StepUpRequired):
        services.exports.ask(cast.acme, scope)
    with pytest.raises(StepUpRequired):
        services.exports.fetch(cast.acme, scope, asked.id)


def test_one_a_day_even_with_redis_away(services, strict, cast, scope_of, clock):
    services.ports.redis.flushdb()
    strict.exports.ask(cast.acme, scope_of(cast.ada))
    with pytest.raises(TooManyRequests) as refused:
        strict.exports.ask(cast.acme, scope_of(cast.ada))
    assert 86_300 < refused.value.retry_after <= 86_401
    strict.exports.ask(cast.acme, scope_of(cast.bob))
    clock.forward(hours=24, seconds=1)
    strict.exports.ask(cast.acme, scope_of(cast.ada))


def test_of_many_who_ask_at_once_one_is_heard(strict, cast, scope_of):
    scope, said = scope_of(cast.ada), []

    def ask():
        try:
            said.append(strict.exports.ask(cast.acme, scope).status)
        except TooManyRequests:
            said.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["pending", *["refused"] * 5]


def test_after_a_week_it_is_gone(services, cast, scope_of, letters, clock, owner):
    asked = services.exports.ask(cast.acme, scope_of(cast.ada))
    letters.deliver()
    clock.forward(days=7, minutes=1)
    with pytest.raises(NotFound):
        services.exports.fetch(cast.acme, scope_of(cast.ada), asked.id)
    services.upkeep.remove_expired()
    assert owner.execute("SELECT count(*) FROM data_exports WHERE id = %s", [asked.id]).fetchone() == (0,)


def test_building_twice_is_building_once(services, cast, scope_of, letters):
    asked = services.exports.ask(cast.acme, scope_of(cast.ada))
    letters.deliver()
    services.drainer._keepers["export.build"](cast.acme.id, {"export_id": str(asked.id)})
    letters.deliver()
    assert len([mail for mail in letters if mail.to == cast.ada.email]) == 1


def test_building_and_fetching_leave_a_mark(services, cast, scope_of, build):
    build(scope_of(cast.ada))
    with services.units.read(cast.acme.id) as db:
        rows = audit.newest(db, tenant_id=cast.acme.id, most=100)
    exported = [(row.details["stage"], row.actor_kind) for row in rows if row.event == "data.exported"]
    assert exported == [("fetched", "user"), ("built", "system")]
