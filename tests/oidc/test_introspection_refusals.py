"""Who may ask about tokens, and which tokens are never told of (RFC 7662, sections 2.1 and 4)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program, basic

PATH = "/oauth2/introspect"
INACTIVE = {"active": False}


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def mine(services, cast, notes):
    return issued(services, cast.ada, notes)


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


def test_a_stranger_and_a_wrong_secret_are_401(program, mine, notes):
    for headers in ({}, {"Authorization": basic(notes, "pcs_wrong")}, {"Authorization": f"Bearer {mine.access_token}"}):
        answer = program.post(PATH, {"token": mine.access_token}, headers=headers)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_public_client_may_not_ask_not_even_about_its_own(app, services, cast):
    spa = an_application(services, cast.acme, type="spa")
    token = issued(services, cast.ada, spa).access_token
    answer = Program(app, cast.acme.origin, spa).ask(PATH, token=token)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_the_api_refuses_in_its_own_shape(program, mine, cast, notes):
    def ask(headers, body=None):
        return program.client.post(
            "/api/v1/auth/introspect",
            base_url=cast.acme.origin,
            json=body or {"token": mine.access_token},
            headers=headers,
        )

    for headers in ({}, {"Authorization": basic(notes, "pcs_wrong")}, {"Authorization": "Basic !"}):
        answer = ask(headers)
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert ask({"Authorization": basic(notes)}, {"token": 1}).status_code == 422
    assert ask({"Authorization": f"Bearer {mine.access_token}"}).json == INACTIVE, "no token of our own API"


def test_something_has_to_be_asked_about_and_once(program, notes):
    assert program.ask(PATH).json["error"] == "invalid_request"
    assert program.ask(PATH, token=["a", "b"]).json["error"] == "invalid_request"
    in_address = program.post(f"{PATH}?token=x", {"token": "x"}, headers={"Authorization": basic(notes)})
    assert in_address.json["error"] == "invalid_request"
    as_json = program.open("POST", PATH, json={"token": "x"}, headers={"Authorization": basic(notes)})
    assert as_json.json["error"] == "invalid_request"


def test_only_post(program):
    answer = program.get(PATH)
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_id_tokens_and_tokens_of_our_own_api_are_never_told_of(program, mine, cast, services):
    assert program.ask(PATH, token=mine.id_token).json == INACTIVE
    own = cast.ada.sign_in().tokens
    serving = an_application(services, cast.acme, name="API", serves=(cast.acme.origin,))
    program = Program(program.client.application, cast.acme.origin, serving)
    assert program.ask(PATH, token=own.access_token).json == INACTIVE
    assert program.ask(PATH, token=own.refresh_token).json == INACTIVE
    assert program.ask(PATH, token=mine.access_token).json["active"]


def test_what_has_ended_is_not_active(program, services, cast, notes, clock):
    ended, disabled, old = (issued(services, person, notes) for person in (cast.ada, cast.bob, cast.ada))
    services.sessions.logout(cast.acme, ended.scope)
    services.users.disable(cast.acme, email=cast.bob.email)
    for gone in (ended, disabled):
        assert program.ask(PATH, token=gone.access_token).json == INACTIVE
        assert program.ask(PATH, token=gone.refresh_token).json == INACTIVE
    clock.forward(minutes=16)
    assert program.ask(PATH, token=old.access_token).json == INACTIVE


def test_a_session_that_has_run_out_unannounced_is_noticed(program, services, cast, notes, clock):
    scope = cast.ada.scope(cast.ada.sign_in(remember=True))
    clock.forward(days=29, hours=23, minutes=55)
    late = issued(services, cast.ada, notes, scope=scope)
    assert program.ask(PATH, token=late.access_token).json["active"]
    clock.forward(minutes=6)
    assert program.ask(PATH, token=late.access_token).json == INACTIVE
    assert program.ask(PATH, token=late.refresh_token).json == INACTIVE


def test_globex_learns_nothing(app, services, cast, mine, notes):
    hers = an_application(services, cast.globex, serves=(cast.acme.origin,))
    answer = Program(app, cast.globex.origin, hers).ask(PATH, token=mine.access_token)
    assert (answer.status_code, answer.json) == (200, INACTIVE)
    assert Program(app, cast.globex.origin, hers).ask(PATH, token=mine.refresh_token).json == INACTIVE
    assert Program(app, cast.acme.origin, hers).ask(PATH, token=mine.access_token).status_code == 401
