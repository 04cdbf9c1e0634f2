"""The code of an unusual sign-in, on the pages."""

import pytest

from tests.auth.apps import Apps
from tests.blueprints.mails import WARY, code_in, is_in, went
from tests.blueprints.test_cookies import cookies_of

PART = {"HX-Request": "true"}


@pytest.fixture
def zoe(cast, browse):
    """Somebody who has signed in once, at a tenant that is wary of new browsers."""
    tenant = cast.found(f"{cast.acme.slug}-w", "Wary", **WARY)
    zoe = cast.person(tenant, "zoe@wary.example")
    zoe.sign_in()
    return zoe


@pytest.fixture
def visitor(zoe, browse, letters):
    """A new browser that has typed the right password."""
    letters.deliver().clear()
    visitor = browse(zoe.tenant)
    assert went(visitor.sign_in(zoe, remember="1")) == (303, "/login/second-factor")
    return visitor


def test_the_code_leads_into_the_account_and_the_wish_to_be_remembered_is_kept(visitor, zoe, letters):
    page = visitor.get("/login/second-factor")
    assert (page.status_code, "z…@wary.example" in page.text, zoe.email in page.text) == (200, True, False)
    assert not is_in(visitor)
    wrong = visitor.post("/login/second-factor", {"code": "12345"})
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
    assert "Enter the code" in visitor.post("/login/second-factor", {"code": ""}).text
    answer = visitor.post("/login/second-factor", {"code": code_in(letters.to(zoe.email))})
    assert went(answer) == (303, "/account")
    assert cookies_of(answer)["portico_session"][1]["max-age"] == str(30 * 86400)
    assert visitor.cookie("portico_pending") is None
    visitor.post("/logout")
    assert went(visitor.sign_in(zoe)) == (303, "/account"), "it is known now"


def test_every_other_way_round_it_is_closed(visitor):
    for path in ("/account", "/account/security", "/account/sessions", "/account/data"):
        assert went(visitor.get(path)) == (303, "/login")
    for path in ("/login/magic-link/approval", "/login/magic-link/code"):
        assert went(visitor.post(path, {"code": "123456"})) == (303, "/login")
    thief_session = visitor.cookie("portico_pending")
    visitor.plant("portico_session", thief_session)
    assert not is_in(visitor)


def test_sent_again_the_newest_code_counts(visitor, zoe, letters):
    first = code_in(letters.to(zoe.email))
    assert went(visitor.post("/login/second-factor/code")) == (303, "/login/second-factor")
    assert "Only the newest one works." in visitor.get("/login/second-factor").text
    part = visitor.post("/login/second-factor/code", headers=PART)
    assert part.text.lstrip().startswith('<div class="resend" id="resend"')
    newest = code_in(letters.to(zoe.email))
    assert first == newest or visitor.post("/login/second-factor", {"code": first}).status_code == 422
    assert went(visitor.post("/login/second-factor", {"code": newest})) == (303, "/account")


def test_where_nothing_is_owed_there_is_no_such_step(zoe, browse, letters):
    browser = browse(zoe.tenant)
    for _ in range(2):
        assert went(browser.get("/login/second-factor")) == (303, "/login")
        for path in ("/login/second-factor", "/login/second-factor/code"):
            assert went(browser.post(path, {"code": "123456"})) == (303, "/login")
        browser.post("/login/magic-link", {"email": zoe.email})


def test_a_code_of_another_browser_is_wrong_here(visitor, zoe, browse, letters):
    code = code_in(letters.to(zoe.email))
    thief = browse(zoe.tenant)
    thief.sign_in(zoe)
    assert thief.post("/login/second-factor", {"code": code}).status_code == 422
    assert visitor.post("/login/second-factor", {"code": code_in(letters.to(zoe.email))}).status_code == 422


def test_a_clients_challenge_is_no_browsers_and_a_browsers_no_clients(visitor, zoe, call, browse, letters):
    code = code_in(letters.to(zoe.email))
    client = call(zoe.tenant)
    body = {"challenge": visitor.cookie("portico_pending"), "method": "email_code", "code": code}
    assert client.post("/auth/second-factor", body).status_code == 401
    challenge = client.login(zoe).json["challenge"]
    browser = browse(zoe.tenant)
    browser.plant("portico_pending", challenge)
    code = code_in(letters.to(zoe.email))
    assert went(browser.post("/login/second-factor", {"code": code})) == (303, "/login")
    assert not is_in(browser)


def test_over_before_it_is_done_it_begins_again(visitor, zoe, letters, clock):
    code = code_in(letters.to(zoe.email))
    clock.forward(minutes=10)
    assert went(visitor.get("/login/second-factor")) == (303, "/login")
    assert went(visitor.post("/login/second-factor", {"code": code})) == (303, "/login")
    assert not is_in(visitor)


def test_a_stopped_sign_in_says_so_and_the_mailed_link_makes_this_browser_one_that_is_asked(cast, browse, letters):
    tenant = cast.found(f"{cast.acme.slug}-h", "Strict", risk_weights={"script_agent": 80})
    max_ = cast.person(tenant, "max@strict.example")
    browser = browse(tenant, HTTP_USER_AGENT="curl/8")
    stopped = browser.sign_in(max_)
    assert (stopped.status_code, "sign_in_blocked" in stopped.text) == (403, True)
    link = next(word for word in letters.to(max_.email).text.split() if "/allow-sign-in?" in word)
    browser.get(link.removeprefix(tenant.origin))
    assert "Was this you?" in browser.get("/allow-sign-in").text
    assert went(browser.post("/allow-sign-in", {"confirm": "1"})) == (303, "/login")
    assert browser.post("/allow-sign-in", {"confirm": "1"}).status_code == 410
    assert not is_in(browser)
    assert went(browser.sign_in(max_)) == (303, "/login/second-factor")
    code = code_in(letters.to(max_.email))
    assert went(browser.post("/login/second-factor", {"code": code})) == (303, "/account")


def test_a_code_that_was_not_mailed_is_not_to_be_mailed_again(services, cast, browse):
    Apps(services).enrol(cast.bob)
    browser = browse(cast.acme)
    assert went(browser.sign_in(cast.bob)) == (303, "/login/second-factor")
    for method, code in (("totp", "123456"), ("backup_code", "AAAAA-AAAAA")):
        refused = browser.post("/login/second-factor", {"method": method, "code": code})
        assert (refused.status_code, "That code does not work." in refused.text) == (422, True)
        assert "new message" not in refused.text
