"""What surrounds signing in by mail on the pages: cookies, headers, forms, limits, and what comes twice."""

import pytest

from tests.blueprints.mails import code_in, is_in, open_link, went
from tests.blueprints.test_cookies import cookies_of


@pytest.fixture
def asked(cast, browse, letters):
    """``asked()``: a browser that waits, and the link's secret."""

    def asked(**more):
        browser = browse(cast.acme, **more)
        browser.post("/login/magic-link", {"email": cast.ada.email})
        return browser, letters.token_to(cast.ada.email)

    return asked


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_cookie_is_closed_on_every_step(cast, browse, letters, portal, scheme):
    on = {"on": portal(base_url="https://portal.test")} if scheme == "https" else {}
    browser = browse(cast.acme.origin.replace("http:", f"{scheme}:"), **on)
    answers = [browser.post("/login/magic-link", {"email": cast.ada.email})]
    token = letters.token_to(cast.ada.email)
    answers += [browser.get(f"/magic-link?token={token}"), browser.post("/magic-link")]
    seen = set()
    for answer in answers:
        for name, (value, attributes, _) in cookies_of(answer).items():
            assert name.startswith("__Host-") == (scheme == "https")
            seen.add(name.removeprefix("__Host-"))
            assert "httponly" in attributes
            assert (attributes["samesite"], attributes["path"]) == ("Lax", "/")
            assert "domain" not in attributes
            assert ("secure" in attributes) == (scheme == "https")
            assert value == "" or len(value) >= 43 or name.endswith("csrf")
    assert seen >= {"portico_pending", "portico_link", "portico_session", "portico_device"}


def test_what_the_browser_keeps_while_it_waits_ends_with_it_and_is_in_no_page(asked):
    browser, token = asked()
    secrets = {browser.cookie("portico_pending"), token}
    for path in ("/login/magic-link", "/login", "/login/password"):
        answer = browser.get(path)
        assert not [secret for secret in secrets if secret in answer.text + str(answer.headers)]


def test_the_secret_leaves_the_address_at_once_and_no_page_hands_it_on(asked):
    browser, token = asked()
    opened = browser.get(f"/magic-link?token={token}")
    page = browser.get("/magic-link")
    for answer in (opened, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
    assert token not in opened.location
    assert page.text.count(token) == 1


@pytest.mark.parametrize(
    "token", ["a%0d%0aSet-Cookie:%20portico_session=evil", "%00", "x" * 5000, "%ff%fe", "%F0%9F%A6%8A"]
)
def test_a_link_that_is_none_says_so_and_breaks_nothing(cast, browse, token):
    browser = browse(cast.acme)
    opened = browser.get(f"/magic-link?token={token}")
    assert "portico_session" not in cookies_of(opened)
    assert browser.get("/magic-link").status_code == 410
    assert browser.post("/magic-link").status_code == 410
    assert browser.post("/magic-link/approval", {"number": "47"}).status_code == 410


@pytest.mark.parametrize("path", ["/login/magic-link", "/login/magic-link/code", "/magic-link", "/magic-link/approval"])
def test_every_form_wants_its_token_and_no_other_site(asked, path):
    browser, token = asked()
    fields = {"token": token, "code": "123456", "number": "47", "email": "ada@acme.example"}
    assert browser.post(path, fields, csrf=False).status_code in {400, 403}
    for site in ("cross-site", "same-site"):
        assert browser.post(path, fields, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert went(browser.post("/magic-link", {"token": token})) == (303, "/account")


@pytest.mark.parametrize("field", ["email", "code", "number", "token", "remember"])
def test_a_field_that_is_sent_twice_is_refused(asked, letters, field):
    browser, token = asked()
    letters.clear()
    path = {"email": "/login/magic-link", "remember": "/login/magic-link", "code": "/login/magic-link/code"}
    fields = {"csrf_token": browser.csrf(), "email": "ada@acme.example", "number": "47", "token": token}
    body = "&".join([*(f"{k}={v}" for k, v in fields.items() if k != field), f"{field}=1", f"{field}=1"])
    kind = "application/x-www-form-urlencoded"
    answer = browser.open("POST", path.get(field, "/magic-link/approval"), data=body, content_type=kind)
    assert answer.status_code == 422
    assert list(letters.deliver()) == []


def test_a_new_session_replaces_the_one_before_and_never_its_id(asked, cast, browse):
    browser, token = asked()
    browser.sign_in(cast.bob)
    before = browser.cookie("portico_session")
    other = browse(cast.acme)
    other.plant("portico_session", before)
    assert is_in(other)
    browser, token = asked()
    browser.plant("portico_session", before)
    browser.post("/magic-link", {"token": token})
    assert browser.cookie("portico_session") != before
    assert not is_in(other)


def test_a_code_of_another_browser_is_wrong_here(asked, cast, letters):
    first, _ = asked()
    code = code_in(letters[-1])
    second, _ = asked()
    assert second.post("/login/magic-link/code", {"code": code}).status_code == 422
    newest = code_in(letters[-1])
    assert first.post("/login/magic-link/code", {"code": newest}).status_code == 422
    assert went(second.post("/login/magic-link/code", {"code": newest})) == (303, "/account")


def test_another_tenants_browser_gets_nothing_of_it(asked, cast, browse):
    browser, token = asked()
    mallory = browse(cast.globex)
    mallory.plant("portico_pending", browser.cookie("portico_pending"))
    mallory.get(f"/magic-link?token={token}")
    assert mallory.get("/magic-link").status_code == 410
    assert mallory.post("/magic-link", {"token": token}).status_code == 410
    assert went(mallory.get("/login/magic-link")) == (303, "/login")


def test_a_known_device_afterwards_and_a_mail_about_a_new_one(asked, cast, letters):
    cast.ada.sign_in()
    letters.deliver().clear()
    browser, token = asked()
    browser.post("/magic-link", {"token": token})
    assert any("secure-account" in mail.text for mail in letters.deliver())
    letters.clear()
    browser.post("/logout")
    browser.post("/login/magic-link", {"email": cast.ada.email})
    open_link(browser, letters.token_to(cast.ada.email))
    browser.post("/magic-link")
    assert not any("secure-account" in mail.text for mail in letters.deliver())


def test_beginning_again_in_another_tab_does_not_make_the_link_a_strangers(asked, cast):
    """No mail yet, so back to the first page; then it arrives."""
    browser, token = asked()
    browser.post("/login", {"email": cast.ada.email})
    assert 'id="submit"' in open_link(browser, token).text
    assert went(browser.post("/magic-link")) == (303, "/account")
