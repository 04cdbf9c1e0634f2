"""Who may see what a second factor is made of: whoever began it, freshly, and nobody beside."""

import re

import pyotp
import pytest

from app.auth import errors
from tests.auth.apps import Apps
from tests.auth.linking import refusal_of
from tests.auth.second_steps import challenge_of, with_app
from tests.cast import PASSWORD, an_origin

CODES, APP = "/account/backup-codes", "/login/enrolment/app"
SECRET = re.compile(r"secret=([A-Z2-7]{32})")
CODE = re.compile(r"\b[A-Z2-7]{5}-[A-Z2-7]{5}\b")


@pytest.fixture
def required(cast, services):
    """Acme asks for a second factor, and Bob has none."""
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": "required"})
    return cast.bob.tenant


@pytest.fixture
def at_enrolment(required, cast, browse):
    """A new browser of somebody who knows Bob's password."""

    def at_enrolment():
        browser = browse(required)
        assert browser.sign_in(cast.bob).location == "/login/enrolment"
        return browser

    return at_enrolment


def test_whoever_knows_the_password_does_not_see_the_app_that_the_owner_sets_up(at_enrolment):
    owner, thief = at_enrolment(), at_enrolment()
    owner.post(f"{APP}/begin")
    assert SECRET.search(owner.get(APP).text)
    answer = thief.get(APP)
    assert (answer.status_code, answer.location) == (303, "/login/enrolment")
    assert SECRET.search(thief.post(APP, {"code": "123456"}).text) is None


def test_nor_is_the_owner_shown_one_that_the_thief_has_begun(at_enrolment, clock, services, cast):
    """A thief who begins again and again would have theirs scanned."""
    owner, thief = at_enrolment(), at_enrolment()
    owner.post(f"{APP}/begin")
    thief.post(f"{APP}/begin")
    theirs = SECRET.search(thief.get(APP).text)[1]
    answer = owner.get(APP)
    assert (answer.status_code, answer.location) == (303, "/login/enrolment")
    owner.post(APP, {"code": pyotp.TOTP(theirs).at(clock())})
    assert services.totp.list(cast.acme, cast.bob.id) == []


def test_nor_one_that_the_owner_adds_in_the_account(services, cast, required):
    """Within the days of grace one is signed in without; a challenge of the way in is no look into the account."""
    how = {"for_api": True, "origin": an_origin()}
    challenge = challenge_of(cast.bob.sign_in, refusal=errors.SecondFactorEnrolmentRequired)
    begun = services.totp.begin(required, user_id=cast.bob.id, email=cast.bob.email)
    waiting = services.enrolment.waiting(required, challenge, **how)
    assert services.enrolment.shown_app(required, waiting) is None
    code = Apps(services).code(begun)
    assert refusal_of(services.enrolment.confirm_app, required, challenge, code=code, **how) is errors.InvalidCode
    assert services.totp.list(required, cast.bob.id) == []


@pytest.fixture
def with_codes(cast, browse, services, clock):
    """Bob's browser, in which he has just set up an app; his backup codes are still to be saved."""
    stolen = browse(cast.acme)
    stolen.sign_in(cast.bob)
    apped = with_app(cast.bob, clock)
    Apps(services).make(cast.bob)
    return stolen, apped


@pytest.mark.parametrize("path", [CODES, f"{CODES}.txt"])
def test_ghsa_8g9r_a_session_of_one_factor_does_not_read_the_codes_of_the_other(with_codes, path):
    """It would be the password and ten second factors in one hand."""
    stolen, apped = with_codes
    answer = stolen.get(path)
    assert (answer.status_code, answer.location) == (303, "/reauthenticate")
    assert not CODE.findall(answer.text)
    shown = {"password": PASSWORD, "method": "totp", "code": apped.code()}
    assert stolen.post("/reauthenticate", shown).location == path
    assert len(set(CODE.findall(stolen.get(path).text))) == 10


def test_nor_by_way_of_a_box_that_is_not_ticked(with_codes):
    stolen, _ = with_codes
    assert not CODE.findall(stolen.post(f"{CODES}/saved").text)


def test_one_that_grew_stale_does_not_either(with_codes, browse, cast, clock):
    _, apped = with_codes
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    browser.post("/login/second-factor", {"method": "totp", "code": apped.code()})
    assert CODE.findall(browser.get(CODES).text)
    clock.forward(minutes=11)
    assert browser.get(CODES).location == "/reauthenticate"


def test_where_nothing_is_to_be_seen_nothing_is_asked(with_codes, services, cast):
    stolen, _ = with_codes
    services.backup_codes.saved(cast.acme, cast.bob.id)
    assert stolen.get(CODES).status_code == 200


def test_cve_2026_27205_what_shows_secrets_is_kept_nowhere(at_enrolment, clock):
    browser = at_enrolment()
    browser.post(f"{APP}/begin")
    pages = [browser.get(APP)]
    code = pyotp.TOTP(SECRET.search(pages[0].text)[1]).at(clock())
    assert browser.post(APP, {"code": code}).location == CODES
    pages += [browser.get(CODES), browser.get(f"{CODES}.txt")]
    for page in pages:
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert "Cookie" in page.headers["Vary"]
