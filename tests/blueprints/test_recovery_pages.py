"""A forgotten password, as pages: from the door to the mail, to a new password, to the door."""

import pytest

from tests.auth.steps import NEW, links_to
from tests.blueprints.mails import is_in, open_link, went
from tests.cast import PASSWORD

HTMX = {"HX-Request": "true"}
FORGOT, RESET = "/forgot-password", "/reset-password"


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def token(cast, browser, letters):
    """Bob has asked, and has the mail."""
    browser.post(FORGOT, {"email": cast.bob.email})
    return links_to(letters, cast.bob.email, RESET)[-1]


def test_the_whole_way(cast, browser, letters):
    assert 'href="/forgot-password"' in browser.post("/login", {"email": cast.bob.email}, follow_redirects=True).text
    assert cast.bob.email in browser.get(FORGOT).text, "nobody types their address twice"
    assert went(browser.post(FORGOT, {"email": cast.bob.email})) == (303, "/forgot-password/sent")
    assert cast.bob.email in browser.get("/forgot-password/sent").text
    page = open_link(browser, links_to(letters, cast.bob.email, RESET)[-1], RESET)
    assert page.status_code == 200
    assert cast.bob.email in page.text
    assert went(browser.post(RESET, {"new_password": NEW})) == (303, "/login/password")
    assert "signed out everywhere" in browser.get("/login/password").text
    assert not is_in(browser)
    assert went(browser.post("/login/password", {"password": NEW})) == (303, "/account")


def test_the_secret_leaves_the_address_bar_and_is_kept_by_nobody(browser, token):
    opened = browser.get(f"{RESET}?token={token}")
    page = browser.get(RESET)
    assert went(opened) == (303, RESET)
    for answer in (opened, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    assert browser.cookie("portico_link") == token
    assert browser.post(RESET, {"new_password": NEW}).status_code == 303
    assert not browser.cookie("portico_link")


def test_opening_it_in_any_way_uses_nothing_up(browser, token):
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        assert browser.open(method, f"{RESET}?token={token}").status_code in {200, 303}
    assert open_link(browser, token, RESET).status_code == 200
    assert browser.post(RESET, {"new_password": NEW}).status_code == 303


def test_it_works_in_another_browser_than_asked(cast, browse, token):
    other = browse(cast.acme)
    open_link(other, token, RESET)
    assert went(other.post(RESET, {"new_password": NEW})) == (303, "/login/password")


@pytest.mark.parametrize("password", ["", "short", "bob@acme.example1", PASSWORD])
def test_what_is_refused_is_said_beside_the_field_and_never_shown_again(cast, browser, token, password):
    open_link(browser, token, RESET)
    answer = browser.post(RESET, {"new_password": password})
    assert answer.status_code == 422
    assert 'id="new_password-error"' in answer.text
    assert not password or password not in answer.text
    assert browser.post(RESET, {"new_password": NEW, "token": token}).status_code == 303


@pytest.mark.parametrize("email", ["", "x", "a@x.example,b@x.example"])
def test_what_is_no_address_is_said_beside_the_field(browser, email):
    answer = browser.post(FORGOT, {"email": email})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


def test_cve_2023_7028_two_addresses_get_no_mail(cast, browser, letters):
    fields = f"csrf_token={browser.csrf()}&email={cast.bob.email}&email=eve@x.example"
    answer = browser.open("POST", FORGOT, data=fields, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert list(letters.deliver()) == []


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host"])
def test_cve_2023_49097_the_link_is_the_tenants_own_whatever_headers_say(cast, browser, letters, header):
    said = {"Forwarded": "host=evil.example"}.get(header, "evil.example")
    if header != "Host":
        browser.post(FORGOT, {"email": cast.bob.email}, headers={header: said})
        assert f"{cast.acme.origin}{RESET}?token=" in letters.to(cast.bob.email).text
        assert "evil.example" not in letters.to(cast.bob.email).text
    else:
        assert browser.get(FORGOT, headers={"Host": said}).status_code == 404


def test_whoever_is_signed_in_in_that_browser_is_out_afterwards(cast, browser, browse, token):
    phone = browse(cast.acme)
    for one in (browser, phone):
        one.sign_in(cast.bob)
    open_link(browser, token, RESET)
    browser.post(RESET, {"new_password": NEW})
    assert not is_in(browser)
    assert not is_in(phone)


@pytest.mark.parametrize("how", ["used", "made up", "none", "of another tenant"])
def test_a_link_that_is_none_says_so_on_reading_and_on_sending(cast, browse, browser, token, how):
    if how == "used":
        browser.post(RESET, {"new_password": NEW, "token": token})
    other = browse(cast.globex if how == "of another tenant" else cast.acme)
    if how != "none":
        other.get(f"{RESET}?token={'made-up' if how == 'made up' else token}")
    page, sent = other.get(RESET), other.post(RESET, {"new_password": "another long sentence 9"})
    assert (page.status_code, sent.status_code) == (410, 410)
    assert "expired" in page.text


def test_the_forms_own_link_counts_where_another_tab_has_opened_another(cast, browser, token, letters):
    browser.post(FORGOT, {"email": cast.ada.email})
    open_link(browser, links_to(letters, cast.ada.email, RESET)[-1], RESET)
    browser.post(RESET, {"new_password": NEW, "token": token})
    assert browser.sign_in(cast.bob, password=NEW).location == "/account"
    browser.post("/logout")
    assert browser.sign_in(cast.ada).location == "/account"


def test_asking_again_says_so_with_and_without_javascript(cast, browser):
    browser.post(FORGOT, {"email": cast.bob.email})
    part = browser.post(FORGOT, {"email": cast.bob.email}, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "sent the message again" in part.text
    browser.post(FORGOT)
    assert "sent the message again" in browser.get("/forgot-password/sent").text


def test_without_having_asked_there_is_nothing_to_wait_for(browser):
    assert went(browser.get("/forgot-password/sent")) == (303, FORGOT)


def test_without_a_token_of_the_page_or_from_another_site_nothing_happens(cast, browser, token, letters):
    letters.clear()
    for path, fields in ((FORGOT, {"email": cast.bob.email}), (RESET, {"new_password": NEW, "token": token})):
        assert browser.post(path, fields, csrf=False).status_code == 403
        assert browser.post(path, fields, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert list(letters.deliver()) == []
    assert browser.sign_in(cast.bob).location == "/account"
