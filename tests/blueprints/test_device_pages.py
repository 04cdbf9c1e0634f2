"""Trusted devices on their page, and saying no to a reset from inside."""

import re

import pytest

from app.ids import uuid7
from tests.auth.factored import add_app, start_reset, trust, trusted
from tests.blueprints.mails import went

PATH = "/account/devices"
_ID = re.compile(r'id="device-([0-9a-f-]{36})"')


@pytest.fixture
def browser(cast, browse):
    """Bob's, signed in, and trusted: its row says so."""
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def ids(browser):
    return lambda: _ID.findall(browser.get(PATH).text)


def test_a_device_is_shown_in_words(cast, browser, ids):
    assert "Ask again" not in browser.get(PATH).text
    trust(cast.bob)
    page = browser.get(PATH)
    assert page.status_code == 200
    for fact in ("Chrome", "Linux", "192.0.2.7", "Ask again"):
        assert fact in page.text
    assert "This device" not in page.text
    assert len(ids()) == 1


def test_the_own_browser_is_named(cast, browser):
    trust(cast.bob, device=browser.cookie("portico_device"))
    assert "This device" in browser.get(PATH).text


def test_one_is_forgotten_and_then_all(cast, browser, ids):
    for _ in range(3):
        trust(cast.bob)
    one, *others = ids()
    assert went(browser.post(f"{PATH}/{one}/removal")) == (303, PATH)
    assert "on that device again" in browser.get(PATH).text
    assert sorted(ids()) == sorted(others)
    assert browser.post(f"{PATH}/{one}/removal").status_code == 404
    assert went(browser.post(f"{PATH}/removal")) == (303, PATH)
    assert ids() == []
    assert trusted(cast.bob) == 0


def test_anothers_is_not_found(services, cast, browser):
    trust(cast.ada)
    theirs = services.trusted_devices.list(cast.acme, cast.ada.scope(cast.ada.sign_in()))[0].id
    for device_id in (theirs, uuid7()):
        assert browser.post(f"{PATH}/{device_id}/removal").status_code == 404
    browser.post(f"{PATH}/removal")
    assert trusted(cast.ada) == 1


def test_without_the_token_of_the_page_nothing_happens(cast, browser):
    trust(cast.bob)
    for path in (f"{PATH}/removal", "/account/second-factor/reset/removal"):
        assert browser.post(path, csrf=False).status_code == 403
        assert browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert trusted(cast.bob) == 1


def test_somebody_signed_in_says_no_to_a_reset(services, cast, browser):
    path = "/account/second-factor/reset/removal"
    assert browser.post(path).status_code == 404
    add_app(cast.bob)
    ada = cast.ada.scope(cast.ada.sign_in())
    start_reset(ada, cast.bob)
    assert went(browser.post(path)) == (303, "/account/second-factor")
    assert services.factor_resets.show(cast.acme, ada, cast.bob.id).reset is None
