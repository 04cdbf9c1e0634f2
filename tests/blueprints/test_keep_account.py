"""The link in the mail of somebody who has left: looking changes nothing, the button keeps the account."""

import pytest


@pytest.fixture
def link(cast, services, letters):
    scope = cast.bob.scope(cast.bob.sign_in())
    services.farewell.leave(cast.acme, scope, confirmation=cast.bob.email)
    return f"/keep-account?token={letters.token_to(cast.bob.email)}"


def test_the_secret_leaves_the_address_bar_at_once(cast, browse, link):
    browser = browse(cast.acme)
    answer = browser.get(link)
    assert (answer.status_code, answer.location) == (303, "/keep-account")
    page = browser.get("/keep-account")
    assert page.status_code == 200
    assert "bob@acme.example" in page.text
    for response in (answer, page):
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_button_keeps_the_account_and_leads_to_the_door(cast, browse, link):
    browser = browse(cast.acme)
    browser.get(link)
    browser.get("/keep-account")
    answer = browser.post("/keep-account")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert "Your account stays." in browser.get("/login").text
    assert browser.sign_in(cast.bob).location == "/account"
    assert browser.post("/keep-account").status_code == 410


def test_while_nobody_presses_it_nobody_signs_in(cast, browse, link):
    browser = browse(cast.acme)
    browser.get(link)
    browser.get("/keep-account")
    assert browser.sign_in(cast.bob).location != "/account"
    assert browser.get("/account").location == "/login"


@pytest.mark.parametrize("token", ["made-up", "%00", "x" * 500])
def test_a_link_that_is_none_says_so(cast, browse, token):
    browser = browse(cast.acme)
    browser.get(f"/keep-account?token={token}")
    assert browser.get("/keep-account").status_code == 410
    assert browser.post("/keep-account", {"token": "made-up"}).status_code == 410


def test_without_a_link_there_is_nothing(cast, browse):
    assert browse(cast.acme).get("/keep-account").status_code == 410


def test_it_is_good_at_its_own_tenant_alone(cast, browse, link):
    mallory = browse(cast.globex)
    mallory.get(link)
    assert mallory.get("/keep-account").status_code == 410
    assert mallory.post("/keep-account", {"token": link.partition("=")[2]}).status_code == 410
