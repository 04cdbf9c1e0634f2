"""Setting up a second step on the way in, on the pages."""

import re

import pyotp
import pytest

from tests.blueprints.mails import is_in, went
from tests.cast import PASSWORD

PAGE = "/login/enrolment"
WHO = {"email": "zoe@strict.example", "password": PASSWORD}


@pytest.fixture
def arrive(cast, browse):
    """Somebody without a second step signs in where one is asked for; hands over their browser."""

    def arrive(**settings):
        tenant = cast.found(f"{cast.acme.slug}-r", "Strict", second_factor="required", **settings)
        browser = browse(tenant)
        assert went(browser.sign_in(cast.person(tenant, WHO["email"]))) == (303, PAGE)
        return browser

    return arrive


def set_up(browser):
    """Zoe has an app now."""
    browser.post(f"{PAGE}/app/begin")
    secret = re.search(r"secret=([A-Z2-7]{32})", browser.get(f"{PAGE}/app").text)[1]
    return browser.post(f"{PAGE}/app", {"code": pyotp.TOTP(secret).now()})


def test_it_can_be_put_off_day_by_day_until_it_cannot(arrive, clock):
    browser = arrive(second_factor_grace_days=2)
    for said in ("2 days left", "last day"):
        assert said in browser.get(PAGE).text
        assert went(browser.post(f"{PAGE}/skip")) == (303, "/account")
        browser.post("/logout")
        clock.forward(hours=25)
        assert went(browser.post("/login", WHO)) == (303, PAGE)
    assert "Skip for now" not in browser.get(PAGE).text
    assert not is_in(browser)


def test_where_it_cannot_be_put_off_nothing_else_is_open(arrive):
    browser = arrive()
    assert "Skip for now" not in browser.get(PAGE).text
    assert went(browser.post(f"{PAGE}/skip")) == (303, PAGE)
    assert went(browser.get("/account")) == (303, "/login")
    assert went(browser.get("/login/second-factor")) == (303, PAGE)


def test_an_app_leads_to_the_backup_codes_and_on(arrive):
    browser = arrive()
    assert went(browser.get(f"{PAGE}/app")) == (303, PAGE), "not before it is begun"
    browser.post(f"{PAGE}/app/begin")
    for code, said in (("", "Enter the code that your app shows."), ("no", "That code does not work.")):
        refused = browser.post(f"{PAGE}/app", {"code": code})
        assert (refused.status_code, said in refused.text) == (422, True)
    assert went(set_up(browser)) == (303, "/account/backup-codes")
    assert 'id="codes"' in browser.get("/account/backup-codes").text
    assert went(browser.post("/account/backup-codes/saved", {"saved": "on"})) == (303, "/account")


def test_the_only_one_stays_where_one_is_asked_for_and_the_page_says_what_to_do(arrive):
    browser = arrive()
    set_up(browser)
    removal = re.search(r"/account/second-factor/app/[0-9a-f-]+/removal", browser.get("/account/second-factor").text)[0]
    page = browser.get(removal).text
    assert "Set up another one first" in page
    assert f'action="{removal}"' not in page
    assert browser.post(removal).status_code == 409
