"""Nothing of Globex opens anything at Acme: not its ids, tokens, cookies, nor a header that claims so."""

import re

import pytest

from tests.auth.factored import add_app, add_passkey, trust, trusted_device
from tests.oidc.clients import an_application
from tests.oidc.holdings import a_waiting_device

IDS = (
    "session_id",
    "user_id",
    "export_id",
    "assessment_id",
    "totp_id",
    "passkey_id",
    "device_id",
    "application_id",
    "grant_id",
    "secret_id",
)
NOBODYS = dict.fromkeys(IDS, "01a21000-0000-7000-8000-000000000000")
# What the calls that take one want to be told.
BODIES = {
    ("POST", "/me/second-factors/<uuid:totp_id>/confirm"): {"code": "123456"},
    ("PATCH", "/me/second-factors/<uuid:totp_id>"): {"name": "Mine"},
    ("PATCH", "/me/passkeys/<uuid:passkey_id>"): {"name": "Mine"},
    ("DELETE", "/users/<uuid:user_id>/second-factors"): {"reason": "They have lost their phone."},
    ("PATCH", "/applications/<uuid:application_id>"): {"name": "Mine"},
    ("POST", "/applications/<uuid:application_id>/secrets"): {},
}


@pytest.fixture
def held(services, cast, call, browse, letters):
    """Everything that Mallory holds at Globex, and the ids of all that is hers."""
    client, browser = call(cast.globex), browse(cast.globex)
    browser.post("/login", {"email": cast.mallory.email})
    pending = browser.cookie("portico_pending")
    browser.sign_in(cast.mallory)
    browser.get("/logout")
    tokens = client.tokens(cast.mallory)
    export = client.post("/me/exports", token=tokens["access_token"]).json
    letters.deliver()
    trust(cast.mallory)
    application, grant_id = a_waiting_device(services, cast.mallory)
    assessed = client.get("/risk-assessments", token=tokens["access_token"]).json["data"][0]
    return {
        **tokens,
        "user_id": str(cast.mallory.id),
        "totp_id": str(add_app(cast.mallory)),
        "passkey_id": str(add_passkey(cast.mallory)),
        "device_id": str(trusted_device(cast.mallory)),
        "application_id": str(application.id),
        "grant_id": str(grant_id),
        "secret_id": str(an_application(services, cast.globex).client.secrets[0].id),
        "export_id": export["id"],
        "assessment_id": assessed["id"],
        "pending": pending,
        "cookie": browser.cookie("portico_session"),
        "device": browser.cookie("portico_device"),
        "csrf": browser.cookie("portico_csrf"),
    }


def api_routes(app):
    """Every call of the API that asks for a caller, from the route map."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/api/v1/") and not getattr(view, "is_open_to_anyone", False):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, rule.rule.removeprefix("/api/v1")


def page_routes(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.rule.startswith("/api/") and not getattr(view, "is_open_to_anyone", rule.endpoint == "static"):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, rule.rule


def naming(path, ids):
    """The path, with an id for each that it asks for; one that asks for another kind is a test that is missing."""
    return re.sub(r"<uuid:(\w+)>", lambda asked: ids[asked[1]], path)


def test_her_access_token_is_refused_on_every_call(app, cast, call, held):
    routes = list(api_routes(app))
    assert len(routes) >= 6
    for headers in ({}, {"X-Tenant": cast.globex.slug}, {"X-Tenant": str(cast.globex.id)}):
        for method, path in routes:
            answer = call(cast.acme).call(
                method, naming(path, held), token=held["access_token"], headers=headers, json={}
            )
            assert (answer.status_code, answer.json["code"]) == (401, "invalid_token"), (method, path)
    assert call(cast.globex).get("/me", token=held["access_token"]).status_code == 200


def test_her_cookies_open_no_page(app, cast, browse, held):
    routes = list(page_routes(app))
    assert len(routes) >= 5
    for method, path in routes:
        browser = browse(cast.acme)
        for name, value in (("session", "cookie"), ("device", "device"), ("pending", "pending"), ("csrf", "csrf")):
            browser.plant(f"portico_{name}", held[value])
        answer = browser.open(method, naming(path, held), headers={"X-Tenant": cast.globex.slug})
        assert (answer.status_code, answer.location) == (303, "/login"), (method, path)


def test_her_ids_are_found_by_no_call_of_acmes_owner(app, cast, call, browse, held):
    """404 and never 403, in the same words as for an id that nobody has (ASVS 8.2.2, 8.4.1)."""
    client, browser = call(cast.acme), browse(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    browser.sign_in(cast.ada)
    seen = 0
    for method, path in api_routes(app):
        if "<uuid:" in path:
            body = {"json": BODIES[method, path]} if (method, path) in BODIES else {}
            hers, nobodys = (client.call(method, naming(path, ids), token=token, **body) for ids in (held, NOBODYS))
            assert hers.status_code == 404, (method, path)
            assert {**hers.json, "instance": ""} == {**nobodys.json, "instance": ""}
            seen += 1
    form = {"csrf_token": browser.csrf(), "name": "Mine", "code": "123456"}
    for method, path in page_routes(app):
        if "<uuid:" in path:
            assert browser.open(method, naming(path, held), data=form).status_code == 404, path
            seen += 1
    assert seen >= 7
    hers = call(cast.globex).get("/me/second-factors", token=held["access_token"]).json
    assert [one["id"] for one in hers["authenticators"]] == [held["totp_id"]]


def test_ids_of_another_person_of_acme_are_not_found_either(cast, call):
    client = call(cast.acme)
    bobs, token = client.tokens(cast.bob), client.tokens(cast.ada)["access_token"]
    assert client.call("DELETE", f"/me/sessions/{bobs['session_id']}", token=token).status_code == 404
    assert client.get("/me", token=bobs["access_token"]).status_code == 200


def test_her_refresh_token_is_refused_and_not_harmed(cast, call, held):
    for headers in ({}, {"X-Tenant": cast.globex.slug}):
        answer = call(cast.acme).post("/auth/refresh", {"refresh_token": held["refresh_token"]}, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_refresh_token")
    assert call(cast.globex).post("/auth/refresh", {"refresh_token": held["refresh_token"]}).status_code == 200


def test_her_token_is_not_active_at_acme(cast, call, held):
    token = held["access_token"]
    assert call(cast.acme).post("/auth/introspect", {"token": token}, token=token).json == {"active": False}


def test_her_password_is_none_at_acme_although_the_address_is_the_same(cast, call):
    cast.person(cast.globex, cast.ada.email, password="quite another phrase here")
    answer = call(cast.acme).login(cast.ada, password="quite another phrase here")
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")


def test_her_device_is_a_stranger_at_acme(cast, call, held, services):
    """It neither signs in nor has a lane of its own there."""
    assert services.login.knows(cast.globex, email_key=cast.mallory.email, device=held["device"])
    cast.person(cast.acme, cast.mallory.email)
    assert not services.login.knows(cast.acme, email_key=cast.mallory.email, device=held["device"])


def test_her_pending_sign_in_names_nobody_at_acme(cast, browse, held):
    browser = browse(cast.acme)
    browser.plant("portico_pending", held["pending"])
    assert cast.mallory.email not in browser.get("/login").text
    assert browser.get("/login/password").location == "/login"


def test_a_link_for_globex_opens_nothing_at_acme(cast, browse, call, letters):
    new = {"email": "zoe@shared.example", "password": "three uncommon gherkins"}
    challenges = [call(tenant).post("/auth/register", new).json["challenge"] for tenant in (cast.acme, cast.globex)]
    links = [mail.text for mail in letters.deliver() if mail.to == new["email"]]
    token = next(re.search(r"token=(\S+)", text)[1] for text in links if cast.globex.origin in text)
    for challenge in (*challenges, None):
        answer = call(cast.acme).post("/auth/verify-email", {"token": token, "challenge": challenge})
        assert (answer.status_code, answer.json["code"]) == (410, "link_expired")
    browser = browse(cast.acme)
    browser.get(f"/verify-email?token={token}")
    assert browser.get("/verify-email").status_code == 410
    good = call(cast.globex).post("/auth/verify-email", {"token": token, "challenge": challenges[1]})
    assert good.status_code == 204
