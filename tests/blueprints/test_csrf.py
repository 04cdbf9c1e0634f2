"""No state changes on another site's word: fetch metadata, origin, and a token in every form."""

import re

import pytest

from app.blueprints._guards import FROM_ELSEWHERE

ANY_ID = "01a21000-0000-7000-8000-000000000000"


@pytest.fixture
def ada(cast, browse):
    browser = browse(cast.acme)
    assert browser.sign_in(cast.ada).status_code == 303
    return browser


def writing(app):
    """All but what applications call, where no cookie counts."""
    return [
        (method, re.sub(r"<uuid:\w+>", ANY_ID, rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
        if not getattr(app.view_functions[rule.endpoint], FROM_ELSEWHERE, False)
    ]


def test_only_what_applications_call_is_asked_from_elsewhere(app):
    asked = {
        rule.rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], FROM_ELSEWHERE, 0)
    }
    assert asked
    assert all(path.startswith(("/oauth2/", "/.well-known/")) for path in asked)


def test_every_form_needs_its_token(app, ada):
    pages = [path for method, path in writing(app) if not path.startswith("/api/")]
    assert len(pages) >= 9
    for path in pages:
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "guess"}, {"email": "a@b.example", "password": "x"}):
            answer = ada.open("POST", path, data=fields)
            assert answer.status_code == 403, path
            assert "csrf_failed" in answer.text
    assert ada.get("/account").status_code == 200


def test_the_token_of_another_browser_or_tenant_is_none(cast, browse, ada):
    for other in (browse(cast.acme), browse(cast.globex)):
        assert ada.open("POST", "/logout", data={"csrf_token": other.csrf()}).status_code == 403
    assert ada.get("/account").status_code == 200


def test_the_token_of_before_the_sign_in_is_worth_nothing_after_it(cast, browse):
    browser = browse(cast.acme)
    before = browser.csrf()
    browser.sign_in(cast.ada)
    assert browser.open("POST", "/logout", data={"csrf_token": before}).status_code == 403


def test_htmx_sends_the_token_as_a_header(ada):
    headers = {"X-CSRFToken": ada.csrf(), "HX-Request": "true"}
    answer = ada.open("POST", "/account/profile", data={"name": "Countess"}, headers=headers)
    assert answer.status_code == 200
    assert "Your profile is saved." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense", "SAME-ORIGIN "])
def test_fetch_metadata_from_elsewhere_is_refused_on_every_change(app, ada, call, cast, site):
    token = call(cast.acme).tokens(cast.bob)["access_token"]
    for method, path in writing(app):
        headers = {"Sec-Fetch-Site": site, "Authorization": f"Bearer {token}"}
        more = {"json": {}} if path.startswith("/api/") else {"data": {"csrf_token": ada.csrf()}}
        answer = ada.open(method, path, headers=headers, **more)
        assert answer.status_code == 403, (method, path)
        assert "cross_site_request" in answer.text
    assert ada.get("/account").status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["null", "https://evil.example", "http://globex.portal.test", "http://portal.test", "", "http://acme", "file://"],
)
def test_a_foreign_origin_is_refused_on_every_change(app, ada, origin):
    for method, path in writing(app):
        more = {"json": {}} if path.startswith("/api/") else {"data": {"csrf_token": ada.csrf()}}
        answer = ada.open(method, path, headers={"Origin": origin}, **more)
        assert answer.status_code == 403, (method, path)
        assert "cross_site_request" in answer.text
    assert ada.get("/account").status_code == 200


def test_the_own_origin_and_a_typed_address_are_welcome(cast, ada):
    for headers in (
        {"Origin": cast.acme.origin},
        {"Sec-Fetch-Site": "same-origin", "Origin": cast.acme.origin},
        {"Sec-Fetch-Site": "none"},
        {},
    ):
        assert ada.post("/account/profile", {"name": "Ada"}, headers=headers).status_code == 303


def test_reading_from_elsewhere_is_welcome(ada):
    """People follow links."""
    for site in ("cross-site", "same-site"):
        assert ada.get("/account", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_of_another_site_cannot_speak_to_the_api(cast, call, kind):
    """Without preflight a browser sends only these, and they are no JSON (ASVS 3.5.2)."""
    body = b'{"email":"ada@acme.example","password":"correct horse battery staple"}'
    assert call(cast.acme).raw("/auth/login", body, kind).status_code == 415


def test_the_session_cookie_is_no_key_to_the_api(ada):
    assert ada.get("/api/v1/me").status_code == 401
    assert ada.open("POST", "/api/v1/auth/logout", json={}).status_code == 401
    assert ada.get("/account").status_code == 200


def test_getting_the_way_out_only_asks(ada):
    assert "Sign out?" in ada.get("/logout").text
    assert ada.get("/account").status_code == 200
