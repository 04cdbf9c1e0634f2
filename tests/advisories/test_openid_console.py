"""What is typed into the console, or sent to its API, is answered in words, whatever it is (ASVS 1.2.4, 2.2.1)."""

import json
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.oidc.clients import an_application

NEW = {"name": "Notes", "type": "web", "redirect_uris": ["https://notes.example/cb"]}
NO_NUMBERS = ["1e999", "NaN", "1" * 5000, "9" * 999]


@pytest.fixture
def register(call, cast):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    return lambda **more: client.post("/applications", {**NEW, **more}, token=token)


@pytest.mark.parametrize("text", ["\x00", " ", "\n", '"><svg onload=1>', "\ud83d", "a\u202eb", "'"])
def test_no_part_of_an_address_escapes_the_rules(register, text):
    for field in ("home_uri", "policy_uri", "terms_uri"):
        for uri in (
            f"https://notes.example/{text}",
            f"https://notes.example/#{text}",
            f"https://notes.example/?{text}",
        ):
            assert register(**{field: uri}).status_code in ({201, 422} if text == "'" else {400, 422}), uri


@pytest.mark.parametrize("odd", [*NO_NUMBERS, '"a\\u0000b"', '"\\ud800"', "[" * 20 + "]" * 20])
def test_keys_are_json_that_can_be_kept(services, call, cast, browse, odd):
    """By the API and by the form of the console, which reads JSON of its own."""
    public = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    keys = json.dumps({"keys": [{**public, "kid": "1"}]}).replace('"kid"', f'"extra": {odd}, "kid"')
    client, browser = call(cast.acme), browse(cast.acme)
    token, _ = client.tokens(cast.ada)["access_token"], browser.sign_in(cast.ada)
    body = json.dumps({**NEW, "token_endpoint_auth_method": "private_key_jwt", "jwks": "HERE"}).replace('"HERE"', keys)
    assert client.raw("/applications", body, token=token).status_code in {201, 400, 422}
    body = body.replace('"extra": ', '"a\\u0000": ')
    assert client.raw("/applications", body, token=token).status_code in {400, 422}
    notes = an_application(services, cast.acme)
    sent = {"name": "Notes", "redirect_uris": NEW["redirect_uris"][0], "auth_method": "private_key_jwt", "pkce": "1"}
    sent |= {"alg": "RS256", "grant_authorization": "1", "scope_openid": "1", "jwks": keys}
    assert browser.post(f"/admin/applications/{notes.id}", sent).status_code in {303, 422}


@pytest.mark.parametrize("odd", ["\x00", "a\x00", "\u202e", "x" * 100_000, "\n" * 3000, "٣", "-1", "1e5"])
def test_whatever_is_typed_into_the_console_is_answered(services, cast, browse, odd):
    browser, notes = browse(cast.acme), an_application(services, cast.acme)
    browser.sign_in(cast.ada)
    good = {"name": "Notes", "redirect_uris": NEW["redirect_uris"][0], "alg": "RS256", "grant_authorization": "1"}
    good |= {"auth_method": "client_secret_basic", "pkce": "1", "type": "web"}
    names = "name redirect_uris own_scopes resources serves home_uri backchannel_logout_uri version access_minutes "
    for name in (names + "refresh_days jwks auth_method alg type overlap confirmation").split():
        part = {"overlap": "/secrets", "confirmation": "/deletion"}.get(name, "")
        for path in ("new", f"{notes.id}{part}"):
            answer = browser.post(f"/admin/applications/{path}", {**good, name: odd})
            assert answer.status_code < 500, (name, path)


@pytest.mark.parametrize("text", ["\x00", "%", "_", "\\", "\\%", "'", "\ufffe", "a" * 5000])
def test_nothing_that_is_looked_for_breaks_the_list(browse, cast, text):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    assert browser.get(f"/admin/applications?{urlencode({'search': text})}").status_code in {200, 422}
    assert browser.get(f"/admin/applications?{urlencode({'cursor': text})}").status_code in {400, 422}
