"""How answers travel: in an address, in a form, to an app's own scheme; and requests that come by POST."""

import re

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, settle


@pytest.fixture
def register(services, cast):
    def register(**more):
        return RelyingApp(an_application(services, cast.acme, **{"first_party": True, **more}))

    return register


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def test_a_query_that_the_redirect_uri_has_is_kept(register, bobs):
    app = register(redirect_uris=("https://notes.example/cb?tenant=a%20b",))
    met = app.ask(bobs, state="a b&c=d")
    assert met.location.startswith("https://notes.example/cb?tenant=a%20b&code=")
    assert "&state=a%20b%26c%3Dd&iss=" in met.location


def test_form_post_is_a_page_that_may_post_to_that_one_place(register, bobs, cast):
    app = register()
    page = app.ask(bobs, response_mode="form_post")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "form-action https://notes.example;" in policy
    assert "script-src 'self'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    back = back_of(page)
    assert (back.mode, back.address) == ("form_post", "https://notes.example/cb")
    assert back.parameters == {"code": back.code, "state": app.state, "iss": cast.acme.origin}
    assert 'id="continue"' in page.text  # without scripts
    assert not re.search(r"<script(?![^>]* src=)| on[a-z]+=", page.text)


def test_form_post_carries_refusals_too(register, browse, cast):
    app = register()
    back = back_of(app.ask(browse(cast.acme), response_mode="form_post", prompt="none"))
    assert (back.mode, back.error) == ("form_post", "login_required")
    back = back_of(app.ask(browse(cast.acme), response_mode="form_post", scope="openid nonsense"))
    assert (back.mode, back.error, back.parameters["state"]) == ("form_post", "invalid_scope", app.state)


def test_after_a_form_of_ours_the_way_out_is_the_same_page(register, browse, cast):
    back = register().sign_in(browse(cast.acme), cast.bob, response_mode="form_post")
    assert back.mode == "form_post"
    assert back.code


def test_what_is_sent_back_is_text_and_no_markup(register, bobs):
    state = '"><script>alert(1)</script>'
    page = register().ask(bobs, response_mode="form_post", state=state)
    assert "<script>alert" not in page.text
    assert back_of(page).parameters["state"] == state


def test_an_apps_own_scheme_works_by_redirect_and_by_page(register, bobs, browse, cast):
    app = register(type="native", redirect_uris=("com.example.notes:/cb",))
    assert app.ask(bobs).location.startswith("com.example.notes:/cb?code=")
    back = app.sign_in(browse(cast.acme), cast.bob)
    assert back.address == "com.example.notes:/cb"
    page = app.ask(bobs, response_mode="form_post")
    assert "form-action com.example.notes:;" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_native_app_listens_on_any_port_of_this_device(register, bobs, host):
    app = register(type="native", redirect_uris=(f"http://{host}/cb",))
    app.redirect_uri = f"http://{host}:51004/cb"
    assert app.ask(bobs).location.startswith(f"http://{host}:51004/cb?code=")
    assert "form-action http:" in app.ask(bobs, response_mode="form_post").headers["Content-Security-Policy"]


def test_a_request_may_come_by_post_from_another_site(register, bobs):
    """No cookie comes along there (SameSite), so none is asked for; the next hop finds the browser."""
    app = register()
    alone = type(bobs)(bobs.client.application, bobs.origin)
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://notes.example"}
    sent = alone.post("/oauth2/authorize", app.parameters(), csrf=False, headers=headers)
    assert sent.status_code == 303
    assert "Access-Control-Allow-Origin" not in sent.headers
    hop = bobs.get(sent.location)
    assert hop.status_code == 303
    assert "ticket" not in hop.location
    assert back_of(settle(bobs, hop)).code


def test_a_ticket_works_once_and_the_flow_is_that_browsers_then(register, bobs, browse, cast):
    app = register()
    sent = browse(cast.acme).post("/oauth2/authorize", app.parameters(), csrf=False)
    assert back_of(settle(bobs, bobs.get(sent.location))).code
    late = browse(cast.acme)
    assert settle(late, late.get(sent.location)).status_code == 404


def test_a_post_without_anybody_signed_in_leads_to_the_sign_in(register, browse, cast):
    browser, app = browse(cast.acme), register()
    met = settle(browser, browser.post("/oauth2/authorize", app.parameters(), csrf=False))
    assert met.request.path == "/login"


def test_asking_what_would_be_said_uses_nothing_up(register, bobs, owner, cast):
    app = register()
    assert bobs.open("HEAD", app.address()).status_code == 200
    codes = owner.execute("SELECT count(*) FROM authorization_codes WHERE tenant_id = %s", (cast.acme.id,))
    assert codes.fetchone() == (0,)
