"""The end: two weeks after leaving nothing personal rests anywhere, and the trail can still be sealed and checked."""

import threading
from dataclasses import replace

import psycopg
import pytest

from app.auth.errors import InvalidCredentials
from app.auth.login import Attempt
from tests.cast import an_origin

NAME, EMAIL, IP = "Quentin Quibble", "Quentin.Quibble@acme.example", "203.0.113.211"
AGENT = "Mozilla/5.0 (Quibbler; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"


@pytest.fixture
def quentin(services, cast, letters, clock):
    """Somebody who has left traces everywhere, and then leaves. The clock stands two weeks later."""
    person = cast.person(cast.acme, EMAIL, role="admin")
    origin = an_origin(ip=IP, agent=AGENT)
    attempt = Attempt(email=EMAIL, password=person.password, wants_tokens=True)
    signed_in = services.login.with_password(cast.acme, attempt, origin=origin)
    scope = services.sessions.by_token(cast.acme, signed_in.tokens.access_token, origin=origin)
    services.profiles.change(scope, name=NAME)
    services.exports.ask(cast.acme, scope)
    letters.deliver()
    with pytest.raises(InvalidCredentials):
        services.login.with_password(cast.acme, replace(attempt, password="wrong"), origin=origin)
    services.farewell.leave(cast.acme, scope, confirmation=EMAIL)
    letters.deliver()
    clock.forward(days=14, minutes=1)
    # What is asked for under the address on the last day, by whomever.
    services.verification.resend(cast.acme, email=EMAIL.upper(), origin=origin)
    services.pending_logins.begin(cast.acme, email=EMAIL, step="password")
    return person


@pytest.fixture
def found(owner):
    """The tables in which a word stands, in any column."""

    def found(word):
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        statement = "SELECT count(*) FROM {} t WHERE strpos(lower(t::text), lower(%s)) > 0"
        return {name for (name,) in tables if owner.execute(statement.format(name), [word]).fetchone()[0]}

    return found


def test_nothing_personal_is_left_in_any_table(cast, quentin, found, owner, sweep):
    owner.execute(
        "UPDATE outbox SET last_error = %s WHERE tenant_id = %s", [f"550 <{EMAIL}>: no such user", cast.acme.id]
    )
    words = (NAME, EMAIL, IP, "Quibbler")
    assert all(found(word) for word in words)
    assert {"sessions", "risk_assessments", "link_requests"} < found(IP)
    assert {"users", "one_time_tokens", "link_requests", "pending_logins", "outbox"} <= found(EMAIL)
    assert not sweep(quentin)
    assert [found(word) for word in (*words, "quibble")] == [set()] * 5


def test_the_id_is_left_in_the_trail_and_among_revocations_alone(quentin, found, sweep):
    assert not sweep(quentin)
    assert {table.partition("_events")[0] for table in found(str(quentin.id))} <= {"audit", "revocations"}


def test_the_trail_keeps_its_rows_and_their_digests(cast, quentin, owner, sweep):
    def rows():
        query = (
            "SELECT id, at, event, outcome, actor_id, subject_id, details::text, encode(personal_digest, 'hex')"
            " FROM audit_events WHERE tenant_id = %s AND (subject_id = %s OR actor_id = %s) ORDER BY at, id"
        )
        return owner.execute(query, [cast.acme.id, quentin.id, quentin.id]).fetchall()

    before = rows()
    assert not sweep(quentin)
    *kept, last = rows()
    assert kept == before
    assert len(kept) > 5
    assert all(row[7] for row in kept)
    assert last[2] == "user.deleted"
    salts = "SELECT count(personal_salt) FROM audit_events WHERE subject_id = %s AND event <> 'user.deleted'"
    assert owner.execute(salts, [quentin.id]).fetchone() == (0,)


def test_nobody_else_loses_anything(cast, quentin, owner, sweep):
    cast.bob.sign_in()

    def others():
        trail = "SELECT count(*) FROM audit_events WHERE ip IS NOT NULL AND subject_id = ANY(%s)"
        people = [[cast.ada.id, cast.bob.id, cast.mallory.id]]
        known = "SELECT count(*) FROM known_devices d JOIN users u ON u.id = d.user_id WHERE u.id = ANY(%s)"
        return owner.execute(trail, people).fetchone(), owner.execute(known, people).fetchone()

    before = others()
    assert not sweep(quentin)
    assert others() == before
    assert before[0][0] > 0


def test_nobody_goes_before_their_time(cast, leave, clock, sweep):
    assert leave(cast.bob) is None
    clock.forward(days=13, hours=23)
    assert sweep(cast.bob)
    clock.forward(hours=2)
    assert not sweep(cast.bob)


def test_the_address_can_be_registered_again(cast, quentin, sweep):
    assert not sweep(quentin)
    again = cast.person(cast.acme, EMAIL)
    assert again.id != quentin.id
    assert again.sign_in().session_id


def test_somebody_who_stays_at_the_last_moment_is_spared(cast, leave, clock, sweep, database_urls):
    """The sweep has chosen them, and waits for their row; the link was followed first."""
    assert leave(cast.bob) is None
    clock.forward(days=15)
    there = []
    with psycopg.connect(database_urls[0]) as other:
        other.execute("UPDATE users SET erase_at = NULL, leaving_at = NULL WHERE id = %s", [cast.bob.id])
        sweeping = threading.Thread(target=lambda: there.append(sweep(cast.bob)))
        sweeping.start()
        sweeping.join(0.5)
        assert sweeping.is_alive()
        other.commit()
        sweeping.join()
    assert there == [True]
    assert cast.bob.sign_in().session_id


def test_what_fails_for_one_does_not_keep_the_others(cast, leave, clock, sweep, owner):
    zoe = cast.person(cast.acme, "zoe@acme.example")
    assert [leave(person) for person in (cast.bob, zoe)] == [None, None]
    clock.forward(days=15)
    owner.execute("CREATE FUNCTION stubborn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
    owner.execute(
        "CREATE TRIGGER stubborn BEFORE DELETE ON users FOR EACH ROW"
        f" WHEN (OLD.id = '{cast.bob.id}') EXECUTE FUNCTION stubborn()"
    )
    try:
        assert not sweep(zoe)
        assert sweep(cast.bob)
    finally:
        owner.execute("DROP FUNCTION stubborn CASCADE")
    assert not sweep(cast.bob)
