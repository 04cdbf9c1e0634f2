"""The second step: asked of whoever has a factor, whichever way they come in, and taken once."""

import pytest

from app.auth import errors
from tests.auth.linking import Links
from tests.auth.second_steps import challenge_of, with_app
from tests.cast import PASSWORD, an_origin
from tests.waiting import at_once


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


def test_whoever_has_an_app_is_asked_for_its_code_and_comes_in_with_both(bob, cast):
    signed_in = bob.sign_in()

    scope = cast.bob.scope(signed_in)
    assert scope.acr == "2"
    assert scope.amr == ("pwd", "otp", "mfa")


def test_the_refusal_says_how_to_go_on_and_is_no_session(bob, cast, services):
    with pytest.raises(errors.SecondFactorRequired) as refusal:
        cast.bob.sign_in()

    assert refusal.value.members["methods"] == ["totp"]
    challenge = refusal.value.members["challenge"]
    assert services.sessions.by_cookie(cast.acme, challenge, origin=an_origin()) is None
    with pytest.raises(errors.InvalidToken):
        services.sessions.by_token(cast.acme, challenge, origin=an_origin())
    with pytest.raises(errors.InvalidRefreshToken):
        services.tokens.refresh(cast.acme, challenge, origin=an_origin())


def test_a_link_by_mail_owes_it_too(bob, cast, services, letters):
    links = Links(services, cast.acme, letters)
    kept, token, _ = links.mailed(cast.bob)
    challenge = challenge_of(links.follow, token, kept)

    scope = cast.bob.scope(bob.answer(challenge, bob.code(), for_api=False))

    assert (scope.acr, scope.amr) == ("2", ("email", "otp", "mfa"))


def test_a_wrong_code_leaves_the_sign_in_waiting(bob):
    challenge = bob.first()
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, bob.wrong())
    assert bob.answer(challenge, bob.code())


def test_a_challenge_is_good_for_one_session(bob):
    challenge = bob.first()
    bob.answer(challenge, bob.code())
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, bob.code())


def test_of_twenty_with_one_code_and_challenges_of_their_own_one_gets_in(bob):
    challenges = [bob.first() for _ in range(20)]
    code = bob.code()
    outcomes = at_once(*[lambda one=one: bob.answer(one, code) for one in challenges])
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1


def test_of_twenty_who_answer_one_challenge_one_gets_in(bob):
    challenge, code = bob.first(), bob.code()
    outcomes = at_once(*[lambda: bob.answer(challenge, code)] * 20)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1


def test_a_code_that_was_used_at_one_door_opens_no_other(bob):
    first, second = bob.first(), bob.first()
    code = bob.code()
    bob.answer(first, code)
    with pytest.raises(errors.InvalidCode):
        bob.answer(second, code)


@pytest.mark.parametrize("spelt", [" {} ", "{0:.3} {0:.0}", "wide"])
def test_blanks_and_wide_digits_are_the_same_code(bob, spelt):
    first, second = bob.first(), bob.first()
    code = bob.code()
    wide = code.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    typed = {" {} ": f" {code} ", "wide": wide}.get(spelt, f"{code[:3]} {code[3:]}")
    bob.answer(first, typed)
    with pytest.raises(errors.InvalidCode):
        bob.answer(second, code)


@pytest.mark.parametrize("code", ["", " ", "abcdef", "12345", "1234567", "\uff10" * 4])
def test_what_is_no_code_is_no_guess(bob, cast, owner, code):
    challenge = bob.first()
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, code)
    assert owner.execute("SELECT count(*) FROM code_guesses WHERE user_id = %s", [cast.bob.id]).fetchone() == (0,)


@pytest.mark.parametrize("method", ["", "password", "email_code", "backup_code", "passkey", "nothing"])
def test_a_method_that_is_not_theirs_is_refused(bob, method):
    challenge = bob.first()
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, bob.code(), method=method)


def test_codes_and_challenges_of_two_people_do_not_mix(bob, cast, clock):
    ada = with_app(cast.ada, clock)
    challenge = bob.first()
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, ada.code())
    mallory = with_app(cast.mallory, clock)
    with pytest.raises(errors.InvalidCode):
        mallory.answer(challenge, bob.code())  # at Globex, where there is no such challenge


def test_a_challenge_of_a_page_is_none_of_the_api(bob):
    page, api = bob.first(tokens=False), bob.first(tokens=True)
    with pytest.raises(errors.InvalidCode):
        bob.answer(page, bob.code(), for_api=True)
    with pytest.raises(errors.InvalidCode):
        bob.answer(api, bob.code(), for_api=False)


def test_after_ten_minutes_it_is_too_late(bob, clock):
    challenge = bob.first()
    clock.forward(minutes=10, seconds=1)
    with pytest.raises(errors.InvalidCode):
        bob.answer(challenge, bob.code())


def test_whoever_was_disabled_meanwhile_does_not_get_in(bob, cast, services):
    challenge = bob.first()
    services.users.disable(cast.acme, email=cast.bob.email)
    with pytest.raises(errors.AccountDisabled):
        bob.answer(challenge, bob.code())


def test_a_wrong_password_learns_nothing_of_the_second_step(bob, guess, cast):
    assert guess(cast.acme, cast.bob.email, "wrong wrong wrong") is errors.InvalidCredentials
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.SecondFactorRequired
