"""security.md 3.6, TokenEndpoint and Pkce: the names of a public OAuth test suite, asked of ours from outside."""

import pytest

from app.auth.errors import InvalidToken
from tests.oidc.clients import an_application
from tests.oidc.codes import VERIFIER, TokenClient, a_code, basic, challenge_of, redeemed

GRANT = (400, "invalid_grant")
CLIENT = (401, "invalid_client")


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def client(app, cast, notes):
    return TokenClient(app, cast.acme, notes)


@pytest.fixture
def code(services, cast, notes):
    return a_code(services, cast.bob, notes)


@pytest.fixture
def held(services, app, cast, notes):
    """Tokens that somebody holds."""
    return redeemed(services, app, cast.bob, notes)[1]


def said(answer):
    return answer.status_code, answer.json["error"]


def test_authorization_code_timeout(client, code, clock):
    clock.forward(seconds=60)
    assert said(client.post(code.fields)) == GRANT


def test_client_secret_entropy(services, cast):
    secrets = {an_application(services, cast.acme, name=f"App {number}").secret for number in range(10)}
    assert len(secrets) == 10
    assert {len(secret) for secret in secrets} == {len("pcs_") + 43}  # 256 bits


def test_has_cache_control_header(client, code):
    for answer in (client.post(code.fields), client.post(code.fields), client.post({})):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("where", ["address", "both"])
def test_is_auth_in_uri_allowed(app, cast, code, notes, where):
    path = f"/oauth2/token?client_id={notes.client_id}&client_secret={notes.secret}"
    header = {"Authorization": basic(notes.client_id, notes.secret)} if where == "both" else {}
    answer = TokenClient(app, cast.acme).post(code.fields, path=path, headers=header)
    assert answer.status_code in {400, 401}


def test_is_code_bound_to_client(services, app, cast, code):
    other = an_application(services, cast.acme, name="Other", type="spa")
    assert said(TokenClient(app, cast.acme, other).post(code.fields)) == GRANT


def test_is_get_supported(app, cast, code):
    answer = app.test_client().get("/oauth2/token", query_string=code.fields, base_url=cast.acme.origin)
    assert answer.status_code == 405


def test_is_password_flow_disabled(client, cast):
    answer = client.post({"grant_type": "password", "username": cast.bob.email, "password": cast.bob.password})
    assert said(answer) == (400, "unsupported_grant_type")


def test_is_refresh_authentication_required(app, cast, notes, held):
    stranger = TokenClient(app, cast.acme)
    assert said(stranger.refresh(held["refresh_token"])) == CLIENT
    assert said(stranger.refresh(held["refresh_token"], client_id=notes.client_id)) == CLIENT


def test_is_refresh_bound_to_client(services, app, cast, held):
    other = an_application(services, cast.acme, name="Other")
    assert said(TokenClient(app, cast.acme, other).refresh(held["refresh_token"])) == GRANT


@pytest.mark.parametrize("seconds", [0, 31])  # oidcc-codereuse, oidcc-codereuse-30seconds
def test_multiple_code_exchanges(services, cast, client, code, clock, seconds):
    tokens = client.post(code.fields).json
    clock.forward(seconds=seconds)
    assert said(client.post(code.fields)) == GRANT
    # TokenValidAfterMultiExchange, InvalidatedRefreshToken
    assert said(client.refresh(tokens["refresh_token"])) == GRANT
    with pytest.raises(InvalidToken):
        services.openid.access_tokens.verify(cast.acme, tokens["access_token"])


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/cb",
        "https://notes.example/cb#x",
        "https://notes.example/CB",
        "https://notes.example/cb%2f",
        "",
    ],
)
def test_redirect_uri_checked(client, code, uri):
    assert said(client.post(code.fields | {"redirect_uri": uri})) == GRANT


def test_refresh_token_revoked_after_use(client, held, clock):
    second = client.refresh(held["refresh_token"]).json  # UsesTokenRotation
    assert second["refresh_token"] != held["refresh_token"]
    clock.forward(seconds=11)
    assert said(client.refresh(held["refresh_token"])) == GRANT
    assert said(client.refresh(second["refresh_token"])) == GRANT


@pytest.mark.parametrize("name", ["code", "grant_type", "redirect_uri"])
def test_same_parameter_twice_disallowed(client, code, name):
    fields = code.fields | {name: [code.fields[name], "x"]}
    assert said(client.post(fields)) == (400, "invalid_request")


@pytest.mark.parametrize("verifier", ["", "wrong" * 9, challenge_of(VERIFIER), VERIFIER[:42], VERIFIER + "=" * 100])
def test_pkce_is_required_and_short_verifier(client, code, verifier):
    assert said(client.post(code.fields | {"code_verifier": verifier})) == GRANT


def test_pkce_token_downgrade_detected(services, app, cast, client):
    without = a_code(services, cast.bob, client.application, verifier_digest=None)
    assert said(client.post(without.fields)) == GRANT


def test_plain_pkce_disabled(services, cast, client):
    plain = a_code(services, cast.bob, client.application, verifier_digest=VERIFIER)
    assert said(client.post(plain.fields)) == GRANT
