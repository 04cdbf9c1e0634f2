"""Class P: whatever anybody sends, programs are answered, and never with a 5xx."""

import base64
import json
import time

import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.signing import a_key, a_proof, an_assertion, asserting, public_jwk, raw

HALF = "\ud800"


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def deep(levels, kind="["):
    return ('{"a":' if kind == "{" else kind) * levels


@pytest.fixture
def robot(services, cast):
    key = a_key()
    said = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public_jwk(key)]}}
    made = an_application(services, cast.acme, type="machine", **said)
    return key, made


@pytest.fixture
def notes(services, app, cast):
    return TokenClient(app, cast.acme, an_application(services, cast.acme))


@pytest.mark.parametrize("value", [HALF, "\x00", "x" * 257, "", 1, None, {}, [], True])
def test_the_jti_of_an_assertion_is_refused(app, cast, robot, value):
    key, made = robot
    answer = TokenClient(app, cast.acme).post(
        {"grant_type": "client_credentials"} | asserting(an_assertion(key, cast.acme, made.client_id, jti=value))
    )
    print(answer.status_code, answer.text[:200])
    assert answer.status_code < 500


@pytest.mark.parametrize("value", [HALF, "\x00", "x" * 257, "", 1, None, {}, [], True])
@pytest.mark.parametrize("name", ["jti", "htu", "htm", "iat", "exp", "nbf"])
def test_the_claims_of_a_proof(app, cast, notes, value, name):
    key = a_key()
    proof = a_proof(key, cast.acme.origin + "/oauth2/token", **{name: value})
    answer = notes.post({"grant_type": "refresh_token", "refresh_token": "x"}, headers={"DPoP": proof})
    print(answer.status_code, answer.text[:200])
    assert answer.status_code < 500


@pytest.mark.parametrize("member", ["x", "y", "n", "e", "crv", "kty", "alg", "use", "kid"])
@pytest.mark.parametrize("value", [HALF, "\x00", "x" * 257, "", 1, None, {}, [], True, -1])
@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "RS256"])
def test_the_key_of_a_proof(app, cast, notes, member, value, alg):
    key = a_key(alg)
    proof = a_proof(key, cast.acme.origin + "/oauth2/token", algorithm=alg, headers={"jwk": public_jwk(key, alg) | {member: value}})
    answer = notes.post({"grant_type": "refresh_token", "refresh_token": "x"}, headers={"DPoP": proof})
    print(answer.status_code, answer.text[:200])
    assert answer.status_code < 500


@pytest.mark.parametrize("levels", [50, 900, 2000, 5000])
@pytest.mark.parametrize("kind", ["[", "{"])
def test_a_header_nested_deep(app, cast, notes, services, levels, kind):
    token = f"{b64(deep(levels, kind).encode())}.{b64(b'{}')}.{b64(b'x')}"
    whole = f"{b64((deep(levels, kind) + '1' + (']' if kind == '[' else '}') * levels).encode())}.{b64(b'{}')}.{b64(b'x')}"
    for one in (token, whole):
        for answer in (
            notes.post({"token": one}, path="/oauth2/introspect"),
            notes.post({"token": one}, path="/oauth2/revoke"),
            notes.post({}, path="/oauth2/userinfo", headers={"Authorization": f"Bearer {one}"}),
            notes.post({}, path="/oauth2/token", headers={"DPoP": one}),
            notes.post({"grant_type": "client_credentials"} | asserting(one), headers={"Authorization": ""}),
            notes.http.get("/api/v1/me", base_url=cast.acme.origin, headers={"Authorization": f"Bearer {one}"}),
        ):
            assert answer.status_code < 500, answer.text[:200]
