"""What the gate makes of a risky sign-in: nothing, a code by mail, or a stop; and every one is stored."""

import pytest

from app.auth import errors
from tests.auth.linking import Links, refusal_of
from tests.auth.wary import HIGH, MEDIUM, Wary, assessments

PROGRAM = {"risk_weights": {"script_agent": 80}}


@pytest.fixture
def at(services, cast, letters):
    """``at(risk_high=…)``: somebody at a tenant with these settings."""

    def at(**settings):
        return Wary(services, cast, letters, settings)

    return at


def test_at_high_the_right_password_is_stopped_and_the_owner_is_told(at, owner, happened, sessions_of):
    wary = at(**HIGH)
    assert wary.attempt() is errors.SignInBlocked
    assert sessions_of(wary.zoe) == 1
    mail = wary.letters.to(wary.zoe.email)
    assert mail.subject.startswith("We stopped a sign-in")
    assert "Chrome on Linux" in mail.text
    newest = assessments(owner, wary.zoe)[0]
    assert (newest["level"], newest["outcome"], newest["score"], newest["session_id"]) == ("high", "blocked", 80, None)
    assert [factor["name"] for factor in newest["factors"]] == ["new_device"]
    trail = happened(wary.tenant)
    assert ("login.blocked", "refused", "bearable_risk") in trail
    assert ("risk.assessed", "refused") in [row[:2] for row in trail]


def test_a_wrong_password_is_not_assessed_and_tells_nobody(at, owner):
    wary = at(**HIGH)
    assert wary.attempt(password="wrong") is errors.InvalidCredentials
    assert list(wary.letters.deliver()) == []
    assert len(assessments(owner, wary.zoe)) == 1


def test_the_browser_that_is_known_comes_in_whatever_strangers_do(at):
    wary = at(**HIGH)
    for _ in range(3):
        wary.attempt()
    assert wary.attempt(device=wary.device) is None


def test_a_browser_that_the_owner_vouched_for_is_asked_for_a_code_for_an_hour(at, clock):
    wary = at(**PROGRAM)
    assert wary.attempt(agent="") is errors.SignInBlocked
    email, device = wary.allow(wary.allow_link())
    assert email == wary.zoe.email
    assert wary.attempt(agent="") is errors.SignInBlocked, "only that browser"
    assert wary.attempt(agent="", device=device) is errors.EmailCodeRequired
    clock.forward(minutes=59)
    assert wary.attempt(agent="", device=device) is errors.EmailCodeRequired
    clock.forward(minutes=1, seconds=1)
    assert wary.attempt(agent="", device=device) is errors.SignInBlocked


def test_the_link_of_a_stopped_sign_in_is_good_once_for_an_hour_and_starts_no_session(at, clock, sessions_of):
    wary = at(**HIGH)
    wary.attempt()
    token = wary.allow_link()
    for _ in range(3):
        seen = wary.services.reopening.look_stopped(wary.tenant, token=token)
    assert (seen.email, seen.ip) == (wary.zoe.email, "192.0.2.7")
    wary.allow(token)
    assert sessions_of(wary.zoe) == 1
    assert refusal_of(wary.allow, token) is errors.LinkExpired
    wary.attempt()
    late = wary.allow_link()
    clock.forward(hours=1)
    assert refusal_of(wary.allow, late) is errors.LinkExpired


def test_whoever_is_vouched_for_comes_in_with_the_code(at, owner):
    wary = at(**PROGRAM)
    wary.attempt(agent="")
    _, device = wary.allow(wary.allow_link())
    challenge, code = wary.mailed(agent="", device=device)
    assert wary.redeem(challenge, code, agent="", device=device).cookie
    newest = assessments(owner, wary.zoe)[0]
    assert (newest["level"], newest["outcome"]) == ("high", "allowed_after_code")


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_where_it_is_only_watched_or_off_nobody_is_asked_or_stopped(at, owner, mode):
    wary = at(**HIGH, risk_mode=mode)
    assert wary.attempt() is None
    mails = [mail.subject for mail in wary.letters.deliver()]
    assert not [subject for subject in mails if "stopped" in subject]
    newest = assessments(owner, wary.zoe)[0]
    assert (newest["mode"], newest["outcome"], newest["session_id"] is not None) == (mode, "allowed", True)


def test_in_shadow_mode_it_is_stored_what_would_have_been(at, owner):
    wary = at(**HIGH, risk_mode="shadow")
    wary.attempt()
    newest = assessments(owner, wary.zoe)[0]
    assert (newest["level"], newest["score"]) == ("high", 80)


def test_the_levels_are_the_tenants(at, owner):
    cases = (({"risk_medium": 50}, errors.EmailCodeRequired), ({"risk_medium": 51}, None))
    for levels, refusal in (*cases, ({"risk_medium": 50, "risk_high": 50}, errors.SignInBlocked)):
        wary = at(**MEDIUM, **levels)
        assert wary.attempt() is refusal
        assert assessments(owner, wary.zoe)[0]["score"] == 50


def test_every_sign_in_is_stored_with_its_session_and_outcome(at, owner):
    wary = at(**MEDIUM)
    wary.attempt(device=wary.device)
    challenge, code = wary.mailed()
    wary.redeem(challenge, code)
    wary.attempt()
    rows = assessments(owner, wary.zoe)
    assert [row["outcome"] for row in rows] == ["code_required", "allowed_after_code", "allowed", "allowed"]
    assert [row["session_id"] is None for row in rows] == [True, False, False, False]
    assert rows[3]["signals"]["first"] is True


def test_a_mailed_link_at_medium_is_not_asked_for_another_code_and_at_high_is_stopped(at, services, letters, owner):
    for settings, refusal in ((MEDIUM, None), (HIGH, errors.SignInBlocked)):
        wary = at(**settings)
        links = Links(services, wary.tenant, letters)
        challenge, token, _ = links.mailed(wary.zoe)
        assert refusal_of(links.follow, token, challenge) is refusal
        assert assessments(owner, wary.zoe)[0]["outcome"] == ("blocked" if refusal else "allowed")
