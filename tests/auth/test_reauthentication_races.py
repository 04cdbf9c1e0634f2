"""Showing that it is you, many at once and across endpoints: every code counts once, every old secret is dead."""

import pytest

from app.auth import errors
from app.auth.showing_again import Shown
from tests.auth.apps import Apps, with_settings
from tests.auth.second_steps import with_app
from tests.auth.showing import Again, without_password
from tests.auth.steps import change_password, outcome
from tests.cast import PASSWORD, an_origin
from tests.waiting import at_once


@pytest.fixture
def bob(cast, clock):
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    again.apped = with_app(cast.bob, clock)
    return again


def refusals(said):
    return [type(one) for one in said if isinstance(one, Exception)]


def test_a_code_of_a_sign_in_does_not_do_here(bob):
    code = bob.apped.code()
    bob.apped.answer(bob.apped.first(), code)
    assert bob.try_to(method="totp", code=code) == (errors.InvalidCode,)


def test_a_code_from_here_does_not_sign_in(bob):
    code = bob.apped.code()
    bob.prove(method="totp", code=code)
    assert outcome(bob.apped.answer, bob.apped.first(), code) is errors.InvalidCode


def test_one_code_here_and_at_the_door_at_once_works_in_one_place(bob):
    challenge, code, scope = bob.apped.first(), bob.apped.code(), bob.scope
    said = at_once(
        lambda: bob.prove(scope=scope, method="totp", code=code),
        lambda: bob.apped.answer(challenge, code),
    )
    assert refusals(said) == [errors.InvalidCode]


def test_one_code_in_two_browsers_at_once_works_in_one(bob, cast):
    other = Again(cast.bob, bob.apped.sign_in(tokens=False))
    code, scopes = bob.apped.code(), {bob: bob.scope, other: other.scope}
    said = at_once(*[lambda a=a: a.prove(scope=scopes[a], method="totp", code=code) for a in scopes for _ in range(3)])
    assert refusals(said) == [errors.InvalidCode] * 5


def test_one_backup_code_many_times_at_once_is_used_once(bob, services):
    (code, *_), scope = Apps(services).make(bob.person), bob.scope
    said = at_once(*[lambda: bob.prove(scope=scope, method="backup_code", code=code)] * 4)
    assert len(refusals(said)) == 3
    assert services.backup_codes.state(bob.tenant, bob.person.id).left == 9


def test_one_cookie_is_renewed_once_however_many_press_at_once(cast):
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    scope, held = again.scope, again.held
    said = at_once(*[lambda: again.prove(scope=scope, held=held)] * 6)
    assert refusals(said) == [errors.InvalidToken] * 5
    (renewed,) = [one for one in said if not isinstance(one, Exception)]
    assert again.scope_of(renewed.cookie)
    assert again.scope_of(held) is None


def test_a_stolen_cookie_is_dead_once_the_owner_has_shown_who_they_are(cast):
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    stolen, scope = again.held, again.scope
    again.prove()
    assert again.scope_of(stolen) is None
    assert outcome(again.prove, held=stolen, scope=scope) is errors.InvalidToken


def test_a_token_from_before_is_no_fresher_for_it(cast, clock, services):
    """A client has got two by refreshing; whoever stole the other gains nothing by the owner's password."""
    again = Again(cast.bob, cast.bob.sign_in())
    refreshed = services.tokens.refresh(cast.acme, again.refresh_token, origin=an_origin())
    with_app(cast.bob, clock)
    clock.forward(minutes=11)
    with_codes = Apps(services).make(cast.bob)
    again.prove(method="backup_code", code=with_codes[0])
    assert again.passes() is None
    other = again.scope_of(refreshed.access_token)
    assert (other.acr, services.freshness.holds(cast.acme, other)) == ("1", False)


def test_tokens_refreshed_afterwards_say_what_was_shown(cast, clock, services):
    again = Again(cast.bob, cast.bob.sign_in())
    clock.forward(minutes=11)
    renewed = again.prove()
    assert renewed.expires_in == 900
    refreshed = services.tokens.refresh(cast.acme, again.refresh_token, origin=an_origin())
    said = services.sessions.introspect(cast.acme, refreshed.access_token).claims
    assert said["auth_time"] == int(again.scope.auth_time.timestamp())
    assert (said["amr"], said["acr"]) == (["pwd"], "1")


def test_a_session_that_was_renewed_still_ends_with_its_own_age(cast, clock, services):
    again = Again(cast.bob, cast.bob.sign_in(tokens=False))
    clock.forward(days=6, hours=23)
    again.prove()
    clock.forward(hours=2)
    assert again.scope is None


def test_nor_does_a_token_of_one_outlive_a_shorter_policy(cast, clock, services):
    """Introspection looks at the age of the session, not of the last proof."""
    again = Again(cast.bob, cast.bob.sign_in(remember=True))
    clock.forward(days=6)
    refreshed = services.tokens.refresh(cast.acme, again.refresh_token, origin=an_origin())
    again.held = refreshed.access_token
    again.prove()
    shorter = with_settings(cast.acme, session_days=1, remember_days=1)
    assert services.sessions.introspect(cast.acme, again.held).active
    assert not services.sessions.introspect(shorter, again.held).active


def test_a_session_that_has_ended_meanwhile_is_not_renewed(bob, services, cast):
    scope = bob.scope
    services.sessions.end_all(cast.acme, cast.bob.scope(bob.apped.sign_in()), current_too=False)
    code = bob.apped.code()
    assert bob.try_to(scope=scope, method="totp", code=code) == (errors.InvalidToken,)
    assert outcome(bob.apped.answer, bob.apped.first(), code) is None, "nothing was used up"


def test_a_mailed_code_is_for_the_session_that_asked_and_the_newest_counts(cast, owner, letters):
    mine, other = (Again(cast.bob, cast.bob.sign_in()) for _ in range(2))
    without_password(owner, cast.bob)
    first = mine.ask_mail(letters)
    assert other.try_to("", code=first) == (errors.InvalidCode,)
    second = mine.ask_mail(letters)
    assert first == second or mine.try_to("", code=first) == (errors.InvalidCode,)
    scope = mine.scope
    said = at_once(*[lambda: mine.prove("", scope=scope, held=mine.held, code=second)] * 3)
    assert len(refusals(said)) == 2


def test_a_new_password_meanwhile_makes_the_old_one_worthless(cast, services):
    mine = cast.bob.sign_in()
    change_password(cast.bob, mine, keep=True)
    shown = Shown(password=PASSWORD)
    scope = cast.bob.scope(mine)
    said = outcome(services.reauthentication.prove, cast.acme, scope, shown, token=mine.tokens.access_token)
    assert said.__name__ == "InvalidInput"
