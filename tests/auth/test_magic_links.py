"""Signing in with a mailed link: where it was asked for, once, while it is good; nothing of it rests anywhere."""

import pytest

from app.auth import errors
from app.errors import InvalidInput, NotFound
from tests.auth.linking import UNKNOWN, Links, found, refusal_of
from tests.cast import PASSWORD


def test_the_link_signs_in_the_browser_that_asked(links, cast, happened, sessions_of):
    challenge, token, _ = links.mailed(cast.ada)
    signed_in = links.follow(token, challenge)
    assert (signed_in.person.id, signed_in.tokens, signed_in.remember) == (cast.ada.id, None, False)
    scope = cast.ada.scope(signed_in)
    assert (scope.amr, scope.acr) == (("email",), "1")
    assert sessions_of(cast.ada) == 1
    trail = [row[:2] for row in happened(cast.acme)]
    for event in ("magic_link.sent", "magic_link.used", "login.succeeded", "session.created"):
        assert (event, "success") in trail


@pytest.mark.parametrize("token", ["", "never issued", "x" * 5000, "\u00e9\x00", "' OR 1=1 --"])
def test_an_unknown_link_is_expired(links, cast, token):
    challenge, _, _ = links.mailed(cast.ada)
    assert refusal_of(links.follow, token, challenge) is errors.LinkExpired
    assert refusal_of(links.look, token, challenge) is errors.LinkExpired
    assert refusal_of(links.approve, token, "47") is errors.LinkExpired


def test_a_link_lives_as_long_as_the_tenant_says(links, cast, clock, services, letters):
    challenge, token, _ = links.mailed(cast.ada)
    clock.forward(minutes=14, seconds=50)
    assert links.look(token, challenge).same_browser
    clock.forward(seconds=10)
    assert refusal_of(links.follow, token, challenge) is errors.LinkExpired
    brief = found(cast, magic_link_minutes=1)
    theirs = Links(services, brief.tenant, letters)
    challenge, token, _ = theirs.mailed(brief)
    clock.forward(seconds=60)
    assert refusal_of(theirs.follow, token, challenge) is errors.LinkExpired


def test_a_mail_that_was_late_makes_no_link_live_longer(links, cast, clock, letters):
    """It counts from when it was asked for; what is too late is not sent at all."""
    challenge = links.ask(cast.ada.email)
    clock.forward(minutes=14)
    token = letters.token_to(cast.ada.email)
    clock.forward(minutes=1)
    assert refusal_of(links.follow, token, challenge) is errors.LinkExpired
    links.ask(cast.bob.email)
    clock.forward(minutes=15)
    letters.clear()
    assert list(letters.deliver()) == []


def test_a_link_is_good_once(links, cast, sessions_of):
    challenge, token, code = links.mailed(cast.ada)
    links.follow(token, challenge)
    for again in (links.follow, links.look):
        assert refusal_of(again, token, challenge) is errors.LinkExpired
    assert refusal_of(links.type, code, challenge) is errors.InvalidCode
    assert refusal_of(links.approve, token, links.number(challenge)) is errors.LinkExpired
    assert links.wait(challenge) is None
    assert sessions_of(cast.ada) == 1


def test_only_the_newest_link_works_whoever_asked_for_it(links, cast):
    old = links.mailed(cast.ada)
    new = links.mailed(cast.ada)
    assert refusal_of(links.follow, old[1], old[0]) is errors.LinkExpired
    assert refusal_of(links.follow, new[1], old[0]) is errors.LinkExpired
    assert refusal_of(links.follow, new[1], new[0]) is None


@pytest.mark.parametrize("challenge", [None, "", "made up", "x" * 300])
def test_another_browser_is_not_signed_in_and_the_link_stays_good(links, cast, challenge, sessions_of):
    mine, token, _ = links.mailed(cast.ada)
    assert refusal_of(links.follow, token, challenge) is errors.LinkExpired
    assert sessions_of(cast.ada) == 0
    assert refusal_of(links.follow, token, mine) is None


def test_a_link_asked_for_on_a_page_is_no_good_at_the_api_and_the_other_way_round(links, cast):
    for for_api in (False, True):
        challenge, token, code = links.mailed(cast.ada, for_api=for_api)
        assert refusal_of(links.follow, token, challenge, for_api=not for_api) is errors.LinkExpired
        assert refusal_of(links.type, code, challenge, for_api=not for_api) is errors.InvalidCode
        signed_in = links.follow(token, challenge, for_api=for_api)
        assert (signed_in.tokens is not None, signed_in.cookie is not None) == (for_api, not for_api)


def test_a_link_of_acme_opens_nothing_at_globex(links, cast):
    challenge, token, code = links.mailed(cast.ada)
    assert refusal_of(links.follow, token, challenge, tenant=cast.globex) is errors.LinkExpired
    assert refusal_of(links.type, code, challenge, tenant=cast.globex) is errors.InvalidCode
    assert refusal_of(links.approve, token, links.number(challenge), tenant=cast.globex) is errors.LinkExpired
    links.approve(token, links.number(challenge))
    assert links.wait(challenge, tenant=cast.globex) is None


def test_who_wished_to_be_remembered_is(links, cast):
    challenge, token, _ = links.mailed(cast.ada, remember=True)
    assert links.follow(token, challenge).remember


def test_where_links_are_switched_off_there_is_nothing_however_far_one_got(links, cast, services, letters, wired):
    challenge, token, code = links.mailed(cast.ada)
    waiting = links.ask(cast.bob.email)
    without = services.tenant_administration.change_settings(cast.acme, {"methods": ["password"]})
    letters.clear()
    letters.drain = wired().drainer.drain  # it has heard of the change, as every process does
    assert list(letters.deliver()) == []
    off = Links(services, without, letters)
    assert refusal_of(off.ask, cast.ada.email) is NotFound
    for act in (off.look, off.follow):
        assert refusal_of(act, token, challenge) is NotFound
    assert refusal_of(off.type, code, challenge) is NotFound
    assert refusal_of(off.approve, token, links.number(challenge)) is NotFound
    assert refusal_of(off.wait, waiting) is NotFound


def test_what_cannot_be_an_address_is_refused_before_anything_is_written(links, cast, owner):
    for email in ("", "ada", "a@x.example,b@y.example", "ada\uff20acme.example"):
        assert refusal_of(links.ask, email) is InvalidInput
    rows = owner.execute("SELECT count(*) FROM link_requests WHERE tenant_id = %s", [cast.acme.id])
    assert rows.fetchone() == (0,)


def test_nothing_that_lets_somebody_in_rests_anywhere(links, cast, owner):
    challenge, token, code = links.mailed(cast.ada)
    links.ask(UNKNOWN)
    tables = ("one_time_tokens", "link_requests", "pending_logins", "outbox", "audit_events")
    rest = "\n".join(
        row
        for table in tables
        for (row,) in owner.execute(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", [cast.acme.id]).fetchall()
    )
    for secret in (challenge, token):
        assert secret not in rest
    stored = owner.execute("SELECT code_digest FROM one_time_tokens WHERE tenant_id = %s", [cast.acme.id]).fetchone()[0]
    assert len(stored) == 32
    assert code.encode() not in stored


def test_the_password_is_still_a_way_in_beside_a_link_that_was_asked_for(links, cast, guess):
    links.mailed(cast.ada)
    assert guess(cast.acme, cast.ada.email, PASSWORD) is None
