"""The chooser shows and changes nothing but what this browser itself holds."""

import re

import pytest

from app.ids import uuid7
from tests.cast import PASSWORD
from tests.oidc.clients import an_application
from tests.oidc.flowing import a_flow, as_shown, read

PATH = "/login/accounts"
_ROW = re.compile(r'id="account-([0-9a-f-]{36})"')


@pytest.fixture
def browser(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def flow_id(services, cast, browser):
    return a_flow(services, cast.acme, an_application(services, cast.acme), browser)


def rows(browser, flow_id):
    return _ROW.findall(browser.get(f"{PATH}?flow={flow_id}").text)


@pytest.mark.parametrize("flow", ["", "?flow=", "?flow=x", "?flow=01a21000-0000-4000-8000-000000000000"])
def test_without_a_flow_of_this_browser_there_is_nothing(browser, flow):
    assert browser.get(PATH + flow).location == "/account"
    named = flow.partition("=")[2]
    for path in (PATH, f"{PATH}/removal"):
        assert browser.post(path, {"account": str(uuid7()), "flow": named}).location == "/account"
    assert browser.get("/account").status_code == 200


def test_another_browsers_flow_is_none(services, cast, browse, browser, flow_id):
    thief = browse(cast.acme)
    thief.sign_in(cast.ada)
    thief.plant("portico_browser", "x" * 43)
    assert thief.get(f"{PATH}?flow={flow_id}").location == "/account"
    # Signing in within a flow that is another's replaces as ever.
    thief.sign_in(cast.bob, flow=str(flow_id))
    assert thief.cookie("portico_accounts") is None
    assert not read(services, cast.acme, browser, flow_id).chosen


def test_a_session_that_the_browser_does_not_hold_cannot_be_chosen_or_removed(services, cast, browser, flow_id):
    elsewhere = cast.ada.scope(cast.ada.sign_in(tokens=False))
    again = cast.bob.scope(cast.bob.sign_in(tokens=False))
    for session_id in (elsewhere.session_id, again.session_id, uuid7(), "", "x"):
        for path in (PATH, f"{PATH}/removal"):
            answer = browser.post(path, {"account": str(session_id), "flow": str(flow_id)})
            assert answer.location == f"{PATH}?flow={flow_id}"
    assert not read(services, cast.acme, browser, flow_id).chosen
    assert len(services.sessions.list(cast.acme, elsewhere)) == 1
    assert len(services.sessions.list(cast.acme, again)) == 2
    assert as_shown(cast.ada.email) not in browser.get(f"{PATH}?flow={flow_id}").text


@pytest.mark.parametrize(
    "planted", ["", ".", "x" * 43, "....", "ä" * 43, "x" * 3000, ".".join(["A" * 43] * 9), "../../etc", "%00" * 20]
)
def test_garbage_in_the_cookie_is_nobody(browser, flow_id, planted):
    browser.plant("portico_accounts", planted)
    assert len(rows(browser, flow_id)) == 1
    assert browser.get("/logout").status_code == 200


def test_a_secret_of_globex_is_nobody_at_acme(cast, browse, browser, flow_id):
    mallory = browse(cast.globex)
    mallory.sign_in(cast.mallory)
    browser.plant("portico_accounts", mallory.cookie("portico_session"))
    assert len(rows(browser, flow_id)) == 1
    browser.post("/logout")
    assert mallory.get("/account").status_code == 200


def test_a_valid_secret_beside_garbage_counts_once(cast, browse, browser, flow_id):
    other = browse(cast.acme)
    other.sign_in(cast.ada)
    secret = other.cookie("portico_session")
    browser.plant("portico_accounts", f"..{secret}.{'x' * 43}.{secret}")
    assert len(rows(browser, flow_id)) == 2


def test_the_own_session_twice_is_once(browser, flow_id):
    browser.plant("portico_accounts", browser.cookie("portico_session"))
    assert len(rows(browser, flow_id)) == 1


def test_without_the_token_of_the_page_nothing_happens(services, cast, browser, flow_id):
    (bob,) = rows(browser, flow_id)
    for path in (PATH, f"{PATH}/removal"):
        form = {"account": bob, "flow": str(flow_id)}
        assert browser.post(path, form, csrf=False).status_code == 403
        assert browser.post(path, form, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert not read(services, cast.acme, browser, flow_id).chosen
    assert browser.get("/account").status_code == 200


def test_step_up_keeps_the_other_accounts(cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id))
    before = browser.cookie("portico_accounts")
    browser.post("/reauthenticate", {"password": PASSWORD})
    assert browser.cookie("portico_accounts") == before
    assert len(rows(browser, flow_id)) == 2


def test_ending_the_session_on_its_own_page_leaves_the_others_here(cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id))
    ada, bob = rows(browser, flow_id)
    browser.post(f"/account/sessions/{ada}/revocation")
    assert browser.get("/account").location == "/login"
    assert rows(browser, flow_id) == [bob]


def test_the_cookies_are_as_guarded_as_the_sessions(cast, browser, flow_id):
    answer = browser.sign_in(cast.ada, flow=str(flow_id))
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("portico_accounts")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie
