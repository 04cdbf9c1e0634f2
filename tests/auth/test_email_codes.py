"""A sign-in that looked unusual owes a code by mail: to the browser or client that began it, once, for ten minutes."""

import pytest

from app.auth import errors
from tests.auth.linking import another, refusal_of
from tests.auth.wary import MEDIUM, Wary, assessments
from tests.cast import an_origin


@pytest.fixture
def wary(services, cast, letters):
    return Wary(services, cast, letters, MEDIUM)


def test_a_new_browser_is_asked_for_a_code_and_has_no_session_until_it_is_right(wary, sessions_of, owner):
    challenge, code = wary.mailed()
    assert sessions_of(wary.zoe) == 1
    signed_in = wary.redeem(challenge, code)
    assert (signed_in.person.id, signed_in.tokens) == (wary.zoe.id, None)
    assert wary.zoe.scope(signed_in).amr == ("pwd", "email")
    newest = assessments(owner, wary.zoe)[0]
    assert (newest["outcome"], newest["session_id"]) == ("allowed_after_code", signed_in.session_id)
    assert len(assessments(owner, wary.zoe)) == 2, "one sign-in is one assessment"


def test_afterwards_the_browser_is_known_and_is_not_asked_again(wary):
    challenge, code = wary.mailed()
    device = wary.redeem(challenge, code).device
    assert wary.attempt(device=device) is None
    assert wary.attempt(device=wary.device) is None
    assert wary.attempt() is errors.EmailCodeRequired


def test_what_was_wished_for_at_the_first_step_counts(wary):
    challenge, code = wary.mailed(remember=True)
    assert wary.redeem(challenge, code).remember
    challenge, code = wary.mailed(tokens=True)
    assert wary.redeem(challenge, code, for_api=True).tokens.access_token


def test_a_wrong_password_is_asked_for_nothing_and_mails_nobody(wary):
    assert wary.attempt(password="wrong") is errors.InvalidCredentials
    assert list(wary.letters.deliver()) == []


def test_five_wrong_codes_are_all(wary, happened, sessions_of):
    challenge, code = wary.mailed()
    for _ in range(5):
        assert refusal_of(wary.redeem, challenge, another(code)) is errors.InvalidCode
    assert refusal_of(wary.redeem, challenge, code) is errors.InvalidCode
    trail = happened(wary.tenant)
    assert trail.count(("login.second_factor_failed", "refused", None)) == 5
    assert trail.count(("login.second_factor_failed", "refused", "locked")) == 1
    assert sessions_of(wary.zoe) == 1


@pytest.mark.parametrize("held", [None, "", "made up"])
def test_the_code_without_its_challenge_is_worth_nothing(wary, held):
    challenge, code = wary.mailed()
    for _ in range(7):
        assert refusal_of(wary.redeem, held, code) is errors.InvalidCode
    assert wary.redeem(challenge, code)


def test_asvs_6_6_2_each_sign_in_has_a_code_of_its_own_and_the_newest_mail_counts(wary):
    """A second unusual sign-in, perhaps a thief's, does not take the first one's code, nor the other way round."""
    first, code = wary.mailed()
    second, newer = wary.mailed()
    assert refusal_of(wary.redeem, second, code) is errors.InvalidCode
    assert refusal_of(wary.redeem, first, newer) is errors.InvalidCode
    assert wary.redeem(second, newer)


def test_sent_again_the_newest_code_alone_works(wary):
    challenge, code = wary.mailed()
    wary.resend(challenge)
    newer = wary.code()
    assert newer == code or refusal_of(wary.redeem, challenge, code) is errors.InvalidCode
    assert wary.redeem(challenge, newer)


@pytest.mark.parametrize("held", [None, "made up", "of a link"])
def test_nothing_is_sent_again_where_nobody_waits(wary, services, held):
    if held == "of a link":
        held = services.magic_links.ask(
            wary.tenant, email=wary.zoe.email, remember=False, for_api=False, origin=an_origin()
        )
    wary.letters.deliver().clear()
    wary.resend(held)
    assert list(wary.letters.deliver()) == []


def test_after_ten_minutes_it_is_over_and_no_code_sent_again_helps(wary, clock):
    challenge, code = wary.mailed()
    clock.forward(minutes=9)
    wary.resend(challenge)
    newer = wary.code()
    clock.forward(minutes=1)
    for one in (code, newer):
        assert refusal_of(wary.redeem, challenge, one) is errors.InvalidCode
    wary.letters.clear()
    wary.resend(challenge)
    assert list(wary.letters.deliver()) == []


def test_a_code_is_good_once(wary, sessions_of):
    challenge, code = wary.mailed()
    wary.redeem(challenge, code)
    assert refusal_of(wary.redeem, challenge, code) is errors.InvalidCode
    assert sessions_of(wary.zoe) == 2


def test_the_mail_says_where_and_whose_without_a_link(wary):
    wary.challenge()
    mail = wary.letters.to(wary.zoe.email)
    assert "Chrome on Linux" in mail.text
    assert "192.0.2.7" in mail.text
    assert "http" not in mail.text
