"""The client credentials grant (RFC 6749, section 4.4)."""

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient

ASK = {"grant_type": "client_credentials"}
API = "https://invoices.example"


def said(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def robot(services, cast):
    return an_application(
        services,
        cast.acme,
        type="machine",
        scopes=("invoices:read", "invoices:write"),
        resources=(API, "https://b.example"),
    )


@pytest.fixture
def client(app, cast, robot):
    return TokenClient(app, cast.acme, robot)


def test_a_client_gets_a_token_for_itself(services, cast, client, robot):
    answer = client.post(ASK)
    assert answer.status_code == 200
    assert answer.json.keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = said(answer.json["access_token"])
    assert claims["sub"] == claims["client_id"] == robot.client_id
    assert claims.keys() == {"iss", "sub", "aud", "client_id", "exp", "iat", "nbf", "jti", "tid", "scope"}
    assert jwt.get_unverified_header(answer.json["access_token"])["typ"] == "at+jwt"
    verified = services.openid.access_tokens.verify(cast.acme, answer.json["access_token"])
    assert (verified.user_id, verified.session_id) == (None, None)


def test_scopes_are_those_that_are_asked_for_or_all_of_its_own(client):
    assert client.post(ASK).json["scope"] == "invoices:read invoices:write"
    assert client.post(ASK | {"scope": "invoices:read"}).json["scope"] == "invoices:read"
    for more in ("invoices:delete", "invoices:read admin", " "):
        answer = client.post(ASK | {"scope": more})
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("scope", ["openid", "profile", "email", "phone", "address", "offline_access", "roles"])
def test_there_is_no_person_to_be_told_of(services, app, cast, scope):
    notes = an_application(
        services,
        cast.acme,
        scopes=("openid", "profile", "email", "phone", "address", "offline_access", "roles", "invoices:read"),
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
    )
    client = TokenClient(app, cast.acme, notes)
    assert client.post(ASK | {"scope": scope}).json["error"] == "invalid_scope"
    answer = client.post(ASK).json
    assert answer["scope"] == "invoices:read"
    assert "refresh_token" not in answer
    assert "id_token" not in answer


def test_audiences_are_those_that_it_may_ask_for(cast, client):
    assert said(client.post(ASK).json["access_token"])["aud"] == cast.acme.origin
    assert said(client.post(ASK | {"resource": API}).json["access_token"])["aud"] == API
    both = client.post(ASK | {"resource": [API, "https://b.example"]})
    assert said(both.json["access_token"])["aud"] == [API, "https://b.example"]
    assert client.post(ASK | {"resource": "https://else.example"}).json["error"] == "invalid_target"
    assert client.post(ASK | {"resource": cast.globex.origin}).json["error"] == "invalid_target"


def test_only_clients_that_were_given_the_grant(services, app, cast):
    notes, page = an_application(services, cast.acme), an_application(services, cast.acme, type="spa")
    for application in (notes, page):
        answer = TokenClient(app, cast.acme, application).post(ASK)
        assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_a_machine_redeems_no_codes(client):
    answer = client.post({"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://x.example"})
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")
    assert client.refresh("x").json["error"] == "unauthorized_client"


def test_success_writes_nothing(client, owner, cast):
    client.post(ASK)  # notes when its secret was used
    count = "SELECT count(*) FROM audit_events WHERE tenant_id = %s"
    rows = owner.execute(count, (cast.acme.id,)).fetchone()
    client.post(ASK)
    assert owner.execute(count, (cast.acme.id,)).fetchone() == rows


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_tokens_are_signed_as_the_client_wants_them(services, app, cast, algorithm):
    robot = an_application(services, cast.acme, type="machine", id_token_signed_response_alg=algorithm)
    token = TokenClient(app, cast.acme, robot).post(ASK).json["access_token"]
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    services.openid.access_tokens.verify(cast.acme, token)
