"""Who is turned away at userinfo, and how they are told (RFC 6750, section 3)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program

PATH = "/oauth2/userinfo"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def mine(services, cast, notes):
    return issued(services, cast.ada, notes)


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


def refused(answer):
    """It is 401, and says so in both places."""
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    return True


def test_without_a_token_nothing_is_said_but_what_to_come_with(program, cast):
    answer = program.get(PATH)
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith(f'Bearer realm="{cast.acme.slug}", DPoP ')
    assert "error" not in challenge
    assert program.get(PATH, headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_a_token_counts_neither_in_the_address_nor_in_the_body_of_a_get(program, mine):
    assert program.open("GET", PATH, data={"access_token": mine.access_token}).status_code == 401
    for method in ("GET", "POST"):
        answer = program.open(method, f"{PATH}?access_token={mine.access_token}")
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
        answer = program.open(method, f"{PATH}?access_token=x", token=mine.access_token)
        assert answer.status_code == 400


def test_two_tokens_are_one_too_many(program, mine):
    answer = program.post(PATH, {"access_token": mine.access_token}, token=mine.access_token)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    twice = {"access_token": [mine.access_token, mine.access_token]}
    assert program.post(PATH, twice).json["error"] == "invalid_request"


@pytest.mark.parametrize("token", ["x", "a.b.c", "prt_x", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(program, token):
    assert refused(program.get(PATH, token=token))


def test_neither_an_id_token_nor_a_token_of_our_own_api_nor_a_refresh_token_opens_it(program, mine, cast):
    assert refused(program.get(PATH, token=mine.id_token))
    assert refused(program.get(PATH, token=mine.refresh_token))
    assert refused(program.get(PATH, token=cast.ada.sign_in().tokens.access_token))


def test_an_expired_token_is_refused(program, mine, clock):
    clock.forward(minutes=14)
    assert program.get(PATH, token=mine.access_token).status_code == 200
    clock.forward(minutes=2)
    assert refused(program.get(PATH, token=mine.access_token))


def test_the_end_of_the_session_is_the_end(program, mine, services, cast):
    services.sessions.logout(cast.acme, mine.scope)
    assert refused(program.get(PATH, token=mine.access_token))


def test_a_session_that_has_run_out_unannounced_is_noticed(program, services, cast, notes, clock):
    scope = cast.ada.scope(cast.ada.sign_in())
    clock.forward(days=6, hours=23, minutes=55)
    mine = issued(services, cast.ada, notes, scope=scope)
    assert program.get(PATH, token=mine.access_token).status_code == 200
    clock.forward(minutes=6)
    assert refused(program.get(PATH, token=mine.access_token))


def test_a_person_who_is_disabled_or_leaving_is_not_told_of(program, mine, services, cast, owner):
    owner.execute("UPDATE users SET leaving_at = now() WHERE id = %s", [cast.ada.id])
    assert refused(program.get(PATH, token=mine.access_token))
    owner.execute("UPDATE users SET leaving_at = NULL WHERE id = %s", [cast.ada.id])
    assert program.get(PATH, token=mine.access_token).status_code == 200
    services.users.disable(cast.acme, email=cast.ada.email)
    assert refused(program.get(PATH, token=mine.access_token))


def test_a_grant_that_is_revoked_counts_no_more_although_nobody_was_told(program, mine, owner):
    """The row decides: Redis and the news are for those who do not ask the database."""
    owner.execute("UPDATE refresh_families SET revoked_at = now() WHERE id = %s", [mine.grant_id])
    assert refused(program.get(PATH, token=mine.access_token))


def test_mallory_and_globex_see_nothing(app, services, cast, mine):
    theirs = issued(services, cast.mallory, an_application(services, cast.globex))
    assert refused(Program(app, cast.globex.origin).get(PATH, token=mine.access_token))
    assert refused(Program(app, cast.acme.origin).get(PATH, token=theirs.access_token))
    assert Program(app, cast.globex.origin).get(PATH, token=theirs.access_token).json["email"] == cast.mallory.email


def test_a_client_that_is_gone_takes_its_tokens_along(portal, mine, cast, notes, owner):
    owner.execute("UPDATE applications SET disabled_at = now() WHERE id = %s", [notes.id])
    assert refused(Program(portal(), cast.acme.origin).get(PATH, token=mine.access_token))


def test_a_suspended_tenant_answers_in_the_protocols_shape(portal, mine, services, cast):
    services.tenant_administration.suspend(cast.acme)
    answer = Program(portal(), cast.acme.origin).get(PATH, token=mine.access_token)
    assert (answer.status_code, answer.json["error"], answer.json["code"]) == (403,) + ("tenant_suspended",) * 2
