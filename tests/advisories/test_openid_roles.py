"""role_matrix, mass_assign and the ways around both, for applications (security.md, 4 J; ASVS 8.2.1-8.2.3, 4.1.4)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued

BODY = {"name": "Mine", "type": "spa", "redirect_uris": ["https://evil.example/cb"]}
EVERYWHERE = ("tenant_id", "id", "client_id", "client_secret", "secrets", "created_at", "disabled_at", "status")


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def doors(app, notes):
    """Every way to manage applications, of the API and of pages: (method, path)."""
    ids = {"application_id": notes.id, "secret_id": notes.client.secrets[0].id}
    adapter = app.url_map.bind("acme")
    return [
        (method, adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments}, method=method))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/v1/applications", "/admin"))
    ]


def test_nobody_manages_applications_but_who_may(doors, notes, services, cast, call, browse):
    before = services.openid.clients.by_id(cast.acme, notes.client_id)
    assert len(doors) > 20
    for person in (cast.bob, cast.person(cast.acme, "sue@acme.example", role="support")):
        client, browser = call(cast.acme), browse(cast.acme)
        token, _ = client.tokens(person)["access_token"], browser.sign_in(person)
        csrf = browser.csrf()
        for method, path in doors:
            if path.startswith("/api/"):
                body = {} if method == "GET" else {"json": BODY if path.endswith("applications") else {}}
                answer = client.call(method, path.removeprefix("/api/v1"), token=token, **body)
            else:
                sent = {"csrf_token": csrf, "confirmation": "Notes", "name": "Mine", "type": "spa"}
                answer = browser.open(method, path, data=sent if method == "POST" else None)
            assert answer.status_code == 403, (person.email, method, path, answer.text[:200])
            assert "pcs_" not in answer.text
    services.openid.clients._forget()
    assert services.openid.clients.by_id(cast.acme, notes.client_id) == before


def test_nobody_at_all_gets_nowhere(doors, cast, call, browse):
    client, browser = call(cast.acme), browse(cast.acme)
    csrf = browser.csrf()
    for method, path in doors:
        if path.startswith("/api/"):
            assert client.call(method, path.removeprefix("/api/v1"), json={}).status_code == 401, path
        else:
            answer = browser.open(method, path, data={"csrf_token": csrf} if method == "POST" else None)
            assert (answer.status_code, answer.location) == (303, "/login"), path


def test_an_applications_tokens_open_nothing_of_the_portals_own(services, cast, call, notes, app):
    """Ada is an owner; what an application has of her is for its own use, whatever its audience says."""
    given = issued(services, cast.ada, notes, resources=(cast.acme.origin,))
    client = call(cast.acme)
    for token in (given.access_token, given.id_token, given.refresh_token, notes.secret):
        for path in ("/me", "/applications", "/me/applications"):
            assert client.get(path, token=token).status_code == 401, path
        assert client.post("/auth/refresh", {"refresh_token": token}).status_code in {401, 422}


@pytest.mark.parametrize("field", EVERYWHERE)
def test_mass_assign_what_is_ours_to_say_is_not_the_callers(cast, call, notes, field):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    for method, path in (("POST", "/applications"), ("PATCH", f"/applications/{notes.id}")):
        body = {**(BODY if method == "POST" else {}), field: str(cast.globex.id)}
        refused = client.call(method, path, json=body, token=token)
        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PROPFIND", "PATCH", "DELETE"])
def test_no_other_method_asks_for_anything(cast, browse, method):
    """ASVS 4.1.4."""
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    for path in ("/oauth2/authorize", "/oauth2/par", "/oauth2/logout", "/device", "/login/accounts", "/admin"):
        answer = browser.open(method, path, headers={"X-HTTP-Method-Override": "GET"})
        assert answer.status_code == 405, path
        assert method not in answer.headers["Allow"]
    assert browser.get("/account").status_code == 200
