"""Passkeys on pages: signing in, and one's own."""

import json
import re

import pytest

from app.storage import tenants
from tests.blueprints.pressing import add, options, sign_in


@pytest.fixture
def ada(cast, browse):
    """Ada's browser, signed in by password, and her passkey."""
    browser = browse(cast.acme)
    assert browser.sign_in(cast.ada).status_code == 303
    key, answer = add(browser)
    assert answer.status_code == 303
    return browser, key


def test_the_first_page_offers_it_and_nothing_is_inline(cast, browse):
    page = browse(cast.acme).get("/login").text
    assert 'autocomplete="username webauthn"' in page
    assert 'data-passkey="get"' in page
    assert 'data-options="/login/passkey-options"' in page
    assert "js/passkeys.js" in page


def test_where_it_is_no_way_in_the_page_has_no_button(cast, browse):
    off = cast.found(f"{cast.acme.slug}-p", "Passwords", methods=["password"])
    browser = browse(off)
    assert "data-passkey" not in browser.get("/login").text
    assert options(browser, "/login/passkey-options").status_code == 403
    assert browser.post("/login/passkey", {"credential": "{}"}).status_code == 403
    assert browser.get("/.well-known/passkey-endpoints").status_code == 404


def test_where_it_is_the_only_way_in_nothing_else_is_offered(cast, browse):
    only = cast.found(f"{cast.acme.slug}-k", "Keys", methods=["passkey"])
    page = browse(only).get("/login").text
    assert 'data-passkey="get"' in page
    assert 'name="email"' not in page
    assert "Passkeys need JavaScript" in page


def test_a_browser_signs_in_with_nothing_else(ada, browse, cast):
    _, key = ada
    browser = browse(cast.acme)
    answer = sign_in(browser, key)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert browser.get("/account").status_code == 200
    assert browser.cookie("portico_passkey") is None


def test_who_wished_to_be_remembered_is(ada, browse, cast):
    browser = browse(cast.acme)
    (cookie,) = [c for c in sign_in(browser, ada[1], remember="on").headers.getlist("Set-Cookie") if "_session=" in c]
    assert "Max-Age" in cookie


def test_the_question_is_json_and_its_cookie_cannot_be_read(cast, browse):
    answer = options(browse(cast.acme), "/login/passkey-options")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("portico_passkey=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=300" in cookie
    secret = re.match("portico_passkey=([^;]+)", cookie)[1]
    assert secret not in answer.text


def test_in_production_the_cookie_is_of_this_host_alone(portal, cast, browse):
    secure = portal(env="production", base_url="https://portal.test")
    browser = browse(cast.acme.origin.replace("http:", "https:"), on=secure)
    options(browser, "/login/passkey-options")
    assert browser.cookie("__Host-portico_passkey")


def test_another_browser_cannot_answer(ada, browse, cast):
    asked = options(browse(cast.acme), "/login/passkey-options")
    answer = sign_in(browse(cast.acme), ada[1], asked=asked)
    assert answer.status_code == 422
    assert "That passkey did not work." in answer.text


@pytest.mark.parametrize("credential", ["", "x", "[]", "{}", "null", "{" * 999, "x" * 40000])
def test_nonsense_is_422_and_says_so(cast, browse, credential):
    answer = browse(cast.acme).post("/login/passkey", {"credential": credential})
    assert answer.status_code == 422
    assert "That passkey did not work." in answer.text


def test_nothing_happens_on_another_sites_word_or_without_the_token(cast, browse, ada):
    browser, _ = ada
    for path in ("/login/passkey-options", "/account/passkeys/options"):
        assert options(browser, path, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert options(browser, path, **{"Sec-Fetch-Site": "same-site"}).status_code == 403
        answer = options(browser, path, **{"X-CSRFToken": "x"})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf_failed")
    for path in ("/login/passkey", "/account/passkeys"):
        assert browser.post(path, {"credential": "{}"}, csrf=False).status_code == 403


def test_a_refused_passkey_signs_nobody_out(ada, cast):
    browser, key = ada
    assert sign_in(browser, key, wrong={"origin": "https://evil.example"}).status_code == 422
    assert browser.get("/account/passkeys").status_code == 200


def test_where_else_passkeys_may_be_used_is_told(cast, browse, services):
    with services.units.platform() as unit:
        tenants.add_domain(unit.db, tenant_id=cast.acme.id, host="login.acme.example", now=services.ports.clock())
    answer = browse(cast.acme).get("/.well-known/webauthn")
    assert answer.mimetype == "application/json"
    assert answer.json == {"origins": [cast.acme.origin, "https://login.acme.example"]}
    assert browse(cast.globex).get("/.well-known/webauthn").json == {"origins": [cast.globex.origin]}


def test_password_managers_find_the_page(cast, browse):
    page = f"{cast.acme.origin}/account/passkeys"
    assert browse(cast.acme).get("/.well-known/passkey-endpoints").json == {"enroll": page, "manage": page}


def test_a_script_of_ours_is_small_and_served(cast, browse):
    page = browse(cast.acme).get("/login").text
    path = re.search(r"/static/js/passkeys\.js\?v=\w+", page)[0]
    script = browse(cast.acme).get(path)
    assert script.status_code == 200
    assert len(script.data) <= 2253
    assert json.dumps("conditional") in script.text
