"""What we say of ourselves is so (OpenID Connect Discovery 1.0, RFC 8414; the config plan of the OpenID foundation)."""

from typing import get_args
from urllib.parse import urlsplit

import pytest

from app.auth.published_keys import ALGORITHMS
from app.oidc import checks, discovery, foreign
from app.oidc.application_details import KINDS, SIGNING, STANDARD_SCOPES
from app.oidc.claims import CLAIMS
from app.oidc.clients import AuthMethod
from tests.oidc.clients import an_application
from tests.oidc.programs import Program

PATHS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
# OpenID Connect Discovery, section 3, and RFC 8414, section 2: what has to be there.
REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "scopes_supported",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}


@pytest.fixture
def program(app, cast):
    return Program(app, cast.acme.origin)


@pytest.fixture
def said(program):
    return program.get(PATHS[0]).json


@pytest.mark.parametrize("path", PATHS)
def test_both_documents_are_json_for_everybody_and_kept_for_a_while(program, path):
    answer = program.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"].startswith("public, max-age=300")
    assert "Pragma" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.json == discovery.document(program.origin)


def test_what_has_to_be_there_is_there(said, cast):
    assert said.keys() >= REQUIRED
    assert said["issuer"] == cast.acme.origin
    assert all(value not in (None, [], "") for value in said.values())


def test_every_endpoint_is_ours_and_answers(app, said, cast):
    adapter = app.url_map.bind("")
    endpoints = {name: url for name, url in said.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(endpoints) == 9
    for url in endpoints.values():
        assert url.startswith(f"{cast.acme.origin}/oauth2/")
        assert adapter.allowed_methods(urlsplit(url).path), url


def test_each_tenant_is_an_issuer_of_its_own(app, cast, said):
    assert Program(app, cast.globex.origin).get(PATHS[0]).json["issuer"] == cast.globex.origin != said["issuer"]


def test_nothing_weak_is_offered(said):
    text = repr(said).lower()
    for weak in ("'none'", "hs256", "plain", "implicit", "password", "'token'", "id_token'", "fragment"):
        assert weak not in text.replace(repr(said["token_endpoint_auth_methods_supported"]).lower(), "").replace(
            repr(said["prompt_values_supported"]).lower(), ""
        ), weak
    assert said["response_types_supported"] == ["code"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert "RS256" in said["id_token_signing_alg_values_supported"]


def test_what_is_not_supported_is_said_and_not_left_to_defaults(said):
    assert said["request_parameter_supported"] is False
    assert said["request_uri_parameter_supported"] is False
    assert said["claims_parameter_supported"] is True
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["backchannel_logout_supported"] is said["backchannel_logout_session_supported"] is True


def test_the_lists_are_those_that_the_code_accepts(said):
    assert set(said["grant_types_supported"]) == {grant for kind in KINDS.values() for grant in kind.grants}
    assert set(said["scopes_supported"]) == set(STANDARD_SCOPES)
    assert set(said["token_endpoint_auth_methods_supported"]) == set(get_args(AuthMethod))
    assert set(said["token_endpoint_auth_methods_supported"]) == {
        *(method for kind in KINDS.values() for method in kind.auth_methods)
    }
    assert set(said["introspection_endpoint_auth_methods_supported"]) == set(get_args(AuthMethod)) - {"none"}
    assert set(said["prompt_values_supported"]) == checks.PROMPTS
    assert tuple(said["id_token_signing_alg_values_supported"]) == ALGORITHMS == SIGNING
    assert tuple(said["dpop_signing_alg_values_supported"]) == foreign.ALGORITHMS
    assert set(CLAIMS) < set(said["claims_supported"])


@pytest.mark.parametrize("grant", discovery.GRANT_TYPES)
def test_the_token_endpoint_knows_every_grant(app, services, cast, grant):
    """Without what it needs it is refused for that, not for its name."""
    client = an_application(services, cast.acme, grant_types=discovery.GRANT_TYPES, resources=("https://a.example",))
    answer = Program(app, cast.acme.origin, client).ask("/oauth2/token", grant_type=grant)
    assert answer.json.get("error") not in {"unsupported_grant_type", "unauthorized_client"}, answer.json


def test_pages_of_registered_applications_may_read_it_and_no_others(app, services, cast):
    an_application(services, cast.acme, type="spa", redirect_uris=("https://spa.example/cb",))
    program = Program(app, cast.acme.origin)
    for path in (*PATHS, "/oauth2/jwks"):
        answer = program.get(path, headers={"Origin": "https://spa.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://spa.example"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
        for origin in ("https://evil.example", "null", "https://spa.example.evil.example", "http://spa.example"):
            assert "Access-Control-Allow-Origin" not in program.get(path, headers={"Origin": origin}).headers
