"""Class P: whatever clients sign or nest, they are told what is wrong with it, and never with a 5xx."""

import json

import pytest

from tests.advisories.forging import b64
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient
from tests.oidc.signing import a_key, a_proof, an_assertion, asserting, public_jwk

# JSON can spell half a surrogate pair, which nothing can encode.
HALF = "\ud800"
STRANGE = [HALF, "\x00", "x" * 257, "", 1, -1, True, {}, [], None]


@pytest.fixture
def notes(services, app, cast):
    return TokenClient(app, cast.acme, an_application(services, cast.acme))


@pytest.fixture
def asked(notes, cast):
    """What is said to a proof, however it was made."""
    url = f"{cast.acme.origin}/oauth2/token"

    def asked(**said):
        proof = a_proof(said.pop("key", None) or a_key(), url, **said)
        return notes.refresh("prt_x", headers={"DPoP": proof})

    return asked


@pytest.mark.parametrize("value", STRANGE)
def test_a_name_that_is_none_is_refused_in_an_assertion_and_in_a_proof(services, app, cast, asked, value):
    key = a_key()
    said = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public_jwk(key)]}}
    robot = an_application(services, cast.acme, type="machine", **said)
    fields = asserting(an_assertion(key, cast.acme, robot.client_id, jti=value))
    answer = TokenClient(app, cast.acme).post({"grant_type": "client_credentials", **fields})
    # What can be written is a name, however odd.
    fine = value == "\x00"
    assert (answer.status_code, answer.json.get("error")) == ((200, None) if fine else (401, "invalid_client"))
    assert asked(jti=value).json["error"] == ("invalid_grant" if fine else "invalid_dpop_proof")


@pytest.mark.parametrize("name", ["htu", "htm", "iat", "exp"])
def test_claims_of_a_proof_that_are_of_no_use_are_refused(asked, name):
    for value in [*STRANGE[:-1], 1e400, float("nan"), 10**30]:
        assert asked(**{name: value}).json["error"] == "invalid_dpop_proof", value


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_key_with_a_strange_member_is_no_key(asked, algorithm):
    key = a_key(algorithm)
    jwk = public_jwk(key, algorithm)
    for member in jwk.keys() | {"alg"}:
        for value in STRANGE[:-1]:
            answer = asked(key=key, algorithm=algorithm, headers={"jwk": jwk | {member: value}})
            assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof"), (member, value)


@pytest.mark.parametrize("levels", [50, 900, 2500])
def test_what_is_nested_deep_is_refused_wherever_a_token_is_taken(notes, cast, levels):
    for opening, end in (("[", "]"), ('{"a":', "}"), ("[", "")):
        head = b64(f'{{"alg":"ES256","kid":{opening * levels}1{end * levels}}}'.encode())
        token = f"{head}.{b64(json.dumps({}).encode())}.x"
        bearer = {"Authorization": f"Bearer {token}"}
        for answer in (
            notes.post({"token": token}, path="/oauth2/introspect"),
            notes.post({"token": token}, path="/oauth2/revoke"),
            notes.post({}, path="/oauth2/userinfo", headers=bearer),
            notes.refresh("prt_x", headers={"DPoP": token}),
            notes.post({"grant_type": "client_credentials", **asserting(token)}, headers={"Authorization": ""}),
            notes.http.get("/api/v1/me", base_url=cast.acme.origin, headers=bearer),
        ):
            assert answer.status_code < 500, answer.text[:200]


def test_what_was_sent_twice_is_named_only_where_its_name_can_be_said(notes):
    def said(name):
        return notes.post({"grant_type": "refresh_token", name: ["1", "2"]}).json["error_description"]

    assert said("scope") == "scope was sent more than once"
    for name in ("caf\xe9", 'a"b\\', "a\r\nb", "\x00", "x" * 1000):
        assert said(name) == "a parameter was sent more than once"
