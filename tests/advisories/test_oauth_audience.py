"""Tokens are good for what they were issued for, and for nobody else (security.md V9.2, V10.3, 4 H and I)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued, issued_to_itself
from tests.oidc.programs import Program

INACTIVE = {"active": False}
API = "https://api.example"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, resources=(API,))


@pytest.fixture
def mine(services, cast, notes):
    return issued(services, cast.ada, notes)


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


def test_cve_2026_37979_introspection_heeds_the_audience(app, services, cast, mine):
    """Keycloak told any client of any token."""
    for serves in ((), ("https://other.example",), (f"{cast.acme.origin}/",), (cast.acme.origin.upper(),)):
        other = an_application(services, cast.acme, type="machine", name="Other", serves=serves)
        assert Program(app, cast.acme.origin, other).ask("/oauth2/introspect", token=mine.access_token).json == INACTIVE


def test_asvs_9_2_2_an_id_token_is_no_access_token_nor_the_other_way_round(program, mine, acme, services, cast):
    for path in ("/me", "/me/sessions"):
        for token in (mine.id_token, mine.access_token, mine.refresh_token):
            answer = acme.get(path, token=token)
            assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")
    assert program.get("/oauth2/userinfo", token=mine.id_token).status_code == 401
    assert program.ask("/oauth2/introspect", token=mine.id_token).json == INACTIVE


def test_asvs_9_2_3_a_token_for_one_api_is_not_good_at_another_nor_at_ours(app, program, services, cast, notes, acme):
    token = issued(services, cast.ada, notes, resources=(API,)).access_token
    assert program.get("/oauth2/userinfo", token=token).json["error"] == "invalid_token"
    assert acme.get("/me", token=token).status_code == 401
    other = an_application(services, cast.acme, type="machine", name="Other", serves=("https://api.example.evil",))
    assert Program(app, cast.acme.origin, other).ask("/oauth2/introspect", token=token).json == INACTIVE


def test_asvs_9_2_4_a_token_of_one_tenant_is_nothing_at_another(app, services, cast, mine, call):
    theirs = Program(app, cast.globex.origin, an_application(services, cast.globex, serves=(cast.acme.origin, API)))
    assert theirs.get("/oauth2/userinfo", token=mine.access_token).status_code == 401
    assert theirs.ask("/oauth2/introspect", token=mine.access_token).json == INACTIVE
    assert theirs.ask("/oauth2/revoke", token=mine.access_token).status_code == 200
    assert call(cast.globex).get("/me", token=mine.access_token).status_code == 401
    assert Program(app, cast.acme.origin).get("/oauth2/userinfo", token=mine.access_token).status_code == 200


def test_asvs_10_3_2_what_a_token_may_is_what_its_scope_says(program, services, cast, notes):
    without = issued(services, cast.ada, notes, scopes=("profile", "email")).access_token
    assert program.get("/oauth2/userinfo", token=without).status_code == 403
    few = issued(services, cast.ada, notes, scopes=("openid",)).access_token
    assert program.get("/oauth2/userinfo", token=few).json == {"sub": str(cast.ada.id)}


def test_a_client_is_never_taken_for_a_person(program, services, cast, notes):
    """RFC 9700, section 4.15."""
    token = issued_to_itself(services, cast.acme, notes, scopes=("openid", "email"))
    assert program.get("/oauth2/userinfo", token=token).status_code == 401
    said = program.ask("/oauth2/introspect", token=token).json
    assert said["sub"] == said["client_id"]
    assert "sid" not in said


@pytest.mark.parametrize("end", ["disable", "logout", "end all"])
def test_disabled_and_signed_out_everywhere(program, services, cast, notes, end):
    """Class disable_everywhere, ASVS 7.4.1 and 7.4.2: access token, refresh token, userinfo, introspection."""
    bob = issued(services, cast.bob, notes)
    if end == "disable":
        services.users.disable(cast.acme, email=cast.bob.email)
    elif end == "logout":
        services.sessions.logout(cast.acme, bob.scope)
    else:
        services.sessions.end_all(cast.acme, bob.scope, current_too=True)
    assert program.get("/oauth2/userinfo", token=bob.access_token).status_code == 401
    for token in (bob.access_token, bob.refresh_token):
        assert program.ask("/oauth2/introspect", token=token).json == INACTIVE
    again = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=bob.refresh_token)
    assert again.json["error"] == "invalid_grant"
