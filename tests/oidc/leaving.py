"""Signing out on an application's word, as browsers and applications do it."""

import re
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from tests.oidc.clients import an_application
from tests.oidc.telling import used_by

END_SESSION = "/oauth2/logout"
BACK = "https://notes.example/signed-out"
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]*)">')


@pytest.fixture
def notes(services, cast):
    """An application of Acme's that people come back to."""
    return an_application(services, cast.acme, post_logout_redirect_uris=(BACK, "https://notes.example/out?a=b"))


@pytest.fixture
def ada(services, cast, browse, notes):
    """Ada, signed in in a browser and in Notes: (browser, what she has)."""
    browser = browse(cast.acme)
    return SimpleNamespace(browser=browser, session=used_by(services, cast.ada, notes, browser=browser))


def address(**sent):
    return f"{END_SESSION}?{urlencode(sent)}"


def is_in(browser):
    return browser.get("/account").status_code == 200


def confirmed(browser, page):
    """Press the button of the page that asks."""
    return browser.post(f"{END_SESSION}/confirmation", {"ticket": _TICKET.search(page.text)[1]})


def asks(page):
    return page.status_code == 200 and "Sign out of" in page.text and _TICKET.search(page.text) is not None


def moves_to(page):
    """Where a page goes on to by itself."""
    match = _REFRESH.search(page.text)
    return match[1].replace("&amp;", "&") if match else None
