"""From an application through consent and the choice of an account, and back; and what taking it back does."""

import base64

import pytest

from tests.blueprints.visitors import Browser
from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, flow_in, settle

EVERYTHING = "openid email offline_access"


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme))


@pytest.fixture
def browser(cast, browse):
    return browse(cast.acme)


@pytest.fixture
def programs(app, cast, notes):
    """The application's back end: ``programs(path, form)``, with its secret."""
    said = f"{notes.application.client_id}:{notes.application.secret}".encode()
    basic = {"Authorization": f"Basic {base64.b64encode(said).decode()}"}
    client = app.test_client(use_cookies=False)

    def call(path, form, *, headers=basic):
        return client.post(path, data=form, headers=headers, base_url=cast.acme.origin)

    return call


@pytest.fixture
def redeem(programs, notes):
    def redeem(back):
        form = {"code": back.code, "redirect_uri": notes.redirect_uri, "code_verifier": notes.verifier}
        return programs("/oauth2/token", {"grant_type": "authorization_code", **form})

    return redeem


def asked(browser, notes, **more):
    """The page that the application's request leads to."""
    met = settle(browser, notes.ask(browser, **more))
    return met.request.path.rpartition("/")[0], met


def test_it_is_asked_once_and_then_never_shown(cast, browser, notes):
    assert notes.sign_in(browser, cast.bob).code
    assert back_of(notes.ask(browser)).code


def test_more_scopes_are_asked_for_again(cast, browser, notes):
    notes.sign_in(browser, cast.bob)
    path, met = asked(browser, notes, scope="openid profile email phone")
    assert path == "/oauth2/consent"
    assert met.text.count("New</span>") == 1
    assert back_of(notes.ask(browser, scope="openid")).code


def test_no_is_told_to_the_application(cast, browser, notes):
    back = notes.sign_in(browser, cast.bob, allow=False)
    assert back.parameters == {
        "error": "access_denied",
        "error_description": back.parameters["error_description"],
        "state": notes.state,
        "iss": cast.acme.origin,
    }
    assert asked(browser, notes)[0] == "/oauth2/consent"


def test_another_person_in_the_same_browser_is_asked_for_themselves(cast, browser, notes):
    notes.sign_in(browser, cast.bob)
    browser.post("/logout")
    met = settle(browser, notes.ask(browser))
    sent = {"email": cast.ada.email, "password": cast.ada.password, "flow": flow_in(met)}
    assert settle(browser, browser.post("/login", sent)).request.path.startswith("/oauth2/consent/")


def test_what_one_account_allowed_does_not_count_for_the_one_that_is_chosen_then(services, cast, browser, notes):
    """Consent is bound to who gave it, also within one flow."""
    own = RelyingApp(an_application(services, cast.acme, name="Intranet", first_party=True))
    met = settle(browser, own.ask(browser))
    for person in (cast.ada, cast.bob):
        browser.post("/login", {"email": person.email, "password": person.password, "flow": flow_in(met)})
    met = settle(browser, notes.ask(browser, prompt="select_account"))
    flow = flow_in(met)
    assert met.request.path == "/login/accounts"
    bob, ada = (part.partition('"')[0] for part in met.text.split('id="account-')[1:])
    met = settle(browser, browser.post("/login/accounts", {"account": bob, "flow": flow}))
    assert met.request.path == f"/oauth2/consent/{flow}"
    browser.post(met.request.path, {"decision": "allow"})
    met = settle(browser, browser.post("/login/accounts", {"account": ada, "flow": flow}))
    assert met.request.path == f"/oauth2/consent/{flow}"


def test_removed_access_is_dead_at_once(cast, browser, notes, redeem, programs, app):
    tokens = redeem(notes.sign_in(browser, cast.bob, scope=EVERYTHING)).json
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert programs("/oauth2/userinfo", {}, headers=bearer).status_code == 200
    waiting = back_of(notes.ask(browser, scope=EVERYTHING))
    assert browser.post(f"/account/applications/{notes.application.id}/removal").status_code == 303
    assert programs("/oauth2/userinfo", {}, headers=bearer).status_code == 401
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert programs("/oauth2/token", again).json["error"] == "invalid_grant"
    assert programs("/oauth2/introspect", {"token": tokens["access_token"]}).json == {"active": False}
    assert redeem(waiting).json["error"] == "invalid_grant"
    assert asked(browser, notes)[0] == "/oauth2/consent"
    assert Browser(app, cast.acme.origin).get("/account/applications").location == "/login"


def test_signing_out_with_several_accounts_ends_the_tokens_of_all(cast, browser, notes, redeem, programs):
    bobs = redeem(notes.sign_in(browser, cast.bob)).json["access_token"]
    met = settle(browser, notes.ask(browser, prompt="select_account"))
    sent = {"email": cast.ada.email, "password": cast.ada.password, "flow": flow_in(met)}
    met = settle(browser, browser.post("/login", sent))
    adas = redeem(back_of(settle(browser, browser.post(met.request.path, {"decision": "allow"})))).json["access_token"]
    for token in (bobs, adas):
        assert programs("/oauth2/userinfo", {}, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    browser.post("/logout")
    for token in (bobs, adas):
        assert programs("/oauth2/userinfo", {}, headers={"Authorization": f"Bearer {token}"}).status_code == 401
