"""Several accounts in one browser: kept on the way to an application, chosen among, removed, signed out together."""

import re

import pytest

from tests.oidc.clients import an_application
from tests.oidc.flowing import a_flow, as_shown, on, read

PATH = "/login/accounts"
_ROW = re.compile(r'id="account-([0-9a-f-]{36})"')


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def browser(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def flow_id(services, cast, notes, browser):
    return a_flow(services, cast.acme, notes, browser)


@pytest.fixture
def live(owner):
    """How many sessions somebody has."""

    def live(person):
        asked = "SELECT count(*) FROM sessions WHERE user_id = %s AND revoked_at IS NULL"
        return owner.execute(asked, [person.id]).fetchone()[0]

    return live


def chooser(browser, flow_id):
    return browser.get(f"{PATH}?flow={flow_id}")


def rows(browser, flow_id):
    return _ROW.findall(chooser(browser, flow_id).text)


def in_use(browser):
    return re.search(r'id="person-name"[^>]*>([^<]+)<', browser.get("/account").text)[1]


def choose(browser, flow_id, account, path=PATH):
    return browser.post(path, {"account": account, "flow": str(flow_id)})


def test_on_the_way_to_an_application_the_former_account_is_kept(cast, browser, flow_id):
    assert browser.sign_in(cast.ada, flow=str(flow_id)).location == on(flow_id)
    page = chooser(browser, flow_id)
    assert page.status_code == 200
    for person in (cast.ada, cast.bob):
        assert as_shown(person.email) in page.text
    assert "Signed in <time" in page.text
    assert f"/login?flow={flow_id}" in page.text
    assert in_use(browser) == "Ada"


def test_without_an_application_it_is_replaced_as_ever(cast, browser, live):
    browser.sign_in(cast.ada)
    assert browser.cookie("portico_accounts") is None
    assert live(cast.bob) == 0


def test_the_same_person_again_is_there_once(cast, browser, flow_id, live):
    browser.sign_in(cast.ada, flow=str(flow_id))
    browser.sign_in(cast.bob, flow=str(flow_id))
    assert len(rows(browser, flow_id)) == 2
    assert in_use(browser) == "Bob"
    assert live(cast.bob) == 1
    browser.sign_in(cast.bob, flow=str(flow_id))
    assert len(rows(browser, flow_id)) == 2
    assert live(cast.bob) == 1


def test_choosing_switches_and_goes_on(services, cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id))
    token = browser.csrf()
    ada, bob = rows(browser, flow_id)
    answer = choose(browser, flow_id, bob)
    assert (answer.status_code, answer.location) == (303, on(flow_id))
    assert read(services, cast.acme, browser, flow_id).chosen
    assert in_use(browser) == "Bob"
    assert rows(browser, flow_id) == [bob, ada]
    # A form that was open for the other account does nothing for this one.
    assert browser.post("/account/profile", {"name": "Eve", "csrf_token": token}).status_code == 403


def test_the_account_in_use_can_be_chosen_too(services, cast, browser, flow_id):
    secret = browser.cookie("portico_session")
    assert choose(browser, flow_id, rows(browser, flow_id)[0]).location == on(flow_id)
    assert read(services, cast.acme, browser, flow_id).chosen
    assert browser.cookie("portico_session") == secret


def test_at_most_five_are_here_and_the_oldest_goes(cast, browser, flow_id, live):
    for number in range(5):
        browser.sign_in(cast.person(cast.acme, f"p{number}@acme.example"), flow=str(flow_id))
    assert len(rows(browser, flow_id)) == 5
    assert as_shown(cast.bob.email) not in chooser(browser, flow_id).text
    assert live(cast.bob) == 0
    assert len(browser.cookie("portico_accounts")) == 4 * 43 + 3


def test_removing_one_signs_it_out_here(cast, browser, flow_id, live):
    browser.sign_in(cast.ada, flow=str(flow_id))
    ada, bob = rows(browser, flow_id)
    answer = choose(browser, flow_id, bob, f"{PATH}/removal")
    assert answer.location == f"{PATH}?flow={flow_id}"
    assert rows(browser, flow_id) == [ada]
    assert live(cast.bob) == 0
    assert browser.cookie("portico_accounts") is None
    choose(browser, flow_id, ada, f"{PATH}/removal")
    assert chooser(browser, flow_id).location == f"/login?flow={flow_id}"
    assert browser.cookie("portico_session") is None


def test_removing_the_one_in_use_leaves_the_others(cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id))
    ada, bob = rows(browser, flow_id)
    choose(browser, flow_id, ada, f"{PATH}/removal")
    assert browser.get("/account").location == "/login"
    assert rows(browser, flow_id) == [bob]
    choose(browser, flow_id, bob)
    assert in_use(browser) == "Bob"


def test_signing_out_ends_them_all_and_says_so(cast, browser, flow_id, live):
    assert "accounts" not in browser.get("/logout").text.partition("<form")[0].partition("<main")[2]
    browser.sign_in(cast.ada, flow=str(flow_id))
    assert "with both of your accounts" in browser.get("/logout").text
    answer = browser.post("/logout", follow_redirects=True)
    assert "signed out of all your accounts here" in answer.text
    assert (browser.cookie("portico_session"), browser.cookie("portico_accounts")) == (None, None)
    assert (live(cast.ada), live(cast.bob)) == (0, 0)


def test_a_session_that_ended_elsewhere_is_not_shown(services, cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id))
    services.sessions.end_all(cast.acme, cast.bob.scope(cast.bob.sign_in(tokens=False)), current_too=True)
    assert len(rows(browser, flow_id)) == 1
    assert as_shown(cast.bob.email) not in chooser(browser, flow_id).text


def test_what_was_to_be_remembered_stays_remembered(services, cast, browser, flow_id):
    browser.sign_in(cast.ada, flow=str(flow_id), remember="1")
    ada, bob = rows(browser, flow_id)
    cookies = [c for c in choose(browser, flow_id, bob).headers.getlist("Set-Cookie") if "portico_session" in c]
    assert "Max-Age" not in cookies[0]
    cookies = [c for c in choose(browser, flow_id, ada).headers.getlist("Set-Cookie") if "portico_session" in c]
    assert "Max-Age=25" in cookies[0]
