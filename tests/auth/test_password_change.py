"""Changing one's own password: for whoever knows the current one, and for nobody who only found the session."""

from dataclasses import replace

import pytest

from app.auth import errors
from app.auth.login import Attempt
from app.errors import InvalidInput
from app.storage import users
from tests.auth.steps import NEW, change_password, email_link, is_in, links_to, outcome, refreshes
from tests.auth.test_deadlocks import together
from tests.auth.test_login_races import Meanwhile
from tests.cast import PASSWORD, an_origin

__all__ = ["together"]


@pytest.fixture
def mine(cast):
    """Bob's session, from which he changes it."""
    return cast.bob.sign_in()


def refusal(act, *arguments, **more):
    """(field, code) of what was refused."""
    with pytest.raises(InvalidInput) as refused:
        act(*arguments, **more)
    return refused.value.errors[0].field, refused.value.errors[0].code


def test_the_new_one_opens_and_the_old_one_does_not(cast, mine, guess):
    change_password(cast.bob, mine)
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials
    assert guess(cast.acme, cast.bob.email, NEW) is None


@pytest.mark.parametrize("typed", ["wrong", "", PASSWORD + " ", PASSWORD.upper(), NEW, "x" * 5000])
def test_asvs_6_2_3_without_the_current_one_nothing_changes(cast, mine, guess, typed):
    assert refusal(change_password, cast.bob, mine, password=typed) == ("password", "wrong_password")
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    assert is_in(cast.bob, mine)


def test_somebody_without_a_password_has_none_to_show(cast):
    social = cast.person(cast.acme, "social@acme.example", password=PASSWORD)
    here = social.sign_in()
    with social.services.units.begin(cast.acme.id) as unit:
        now = social.services.ports.clock()
        users.scrub_password(unit.db, tenant_id=cast.acme.id, user_id=social.id, now=now)
    for typed in ("", "None", PASSWORD):
        assert refusal(change_password, social, here, password=typed) == ("password", "wrong_password")


def test_guesses_run_out_in_a_lane_of_its_own_and_locked_reads_like_wrong(cast, mine, guess, letters, clock):
    said = {refusal(change_password, cast.bob, mine, password="wrong") for _ in range(5)}
    said.add(refusal(change_password, cast.bob, mine))
    assert said == {("password", "wrong_password")}, "the sixth was right, and reads the same"
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None, "whoever stole a session shuts nobody out"
    assert guess(cast.acme, cast.ada.email, PASSWORD) is None
    clock.forward(minutes=31)
    again = cast.bob.sign_in()
    change_password(cast.bob, again)


def test_the_lane_is_the_accounts_whatever_session_guesses(cast, mine):
    others = [cast.bob.sign_in() for _ in range(4)]
    for session in (mine, *others):
        assert refusal(change_password, cast.bob, session, password="wrong") == ("password", "wrong_password")
    assert refusal(change_password, cast.bob, others[-1]) == ("password", "wrong_password")
    adas = cast.ada.sign_in()
    change_password(cast.ada, adas)


def test_strangers_at_the_door_close_nothing_in_here(cast, mine, guess):
    for _ in range(5):
        guess(cast.acme, cast.bob.email, "wrong")
    change_password(cast.bob, mine)


def test_all_other_sessions_end_with_their_tokens_and_the_own_one_stays(cast, mine, active):
    client, browser = cast.bob.sign_in(), cast.bob.sign_in(tokens=False, remember=True)
    change_password(cast.bob, mine)
    assert not is_in(cast.bob, client)
    assert not is_in(cast.bob, browser)
    assert not refreshes(cast.bob, client)
    assert not active(cast.bob, client)
    assert is_in(cast.bob, mine)
    assert active(cast.bob, mine)
    assert refreshes(cast.bob, mine)


def test_the_others_stay_where_they_are_asked_to(cast, mine):
    client, browser = cast.bob.sign_in(), cast.bob.sign_in(tokens=False)
    change_password(cast.bob, mine, keep=True)
    assert is_in(cast.bob, client)
    assert is_in(cast.bob, browser)
    assert refreshes(cast.bob, client)


def test_the_owner_is_told_with_a_way_to_undo_it(cast, mine, letters, happened):
    letters.deliver().clear()
    change_password(cast.bob, mine)
    (mail,) = letters.deliver()
    assert (mail.to, mail.subject) == (cast.bob.email, "Your Acme password was changed")
    assert NEW not in mail.text
    assert ("user.password_changed", "success", None) in happened(cast.acme)
    assert ("session.revoked", "success", "password_changed") not in happened(cast.acme), "there was no other"
    token = links_to(letters, cast.bob.email, "/secure-account")[-1]
    cast.bob.services.lock_down.by_link(cast.acme, token=token, origin=an_origin())
    assert not is_in(cast.bob, mine)


def test_nothing_is_told_or_ended_by_a_change_that_was_refused(cast, mine, letters):
    other = cast.bob.sign_in()
    letters.deliver().clear()
    outcome(change_password, cast.bob, mine, new="short")
    outcome(change_password, cast.bob, mine, password="wrong")
    assert list(letters.deliver()) == []
    assert is_in(cast.bob, other)


def test_an_open_link_to_another_address_dies_with_it(cast, mine, letters):
    scope = cast.bob.scope(mine)
    token = email_link(cast.bob, scope, "robert@acme.example", letters)
    change_password(cast.bob, mine)
    assert outcome(cast.bob.services.email_change.confirm, cast.acme, scope, token=token) is errors.LinkExpired


def test_of_two_changes_at_once_one_counts_and_the_other_is_refused(cast, mine, together, guess):
    first, second = together(
        lambda: change_password(cast.bob, mine, new="first of the two 73"),
        lambda: change_password(cast.bob, mine, new="second of the two 73", keep=True),
    )
    assert first is None
    assert isinstance(second, InvalidInput), "what was typed is not the current password any more"
    assert guess(cast.acme, cast.bob.email, "first of the two 73") is None
    assert guess(cast.acme, cast.bob.email, "second of the two 73") is errors.InvalidCredentials


def test_a_sign_in_that_checks_the_old_password_meanwhile_stays_out(cast, mine, wired, hasher):
    portal = wired(hasher=Meanwhile(hasher, lambda: change_password(cast.bob, mine)))
    attempt = Attempt(email=cast.bob.email, password=PASSWORD)
    assert outcome(portal.login.with_password, cast.acme, attempt, origin=an_origin()) is errors.InvalidCredentials


def test_a_session_of_another_tenant_changes_nobodys(cast, guess):
    twin = cast.person(cast.globex, cast.bob.email, password="mallorys own twin 88")
    scope = replace(twin.scope(twin.sign_in()), tenant_id=cast.acme.id)
    change = cast.bob.services.password_change.change
    assert outcome(change, cast.acme, scope, password=PASSWORD, new_password=NEW, keep_sessions=True) is not None
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    assert guess(cast.globex, twin.email, "mallorys own twin 88") is None
