"""Leaving: the account is closed at once, by its owner alone, and never the last one who looks after a place."""

import threading
from datetime import timedelta

import pytest

from app.auth.errors import AccountLeaving, InvalidRefreshToken, InvalidToken, LinkExpired, StepUpRequired
from app.errors import InvalidInput
from app.storage import audit
from app.users.farewell import LastOwner
from tests.cast import PASSWORD, an_origin


@pytest.fixture
def times(owner):
    def times(person):
        return owner.execute("SELECT leaving_at, erase_at FROM users WHERE id = %s", [person.id]).fetchone()

    return times


def test_every_session_ends_and_nobody_signs_in(services, cast, leave, times):
    elsewhere = cast.bob.sign_in()
    cookie = cast.bob.sign_in(tokens=False).cookie
    assert leave(cast.bob) is None
    with pytest.raises(InvalidToken):
        cast.bob.scope(elsewhere)
    assert services.sessions.by_cookie(cast.acme, cookie, origin=an_origin()) is None
    assert not services.sessions.introspect(cast.acme, elsewhere.tokens.access_token).active
    with pytest.raises(InvalidRefreshToken):
        services.tokens.refresh(cast.acme, elsewhere.tokens.refresh_token, origin=an_origin())
    with pytest.raises(AccountLeaving):
        cast.bob.sign_in()
    leaving_at, erase_at = times(cast.bob)
    assert erase_at - leaving_at == timedelta(days=14)


def test_only_whoever_types_the_address_leaves(cast, leave, times, scope_of, services):
    with pytest.raises(InvalidInput) as refused:
        services.farewell.leave(cast.acme, scope_of(cast.bob), confirmation="x@acme.example")
    assert refused.value.by_field.keys() == {"confirmation"}
    assert leave(cast.bob, confirmation="") is InvalidInput
    assert leave(cast.bob, confirmation="ada@acme.example") is InvalidInput
    assert times(cast.bob) == (None, None)
    assert leave(cast.bob, confirmation=" BOB@acme.Example ") is None


def test_only_whoever_has_just_shown_that_it_is_them_leaves(cast, leave, times, scope_of, clock):
    scope = scope_of(cast.bob)
    clock.forward(minutes=11)
    assert leave(cast.bob, scope=scope) is StepUpRequired
    assert leave(cast.bob, scope=scope, confirmation="x") is StepUpRequired
    assert times(cast.bob) == (None, None)


def test_nobody_needs_a_password_to_leave(cast, leave, scope_of, owner):
    scope = scope_of(cast.bob)
    owner.execute("UPDATE users SET password_hash = NULL WHERE id = %s", [cast.bob.id])
    assert leave(cast.bob, scope=scope) is None


def test_the_last_owner_stays(cast, leave, times):
    assert leave(cast.ada) is LastOwner
    assert times(cast.ada) == (None, None)
    cast.person(cast.acme, "zoe@acme.example", role="owner")
    assert leave(cast.ada) is None


def test_an_owner_who_is_switched_off_or_leaves_does_not_count(services, cast, leave):
    zoe = cast.person(cast.acme, "zoe@acme.example", role="owner")
    yan = cast.person(cast.acme, "yan@acme.example", role="owner")
    services.users.disable(cast.acme, email=zoe.email)
    assert leave(yan) is None
    assert leave(cast.ada) is LastOwner


def test_an_owner_elsewhere_does_not_count(cast, leave):
    assert leave(cast.mallory) is LastOwner


def test_of_two_owners_who_leave_at_once_one_stays(services, cast, leave, scope_of):
    for number in range(5):
        tenant = cast.found(f"race{number}-{cast.acme.slug}", "Race")
        people = [cast.person(tenant, f"{name}@race.example", role="owner") for name in ("one", "two")]
        scopes, said = [scope_of(person) for person in people], []
        start = threading.Barrier(2)

        def go(person, scope, start=start, said=said):
            start.wait()
            said.append(leave(person, scope=scope))

        threads = [threading.Thread(target=go, args=pair) for pair in zip(people, scopes, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(said) == {None, LastOwner}


def test_open_links_die_but_those_against_a_stranger(cast, leave, letters, owner):
    for purpose in ("password_reset", "magic_link", "not_me", "email_undo"):
        owner.execute(
            "INSERT INTO one_time_tokens (tenant_id, id, user_id, purpose, secret_digest, sent_to, created_at,"
            " expires_at) VALUES (%s, gen_random_uuid(), %s, %s, sha256(%s), '', now(), now() + interval '9 days')",
            [cast.acme.id, cast.bob.id, purpose, f"{cast.bob.id} {purpose}".encode()],
        )
    assert leave(cast.bob) is None
    letters.deliver()
    query = "SELECT purpose FROM one_time_tokens WHERE user_id = %s AND spent_at IS NULL ORDER BY 1"
    assert [row[0] for row in owner.execute(query, [cast.bob.id])] == ["email_undo", "not_me", "undelete"]


def test_twice_is_once(services, cast, leave, scope_of, letters):
    scope = scope_of(cast.bob)
    assert [leave(cast.bob, scope=scope) for _ in range(2)] == [None, None]
    letters.deliver()
    assert len([mail for mail in letters if mail.to == cast.bob.email]) == 1


def test_it_leaves_marks(services, cast, leave):
    leave(cast.bob)
    with services.units.read(cast.acme.id) as db:
        rows = audit.newest(db, tenant_id=cast.acme.id, most=20)
    marks = [(row.event, row.details.get("changed") or row.details.get("reason")) for row in rows if row.subject_id]
    assert ("user.updated", "leaving") in marks
    assert ("session.revoked", "leaving") in marks


def test_a_link_of_another_tenant_or_made_up_shows_nothing(services, cast, leave, letters):
    leave(cast.bob)
    token = letters.token_to(cast.bob.email)
    for tenant, said in ((cast.globex, token), (cast.acme, "made-up"), (cast.acme, token[:-1])):
        with pytest.raises(LinkExpired):
            services.farewell.look(tenant, token=said)
    assert services.farewell.look(cast.acme, token=token).email == cast.bob.email
    assert PASSWORD not in letters.to(cast.bob.email).text
