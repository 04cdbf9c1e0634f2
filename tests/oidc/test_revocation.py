"""Applications give tokens back (RFC 7009)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued, issued_to_itself, issuing
from tests.oidc.programs import Program, basic

PATH = "/oauth2/revoke"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def mine(services, cast, notes):
    return issued(services, cast.ada, notes)


@pytest.fixture
def program(app, cast, notes):
    return Program(app, cast.acme.origin, notes)


@pytest.fixture
def alive(program, notes):
    """Whether either token of a grant still counts for anything."""

    def alive(grant):
        for token in (grant.access_token, grant.refresh_token):
            if program.ask("/oauth2/introspect", token=token).json["active"]:
                return True
        if program.get("/oauth2/userinfo", token=grant.access_token).status_code == 200:
            return True
        again = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=grant.refresh_token)
        return again.status_code == 200

    return alive


def revoked(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return True


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_grant_whatever_the_hint(program, mine, alive, kind, hint):
    fields = {"token": getattr(mine, kind)} | ({"token_type_hint": hint} if hint else {})
    assert revoked(program.ask(PATH, **fields))
    assert not alive(mine)
    assert revoked(program.ask(PATH, **fields)), "twice is once"


def test_the_session_and_other_grants_go_on(program, mine, services, cast, notes, alive):
    other = issued(services, cast.ada, notes, scope=mine.scope)
    program.ask(PATH, token=mine.access_token)
    assert alive(other)
    assert services.sessions.list(cast.acme, mine.scope)


def test_an_old_refresh_token_ends_the_grant_too(program, mine, alive):
    traded = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=mine.refresh_token)
    assert revoked(program.ask(PATH, token=mine.refresh_token))
    assert not program.ask("/oauth2/introspect", token=traded.json["refresh_token"]).json["active"]
    assert not alive(mine)


def test_a_clients_own_token_is_revoked_by_itself(program, services, cast, notes):
    one, two = (issued_to_itself(services, cast.acme, notes) for _ in range(2))
    assert revoked(program.ask(PATH, token=one))
    assert not program.ask("/oauth2/introspect", token=one).json["active"]
    assert program.ask("/oauth2/introspect", token=two).json["active"]


def test_whoever_acts_for_somebody_gives_back_that_token_alone(app, services, cast, mine, alive):
    """RFC 8693: it is issued to the actor, and names the grant that it came of."""
    actor = an_application(services, cast.acme, name="Actor")
    kept = jwt.decode(mine.access_token, options={"verify_signature": False})
    claims = {name: kept[name] for name in ("sub", "sid", "gid", "auth_time", "acr", "amr")}
    token = issuing(services).access(
        cast.acme,
        actor.client,
        claims | {"act": {"sub": actor.client_id}},
        resources=(),
        scopes=("openid",),
        life=timedelta(minutes=5),
        dpop_jkt=None,
        now=services.ports.clock(),
    )
    program = Program(app, cast.acme.origin, actor)
    assert program.ask("/oauth2/introspect", token=token).json["act"] == {"sub": actor.client_id}
    assert revoked(program.ask(PATH, token=token))
    assert not program.ask("/oauth2/introspect", token=token).json["active"]
    assert alive(mine)


@pytest.mark.parametrize("token", ["x", "prt_x", "a.b.c", "é", "x" * 9000])
def test_what_nobody_knows_is_gone_already(program, token):
    assert revoked(program.ask(PATH, token=token))


def test_tokens_of_others_stay_and_nobody_is_told(app, services, cast, mine, alive):
    other = Program(app, cast.acme.origin, an_application(services, cast.acme, name="Other"))
    hers = Program(app, cast.globex.origin, an_application(services, cast.globex))
    for stranger in (other, hers):
        assert revoked(stranger.ask(PATH, token=mine.access_token))
        assert revoked(stranger.ask(PATH, token=mine.refresh_token))
    own = cast.ada.sign_in()
    assert revoked(other.ask(PATH, token=own.tokens.access_token))
    assert revoked(other.ask(PATH, token=own.tokens.refresh_token))
    assert cast.ada.scope(own)
    assert alive(mine)


def test_what_is_given_back_is_written_down_once_and_the_person_reads_it(program, mine, services, cast, notes, owner):
    for token in (mine.access_token, mine.refresh_token, issued_to_itself(services, cast.acme, notes), "x"):
        program.ask(PATH, token=token)
    rows = owner.execute(
        "SELECT actor_kind, actor_id, subject_id, session_id, outcome, details ->> 'family' FROM audit_events"
        " WHERE tenant_id = %s AND event = 'token.revoked' ORDER BY at, id",
        [cast.acme.id],
    ).fetchall()
    who = ("application", notes.id)
    assert rows == [
        (*who, cast.ada.id, mine.scope.session_id, "success", str(mine.grant_id)),
        (*who, None, None, "success", None),
    ]
    entry = services.activity.entries(mine.scope, after=None, limit=1)[0][0]
    assert (entry.title, entry.note, entry.ip) == ("An application gave its access back", f"{notes.client.name}.", None)


def test_the_client_has_to_show_who_it_is(program, mine, notes, alive):
    for headers in ({}, {"Authorization": basic(notes, "pcs_wrong")}):
        answer = program.post(PATH, {"token": mine.access_token}, headers=headers)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert program.ask(PATH).json["error"] == "invalid_request"
    assert program.get(PATH).status_code == 405
    assert alive(mine)


def test_a_public_client_gives_back_what_it_holds_and_nothing_else(app, services, cast, mine, alive):
    spa = an_application(services, cast.acme, type="spa")
    program, its = Program(app, cast.acme.origin, spa), issued(services, cast.ada, spa)
    assert revoked(program.ask(PATH, token=mine.refresh_token))
    assert alive(mine)
    assert revoked(program.ask(PATH, token=its.refresh_token))
    again = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=its.refresh_token)
    assert again.json["error"] == "invalid_grant"


def test_rotating_and_revoking_at_once_ends_dead(app, cast, notes, services):
    """Whichever comes first: what a rotation has just given out is dead with the rest (security.md 6.3)."""
    for _ in range(5):
        mine, gate = issued(services, cast.ada, notes), Barrier(2)

        def at_once(path, mine=mine, gate=gate, **fields):
            program = Program(app, cast.acme.origin, notes)
            gate.wait()
            return program.ask(path, **fields)

        with ThreadPoolExecutor(2) as threads:
            rotating = threads.submit(
                at_once, "/oauth2/token", grant_type="refresh_token", refresh_token=mine.refresh_token
            )
            assert revoked(threads.submit(at_once, PATH, token=mine.refresh_token).result())
        program = Program(app, cast.acme.origin, notes)
        for token in (mine.refresh_token, rotating.result().json.get("refresh_token")):
            if token:
                answer = program.ask("/oauth2/token", grant_type="refresh_token", refresh_token=token)
                assert answer.json["error"] == "invalid_grant"
