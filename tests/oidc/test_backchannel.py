"""Back-channel logout: what applications are sent (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.5)."""

import jwt
import pytest

from app.queue import Job
from tests.oidc.telling import said, used_by

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_logout_token_says_all_that_it_has_to_and_no_nonce(services, cast, listener, browse, clock, algorithm):
    notes = listener.application(cast.acme, id_token_signed_response_alg=algorithm)
    session = used_by(services, cast.ada, notes)
    services.sessions.logout(cast.acme, session.scope)
    ((_, token),) = listener.heard
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("logout+jwt", algorithm)
    keys = {key["kid"]: jwt.PyJWK(key) for key in browse(cast.acme).get("/oauth2/jwks").json["keys"]}
    claims = jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=[algorithm],
        audience=notes.client_id,
        issuer=cast.acme.origin,
        options={"verify_iat": False, "verify_exp": False},
    )
    assert claims == {
        "iss": cast.acme.origin,
        "aud": notes.client_id,
        "sub": str(cast.ada.id),
        "sid": session.id,
        "jti": claims["jti"],
        "iat": claims["iat"],
        "exp": claims["iat"] + 120,
        "events": {LOGOUT: {}},
    }
    assert abs(claims["iat"] - clock().timestamp()) < 30


def test_it_comes_as_a_form_and_without_cookies(services, cast, listener):
    session = used_by(services, cast.ada, listener.application(cast.acme))
    services.sessions.logout(cast.acme, session.scope)
    assert len(listener.heard) == 1
    path, headers, body = listener.server.got[0]
    assert (path, headers["Content-Type"]) == ("/Notes", "application/x-www-form-urlencoded")
    assert body.startswith(b"logout_token=")
    assert "Cookie" not in headers


def test_every_application_of_the_session_is_told_once_and_no_other(services, cast, listener):
    notes, mail, chat = (listener.application(cast.acme, name) for name in ("Notes", "Mail", "Chat"))
    session = used_by(services, cast.ada, notes, mail)
    other = used_by(services, cast.ada, notes, chat)
    services.sessions.logout(cast.acme, session.scope)
    services.sessions.logout(cast.acme, session.scope)
    assert sorted(listener.told) == [("/Mail", session.id), ("/Notes", session.id)]
    services.sessions.logout(cast.acme, other.scope)
    assert sorted(listener.told[2:]) == [("/Chat", other.id), ("/Notes", other.id)]


def test_a_session_without_applications_promises_nothing(services, cast, listener, owner):
    listener.application(cast.acme)
    services.sessions.logout(cast.acme, cast.ada.scope(cast.ada.sign_in()))
    query = "SELECT count(*) FROM outbox WHERE tenant_id = %s AND kind = 'oidc.backchannel_logout'"
    assert owner.execute(query, [cast.acme.id]).fetchone() == (0,)
    assert listener.told == []


def test_mallorys_applications_hear_nothing(services, cast, listener):
    hers, ours = listener.application(cast.globex, "Hers"), listener.application(cast.acme)
    session = used_by(services, cast.ada, ours)
    used_by(services, cast.mallory, hers)
    services.sessions.logout(cast.acme, session.scope)
    assert listener.told == [("/Notes", session.id)]


def test_the_worker_is_woken(services, cast, listener):
    session = used_by(services, cast.ada, listener.application(cast.acme))
    services.ports.queue.clear()
    services.sessions.logout(cast.acme, session.scope)
    assert Job.DRAIN_OUTBOX in services.ports.queue


def test_a_token_is_made_anew_when_it_is_sent_again(services, cast, listener, clock):
    session = used_by(services, cast.ada, listener.application(cast.acme))
    listener.server.status = 503
    services.sessions.logout(cast.acme, session.scope)
    assert len(listener.heard) == 1
    clock.forward(seconds=5)
    assert len(listener.heard) == 1
    listener.server.status = 200
    clock.forward(seconds=10)
    first, second = (said(token) for _, token in listener.heard)
    assert first["jti"] != second["jti"]
    assert second["iat"] >= first["iat"] + 15
    clock.forward(days=1)
    assert len(listener.heard) == 2
