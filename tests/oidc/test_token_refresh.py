"""Refresh tokens of applications (RFC 6749, section 6; RFC 9700, section 4.14.2)."""

from datetime import timedelta

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import TokenClient, redeemed
from tests.waiting import until

API = "https://api.example"
DOCS = "https://docs.example"


def said(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize("type_", ["web", "spa", "native"])
def test_a_refresh_token_becomes_a_new_pair(services, app, cast, type_):
    notes = an_application(services, cast.acme, type=type_)
    client, first, code = redeemed(services, app, cast.bob, notes)
    answer = client.refresh(first["refresh_token"])
    assert answer.status_code == 200
    second = answer.json
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    before, after = said(first["access_token"]), said(second["access_token"])
    assert after["jti"] != before["jti"]
    same = ("iss", "sub", "aud", "client_id", "sid", "gid", "auth_time", "acr", "amr", "tid", "scope")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["gid"] == str(code.grant_id)


def test_the_id_token_comes_again_and_says_the_same(services, app, cast):
    notes = an_application(services, cast.acme)
    client, first, _ = redeemed(services, app, cast.bob, notes)
    before, after = said(first["id_token"]), said(client.refresh(first["refresh_token"]).json["id_token"])
    same = ("iss", "sub", "aud", "azp", "auth_time", "acr", "amr", "sid")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert "nonce" in before
    assert "nonce" not in after


def test_the_parent_within_the_grace_gets_the_same_successor(services, app, cast, clock):
    client, first, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    once, again = client.refresh(first["refresh_token"]), client.refresh(first["refresh_token"])
    assert once.json["refresh_token"] == again.json["refresh_token"]
    clock.forward(seconds=11)
    assert client.refresh(first["refresh_token"]).json["error"] == "invalid_grant"
    assert client.refresh(once.json["refresh_token"]).json["error"] == "invalid_grant"


def test_a_generation_before_the_parent_ends_it_even_within_the_grace(services, app, cast, happened, letters):
    client, first, code = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    second = client.refresh(first["refresh_token"]).json
    third = client.refresh(second["refresh_token"]).json
    assert client.refresh(first["refresh_token"]).json["error"] == "invalid_grant"
    assert client.refresh(third["refresh_token"]).json["error"] == "invalid_grant"
    assert ("token.reused", "refused", "refresh_token_reused") in happened(cast.acme)
    assert "signed you out of that application" in letters.to(cast.bob.email).text
    assert services.sessions.list(cast.acme, code.scope)


def test_every_rotation_is_in_the_trail(services, app, cast, happened):
    client, first, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    client.refresh(first["refresh_token"])
    assert ("token.refreshed", "success", None) in happened(cast.acme)


def test_scopes_may_be_fewer_for_this_token_and_never_more(services, app, cast):
    client, first, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    less = client.refresh(first["refresh_token"], scope="profile").json
    assert less["scope"] == said(less["access_token"])["scope"] == "profile"
    assert "id_token" not in less
    assert client.refresh(less["refresh_token"], scope="openid roles").json["error"] == "invalid_scope"
    # What was refused has not cost the token, and what was left out once is there again.
    assert client.refresh(less["refresh_token"]).json["scope"] == first["scope"]


def test_audiences_may_be_fewer_and_never_more(services, app, cast):
    notes = an_application(services, cast.acme, resources=(API, DOCS, "https://third.example"))
    client, first, _ = redeemed(services, app, cast.bob, notes, resources=(API, DOCS))
    assert said(first["access_token"])["aud"] == [API, DOCS]
    less = client.refresh(first["refresh_token"], resource=DOCS).json
    assert said(less["access_token"])["aud"] == DOCS
    for more in ("https://third.example", cast.acme.origin, "https://else.example"):
        assert client.refresh(less["refresh_token"], resource=more).json["error"] == "invalid_target"
    assert said(client.refresh(less["refresh_token"]).json["access_token"])["aud"] == [API, DOCS]


def test_what_was_taken_from_the_application_does_not_come_back(services, app, cast, owner):
    notes = an_application(services, cast.acme)
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    owner.execute("UPDATE applications SET scopes = '{openid,offline_access}' WHERE id = %s", (notes.id,))
    services.openid.clients.changed(cast.acme.id, notes.id)
    last = [tokens["refresh_token"]]

    def narrower():
        answer = client.refresh(last[0]).json
        last[0] = answer["refresh_token"]
        return answer["scope"] == "openid offline_access"

    assert until(narrower)


def test_it_dies_with_its_session(services, app, cast):
    client, tokens, code = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    services.sessions.end(cast.acme, code.scope, code.scope.session_id)
    assert client.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def test_it_lives_no_longer_than_its_application_lets_it(services, app, cast, clock):
    notes = an_application(services, cast.acme, refresh_token_days=2, access_token_minutes=5)
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    assert tokens["expires_in"] == 300
    clock.forward(days=1, hours=23)
    second = client.refresh(tokens["refresh_token"]).json
    assert second["expires_in"] == 300
    clock.forward(hours=2)
    assert client.refresh(second["refresh_token"]).json["error"] == "invalid_grant"


def test_no_access_token_outlives_the_session(services, app, cast, clock):
    client, tokens, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    clock.forward(days=6, hours=23, minutes=55)
    assert client.refresh(tokens["refresh_token"]).json["expires_in"] <= timedelta(minutes=5).total_seconds()


def test_it_is_its_clients_alone_and_another_cannot_hurt_it(services, app, cast):
    notes, other = an_application(services, cast.acme), an_application(services, cast.acme, name="Other")
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    for stranger in (
        TokenClient(app, cast.acme, other),
        TokenClient(app, cast.globex, an_application(services, cast.globex)),
    ):
        assert stranger.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
        assert stranger.refresh(tokens["refresh_token"], scope="openid").json["error"] == "invalid_grant"
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_the_apis_tokens_and_the_applications_do_not_mix(services, app, cast):
    notes = an_application(services, cast.acme)
    client, tokens, _ = redeemed(services, app, cast.bob, notes)
    own = cast.bob.sign_in().tokens.refresh_token
    assert client.refresh(own).json["error"] == "invalid_grant"
    http = app.test_client(use_cookies=False)
    answer = http.post(
        "/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}, base_url=cast.acme.origin
    )
    assert answer.status_code == 401
    assert client.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("made_up", ["x", "prt_", "prt_" + "A" * 70, "prt_" + "A" * 69, "é" * 74, "x" * 10_000])
def test_what_was_never_issued_is_refused(services, app, cast, made_up):
    client = TokenClient(app, cast.acme, an_application(services, cast.acme))
    answer = client.refresh(made_up)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
