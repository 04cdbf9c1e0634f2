"""Tokens that somebody made or changed (RFC 8725)."""

import base64
import json

import jwt
import pytest

from app.auth import errors
from tests.cast import an_origin


@pytest.fixture
def token(cast):
    return cast.ada.sign_in().tokens.access_token


@pytest.fixture
def refused(services, cast):
    def refused(forged):
        with pytest.raises(errors.InvalidToken):
            services.sessions.by_token(cast.acme, forged, origin=an_origin())
        assert not services.sessions.introspect(cast.acme, forged).active

    return refused


@pytest.fixture
def forge(services, cast, token):
    """Sign other claims or another header with the tenant's true key: only what they say is wrong."""

    def forge(*, header=None, **changed):
        claims = jwt.decode(token, options={"verify_signature": False}) | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        key = services.signer._rings.of(cast.acme.id).active["HS256"]
        headers = {"typ": "at+jwt", "kid": str(key.id)} | (header or {})
        return jwt.encode(claims, key.secret, algorithm=headers.pop("alg", "HS256"), headers=headers)

    return forge


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 5000, "é.é.é", "eyJ.eyJ.", "\x00"])
def test_what_is_no_token_is_refused(refused, text):
    refused(text)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_unsigned_tokens_are_refused(refused, token, algorithm):
    header = jwt.get_unverified_header(token) | {"alg": algorithm}
    _, claims, signature = token.split(".")
    refused(f"{_part(header)}.{claims}.")
    refused(f"{_part(header)}.{claims}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"alg": "HS512"},
        {"crit": ["exp"]},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://mallory.example/keys"},
        {"x5u": "https://mallory.example/cert"},
        {"kid": "../../../../dev/null"},
        {"kid": ""},
        {"kid": "' OR 1=1 --"},
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_header_that_is_not_ours_is_refused_although_the_key_is(refused, forge, header):
    refused(forge(header=header))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://mallory.example"},
        {"aud": "https://mallory.example"},
        {"tid": "01a2106e-cde4-7f3f-b516-026a046e98a1"},
        {"exp": 1},
        {"nbf": 4_000_000_000},
        *({claim: None} for claim in ("iss", "aud", "exp", "nbf", "iat", "jti", "sid", "sub", "tid", "client_id")),
        {"exp": "soon"},
        {"nbf": "soon"},
    ],
)
def test_claims_that_do_not_hold_are_refused_although_the_key_is_ours(refused, forge, claims):
    refused(forge(**claims))


def test_the_untouched_token_is_fine(services, cast, forge, token):
    assert services.sessions.by_token(cast.acme, forge(), origin=an_origin()).user_id == cast.ada.id
    assert services.sessions.introspect(cast.acme, token).active


def test_every_changed_character_is_refused_and_the_token_still_works(services, cast, token, refused):
    for place in range(0, len(token), 7):
        if token[place] == ".":
            continue
        refused(token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :])
    assert services.sessions.by_token(cast.acme, token, origin=an_origin())


def test_bobs_name_on_adas_session_is_refused(refused, forge, cast):
    refused_by_lookup = forge(sub=str(cast.bob.id))
    with pytest.raises(errors.InvalidToken):
        cast.ada.services.sessions.by_token(cast.acme, refused_by_lookup, origin=an_origin())


def test_a_refresh_token_is_no_access_token(refused, cast):
    refused(cast.ada.sign_in().tokens.refresh_token)
