"""Tokens that are bound to a key (RFC 9449)."""

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code
from tests.oidc.signing import a_key, a_proof, public_jwk

ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "RS256", "PS256"]


def said(token):
    return jwt.decode(token, options={"verify_signature": False})


class Bound:
    """A client that shows its key with each request."""

    def __init__(self, app, tenant, application, key=None, algorithm="ES256"):
        self.client = TokenClient(app, tenant, application)
        self.url = f"{tenant.origin}/oauth2/token"
        self.key, self.algorithm = key or a_key(algorithm), algorithm

    def proof(self, **changed):
        return a_proof(self.key, self.url, algorithm=self.algorithm, **changed)

    def post(self, fields, **changed):
        return self.client.post(fields, headers={"DPoP": self.proof(**changed)})

    def refresh(self, token, **more):
        return self.post({"grant_type": "refresh_token", "refresh_token": token} | more)


@pytest.fixture
def page(services, cast):
    return an_application(services, cast.acme, type="spa")


def jkt_of(services, cast, key, algorithm="ES256"):
    """As joserfc computes it."""
    from joserfc.jwk import JWKRegistry

    return JWKRegistry.import_key(public_jwk(key, algorithm)).thumbprint()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tokens_say_which_key_they_are_bound_to(services, app, cast, page, algorithm):
    bound = Bound(app, cast.acme, page, algorithm=algorithm)
    answer = bound.post(a_code(services, cast.bob, page).fields)
    assert (answer.status_code, answer.json["token_type"]) == (200, "DPoP")
    claims = said(answer.json["access_token"])
    assert claims["cnf"] == {"jkt": jkt_of(services, cast, bound.key, algorithm)}


def test_a_public_clients_refresh_token_is_bound_too(services, app, cast, page):
    bound = Bound(app, cast.acme, page)
    tokens = bound.post(a_code(services, cast.bob, page).fields).json
    thief = Bound(app, cast.acme, page)
    for answer in (thief.refresh(tokens["refresh_token"]), bound.client.refresh(tokens["refresh_token"])):
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    second = bound.refresh(tokens["refresh_token"])
    assert (second.status_code, second.json["token_type"]) == (200, "DPoP")
    assert said(second.json["access_token"])["cnf"] == said(tokens["access_token"])["cnf"]


def test_whoever_has_not_the_key_cannot_end_the_family_either(services, app, cast, page, clock):
    bound = Bound(app, cast.acme, page)
    first = bound.post(a_code(services, cast.bob, page).fields).json["refresh_token"]
    second = bound.refresh(first).json["refresh_token"]
    third = bound.refresh(second).json["refresh_token"]
    assert Bound(app, cast.acme, page).refresh(first).json["error"] == "invalid_grant"
    fourth = bound.refresh(third)
    assert fourth.status_code == 200
    assert bound.refresh(first).json["error"] == "invalid_grant"
    assert bound.refresh(fourth.json["refresh_token"]).json["error"] == "invalid_grant"


def test_a_confidential_clients_refresh_token_is_bound_to_its_secret(services, app, cast):
    notes = an_application(services, cast.acme)
    bound = Bound(app, cast.acme, notes)
    tokens = bound.post(a_code(services, cast.bob, notes).fields).json
    other = Bound(app, cast.acme, notes)
    again = other.refresh(tokens["refresh_token"]).json
    assert said(again["access_token"])["cnf"]["jkt"] == jkt_of(services, cast, other.key)
    plain = other.client.refresh(again["refresh_token"]).json
    assert plain["token_type"] == "Bearer"
    assert "cnf" not in said(plain["access_token"])


def test_a_code_that_was_asked_for_with_a_key_needs_it(services, app, cast, page):
    bound = Bound(app, cast.acme, page)
    code = a_code(services, cast.bob, page, dpop_jkt=jkt_of(services, cast, bound.key))
    for answer in (bound.client.post(code.fields), Bound(app, cast.acme, page).post(code.fields)):
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert bound.post(code.fields).status_code == 200


def test_a_client_that_promised_keys_has_to_show_them(services, app, cast):
    page = an_application(services, cast.acme, type="spa", dpop_bound_access_tokens=True)
    robot = an_application(services, cast.acme, type="machine", dpop_bound_access_tokens=True)
    ask = {"grant_type": "client_credentials"}
    for application, fields in ((page, a_code(services, cast.bob, page).fields), (robot, ask)):
        bound = Bound(app, cast.acme, application)
        answer = bound.client.post(fields)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
        assert bound.post(fields).json["token_type"] == "DPoP"


def test_a_client_that_fails_to_authenticate_uses_up_no_proof(services, app, cast):
    robot = an_application(services, cast.acme, type="machine")
    bound = Bound(app, cast.acme, robot)
    proof, ask = bound.proof(), {"grant_type": "client_credentials"}
    failed = bound.client.post(ask, headers={"DPoP": proof, "Authorization": "Basic eDp5"})
    assert failed.status_code == 401
    assert bound.client.post(ask, headers={"DPoP": proof}).status_code == 200
