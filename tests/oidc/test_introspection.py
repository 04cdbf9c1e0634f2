"""What clients are told of tokens (RFC 7662), at both addresses."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued, issued_to_itself
from tests.oidc.programs import Program, basic
from tests.waiting import until

PATH = "/oauth2/introspect"
API = "/api/v1/auth/introspect"
INACTIVE = {"active": False}


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, resources=("https://api.example",))


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


@pytest.fixture
def as_client(app):
    """Both addresses, which have to say the same."""

    def as_client(tenant, application, token):
        program = Program(app, tenant.origin, application)
        at_oauth = program.ask(PATH, token=token)
        at_api = program.client.post(
            API, base_url=tenant.origin, json={"token": token}, headers={"Authorization": basic(application)}
        )
        assert at_oauth.json == at_api.json
        assert (at_oauth.status_code, at_api.status_code) == (200, 200)
        assert at_oauth.headers["Cache-Control"] == "no-store"
        return at_oauth.json

    return as_client


def test_an_access_token_says_whom_it_is_about_and_for_whom_it_is(as_client, services, cast, notes):
    mine = issued(services, cast.ada, notes, scopes=("openid", "roles"))
    said = as_client(cast.acme, notes, mine.access_token)
    assert said == {
        "active": True,
        "token_type": "Bearer",
        "client_id": notes.client_id,
        "iss": cast.acme.origin,
        "aud": cast.acme.origin,
        "sub": str(cast.ada.id),
        "sid": str(mine.scope.session_id),
        "tid": str(cast.acme.id),
        "scope": "openid roles",
        "roles": ["owner"],
        "acr": "1",
        "amr": ["pwd"],
        "auth_time": int(mine.scope.auth_time.timestamp()),
        "iat": said["iat"],
        "nbf": said["iat"],
        "exp": said["iat"] + 900,
        "jti": said["jti"],
    }


def test_a_bound_token_says_to_which_key(as_client, services, cast, notes):
    said = as_client(cast.acme, notes, issued(services, cast.ada, notes, dpop_jkt="k" * 43).access_token)
    assert (said["token_type"], said["cnf"]) == ("DPoP", {"jkt": "k" * 43})


def test_a_clients_own_token_is_about_itself(as_client, services, cast):
    notes = an_application(services, cast.acme, type="machine", scopes=("invoices:read",))
    said = as_client(cast.acme, notes, issued_to_itself(services, cast.acme, notes, scopes=("invoices:read",)))
    assert (said["sub"], said["client_id"], said["scope"]) == (notes.client_id, notes.client_id, "invoices:read")
    assert "sid" not in said


def test_whoever_it_is_meant_for_may_ask(as_client, services, cast, notes):
    api = an_application(services, cast.acme, type="machine", name="API", serves=("https://api.example",))
    other = an_application(services, cast.acme, type="machine", name="Other", serves=("https://other.example",))
    token = issued(services, cast.ada, notes, resources=("https://api.example",)).access_token
    assert as_client(cast.acme, api, token)["aud"] == "https://api.example"
    assert as_client(cast.acme, notes, token)["active"]
    assert as_client(cast.acme, other, token) == INACTIVE


def test_the_hint_is_only_a_hint(program, services, cast, notes):
    mine = issued(services, cast.ada, notes)
    for token in (mine.access_token, mine.refresh_token):
        for hint in ("access_token", "refresh_token", "x"):
            assert program.ask(PATH, token=token, token_type_hint=hint).json["active"]


def test_a_refresh_token_is_active_for_its_client_while_it_is_the_newest(as_client, services, cast, notes, clock):
    mine = issued(services, cast.ada, notes)
    said = as_client(cast.acme, notes, mine.refresh_token)
    assert {**said, "iat": 0, "exp": 0} == {
        "active": True,
        "client_id": notes.client_id,
        "scope": "openid profile email address phone offline_access roles",
        "iss": cast.acme.origin,
        "sub": str(cast.ada.id),
        "sid": str(mine.scope.session_id),
        "iat": 0,
        "exp": 0,
    }
    other = an_application(services, cast.acme, name="Other", serves=(cast.acme.origin,))
    assert as_client(cast.acme, other, mine.refresh_token) == INACTIVE
    clock.forward(days=8)
    assert as_client(cast.acme, notes, mine.refresh_token) == INACTIVE


def test_a_refresh_token_that_was_traded_in_is_not_active(as_client, program, services, cast, notes):
    mine = issued(services, cast.ada, notes)
    traded = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=mine.refresh_token)
    assert traded.status_code == 200, traded.text
    assert as_client(cast.acme, notes, mine.refresh_token) == INACTIVE
    assert as_client(cast.acme, notes, traded.json["refresh_token"])["active"]


@pytest.mark.parametrize(
    "token", ["x", "prt_x", "prt_" + "A" * 70, "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "é", "x" * 9000]
)
def test_what_is_no_token_is_not_active(program, token):
    answer = program.ask(PATH, token=token)
    assert (answer.status_code, answer.json) == (200, INACTIVE)


def test_it_costs_no_statement_to_ask_about_a_token_that_is_known(program, services, cast, notes):
    mine = issued(services, cast.ada, notes)

    def costs_nothing():
        before = services.ports.pool.get_stats().get("requests_num", 0)
        assert program.ask(PATH, token=mine.access_token).json["active"]
        return services.ports.pool.get_stats().get("requests_num", 0) == before

    # News of the application that was made a moment ago may have come between.
    assert until(costs_nothing)
