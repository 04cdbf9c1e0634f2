"""The authorization code grant (RFC 6749, section 4.1.3)."""

import jwt
import pytest

from app.auth.errors import InvalidToken
from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, a_code, redeemed
from tests.waiting import until


def said(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_code_becomes_tokens(services, app, cast):
    notes = an_application(services, cast.acme)
    _, tokens, code = redeemed(services, app, cast.bob, notes)
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["scope"] == "openid profile email offline_access"
    claims = said(tokens["access_token"])
    assert claims["sub"] == str(cast.bob.id)
    assert claims["aud"] == claims["iss"] == cast.acme.origin
    assert claims["client_id"] == notes.client_id
    assert claims["gid"] == str(code.grant_id)
    assert claims["sid"] == str(code.scope.session_id)
    assert "roles" not in claims
    assert "cnf" not in claims
    verified = services.openid.access_tokens.verify(cast.acme, tokens["access_token"])
    assert verified.user_id == cast.bob.id


def test_the_answer_is_kept_by_nobody(services, app, cast):
    notes = an_application(services, cast.acme)
    answer = TokenClient(app, cast.acme, notes).post(a_code(services, cast.bob, notes).fields)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert answer.mimetype == "application/json"


def test_without_offline_access_there_is_no_refresh_token_but_a_grant_to_revoke(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    _, tokens, code = redeemed(services, app, cast.bob, notes, scopes=("openid",))
    assert "refresh_token" not in tokens
    found = owner.execute("SELECT offline FROM refresh_families WHERE id = %s", (code.grant_id,)).fetchall()
    assert found == [(False,)]


def test_roles_are_told_with_their_scope(services, app, cast):
    notes = an_application(services, cast.acme)
    _, tokens, _ = redeemed(services, app, cast.ada, notes, scopes=("openid", "roles"))
    assert said(tokens["access_token"])["roles"] == ["owner"]


def test_the_session_knows_which_applications_it_was_used_for(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    _, _, code = redeemed(services, app, cast.bob, notes)
    rows = owner.execute(
        "SELECT application_id FROM application_sessions WHERE session_id = %s", (code.scope.session_id,)
    ).fetchall()
    assert rows == [(notes.id,)]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "made-up"}, "invalid_grant"),
        ({"code": "x" * 5000}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": "https://notes.example/cb/"}, "invalid_grant"),
        ({"redirect_uri": "https://notes.example/cb?x=1"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"resource": "https://api.example"}, "invalid_target"),
    ],
)
def test_what_does_not_fit_the_code_is_refused_and_the_code_stays(services, app, cast, changed, error):
    notes = an_application(services, cast.acme)
    code, client = a_code(services, cast.bob, notes), TokenClient(app, cast.acme, notes)
    fields = {name: value for name, value in (code.fields | changed).items() if value is not None}
    answer = client.post(fields)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert client.post(code.fields).status_code == 200


def test_a_code_is_over_after_a_minute(services, app, cast, clock):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    clock.forward(seconds=61)
    answer = TokenClient(app, cast.acme, notes).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_a_code_is_its_clients_alone(services, app, cast):
    notes, other = an_application(services, cast.acme), an_application(services, cast.acme, name="Other")
    code = a_code(services, cast.bob, notes)
    answer = TokenClient(app, cast.acme, other).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    theirs = an_application(services, cast.globex)
    answer = TokenClient(app, cast.globex, theirs).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert TokenClient(app, cast.acme, notes).post(code.fields).status_code == 200


def test_the_second_use_is_refused_and_takes_what_the_first_gave(services, app, cast, happened, letters):
    notes = an_application(services, cast.acme)
    client, tokens, code = redeemed(services, app, cast.bob, notes)
    again = client.post(code.fields)
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    assert client.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    with pytest.raises(InvalidToken):
        services.openid.access_tokens.verify(cast.acme, tokens["access_token"])
    assert ("token.reused", "refused", "code_reused") in happened(cast.acme)
    assert "signed you out of that application" in letters.to(cast.bob.email).text
    # The browser's own session goes on.
    assert services.sessions.list(cast.acme, code.scope)


def test_a_session_that_has_ended_gives_nothing(services, app, cast):
    notes = an_application(services, cast.acme)
    code = a_code(services, cast.bob, notes)
    services.sessions.end(cast.acme, code.scope, code.scope.session_id)
    answer = TokenClient(app, cast.acme, notes).post(code.fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_what_was_taken_from_the_application_meanwhile_is_not_granted(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    client, first = TokenClient(app, cast.acme, notes), a_code(services, cast.bob, notes)
    assert client.post(first.fields).status_code == 200
    owner.execute("UPDATE applications SET scopes = '{openid}' WHERE id = %s", (notes.id,))
    services.openid.clients.changed(cast.acme.id, notes.id)

    def narrower():
        answer = client.post(a_code(services, cast.bob, notes).fields).json
        return answer if answer["scope"] == "openid" else None

    assert "refresh_token" not in until(narrower)
