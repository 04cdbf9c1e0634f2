"""ID tokens (OpenID Connect Core, sections 2 and 3.1.3.6)."""

import base64
import hashlib
import time

import jwt
import pytest

from tests.oidc.clients import an_application
from tests.oidc.codes import redeemed

HASHES = {"RS256": hashlib.sha256, "ES256": hashlib.sha256, "EdDSA": hashlib.sha512}


def checked(services, tenant, token, client_id):
    """As a relying app checks it: with the published keys."""
    kid = jwt.get_unverified_header(token)["kid"]
    published = {jwk["kid"]: jwk for jwk in services.key_ring.published(tenant.id)}
    key = jwt.PyJWK(published[kid])
    return jwt.decode(token, key, algorithms=[key.algorithm_name], audience=client_id, issuer=tenant.origin)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_it_says_how_somebody_has_signed_in(services, app, cast, algorithm):
    notes = an_application(services, cast.acme, id_token_signed_response_alg=algorithm)
    _, tokens, code = redeemed(services, app, cast.bob, notes)
    header = jwt.get_unverified_header(tokens["id_token"])
    assert (header["alg"], header["typ"]) == (algorithm, "JWT")
    claims = checked(services, cast.acme, tokens["id_token"], notes.client_id)
    half = HASHES[algorithm](tokens["access_token"].encode()).digest()
    half = half[: len(half) // 2]
    now = int(time.time())
    assert now - 5 <= claims.pop("iat") <= now
    assert now + 3590 <= claims.pop("exp") <= now + 3600
    assert claims == {
        "iss": cast.acme.origin,
        "sub": str(cast.bob.id),
        "aud": notes.client_id,
        "azp": notes.client_id,
        "nonce": "n-0S6_WzA2Mj",
        "auth_time": int(code.scope.auth_time.timestamp()),
        "acr": code.scope.acr,
        "amr": list(code.scope.amr),
        "sid": str(code.scope.session_id),
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }


def test_there_is_none_without_openid(services, app, cast):
    notes = an_application(services, cast.acme)
    _, tokens, _ = redeemed(services, app, cast.bob, notes, scopes=("profile",))
    assert "id_token" not in tokens


def test_there_is_no_nonce_where_none_was_sent(services, app, cast):
    notes = an_application(services, cast.acme)
    _, tokens, _ = redeemed(services, app, cast.bob, notes, nonce=None)
    assert "nonce" not in checked(services, cast.acme, tokens["id_token"], notes.client_id)


def test_what_was_asked_for_by_name_is_told_and_replaces_nothing(services, app, cast):
    asked = {
        "id_token": {"email": {"essential": True}, "name": None, "sub": {"value": "x"}, "roles": None, "made_up": None}
    }
    notes = an_application(services, cast.acme, first_party=True)
    client, tokens, _ = redeemed(services, app, cast.bob, notes, claims=asked)
    again = client.refresh(tokens["refresh_token"]).json
    for one in (tokens, again):
        claims = checked(services, cast.acme, one["id_token"], notes.client_id)
        assert (claims["email"], claims["name"], claims["roles"]) == (cast.bob.email, "Bob", ["member"])
        assert claims["sub"] == str(cast.bob.id)
        assert "made_up" not in claims


def test_nothing_is_told_by_name_that_the_application_may_not_know(services, app, cast):
    asked = {"id_token": {"email": None, "roles": None}, "userinfo": {"name": None}}
    own = an_application(services, cast.acme, scopes=("openid", "profile"), first_party=True)
    third = an_application(services, cast.acme)
    for notes in (own, third):
        _, tokens, _ = redeemed(services, app, cast.bob, notes, claims=asked, scopes=("openid",))
        claims = checked(services, cast.acme, tokens["id_token"], notes.client_id)
        assert claims.keys().isdisjoint({"email", "roles", "name"})


def test_it_is_no_access_token_and_an_access_token_is_no_id_token(services, app, cast):
    from app.auth.errors import InvalidToken

    _, tokens, _ = redeemed(services, app, cast.bob, an_application(services, cast.acme))
    with pytest.raises(InvalidToken):
        services.openid.access_tokens.verify(cast.acme, tokens["id_token"])
    with pytest.raises(InvalidToken):
        services.key_ring.verify(cast.acme, tokens["access_token"], kind="JWT")
