"""Values that no parser was made for: refused in words, never a fault of ours (ASVS 1.2.4, 2.2.1, 4.2.5, 15.3.7)."""

import json
from urllib.parse import urlencode

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of

NEW = {"name": "Notes", "type": "web", "redirect_uris": ["https://notes.example/cb"]}


def nested(depth):
    return '{"userinfo":{"x":{"value":' + "[" * depth + "]" * depth + "}}}"


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.mark.parametrize(
    "claims",
    [
        '{"id_token":{"x":{"value":1e999}}}',
        '{"userinfo":{"x":{"values":[-1e999]}}}',
        nested(200),
        nested(400),
        nested(2000),
        nested(4000),
        '{"id_token":{"acr":{"essential":true,"values":[{"a":[]}]}}}',
        '{"id_token":{"acr":{"essential":true,"value":null}}}',
        '{"id_token":{"sub":{"value":["x"]}}}',
        '{"id_token":{"sub":{"value":"\\ud800"}}}',
        '{"id_token":{"sub":{"value":"not a person"}}}',
        '{"userinfo":{"\\u0000":null}}',
        '{"userinfo":' + "9" * 4000 + "}",
        '{"userinfo":{"x":{"value":' + "9" * 4000 + "}}}",
        '{"userinfo":{"x":{"value":1E400}}}',
        "[]",
        '"x"',
        "null",
    ],
)
def test_whatever_is_said_of_claims_is_answered(notes, bobs, browse, cast, claims):
    for browser in (bobs, browse(cast.acme)):
        for more in ({}, {"prompt": "login"}, {"prompt": "none"}, {"response_mode": "form_post"}):
            assert notes.ask(browser, claims=claims, **more).status_code in {200, 303}, more


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "https://a]b", "null", "", "\x7f", "http://a:b:c", "x" * 9000])
@pytest.mark.parametrize("path", ["/login", "/logout", "/oauth2/consent/0190a5c8-0000-4000-8000-000000000000", "/device"])
def test_an_origin_that_is_none_is_another_site(browse, cast, path, origin):
    answer = browse(cast.acme).post(path, {}, headers={"Origin": origin})
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("origin", ["http://[", "null", "https://a]b"])
def test_an_origin_that_is_none_reads_nothing(browse, cast, origin):
    answer = browse(cast.acme).open("OPTIONS", "/oauth2/token", headers={"Origin": origin})
    assert answer.status_code == 204
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.fixture
def register(call, cast):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    return lambda **more: client.post("/applications", {**NEW, **more}, token=token)


@pytest.mark.parametrize("text", ["\x00", " ", "\n", '"><svg onload=1>', "\ud83d", "a\u202eb", "'"])
def test_no_part_of_an_address_escapes_the_rules(register, text):
    for field in ("home_uri", "policy_uri", "terms_uri"):
        for uri in (f"https://notes.example/{text}", f"https://notes.example/#{text}", f"https://notes.example/?{text}"):
            assert register(**{field: uri}).status_code in ({201, 422} if text == "'" else {400, 422}), uri


def test_keys_are_json_that_can_be_kept(register, call, cast):
    key = {"kty": "EC", "crv": "P-256", "kid": "1", "x": "A" * 43, "y": "B" * 43}
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    for odd in ('"a\\u0000b"', "1e999", "[" * 20 + "]" * 20, "1" * 4000):
        body = json.dumps({**NEW, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key]}})
        body = body.replace('"kid": "1"', f'"kid": "1", "extra": {odd}')
        assert client.raw("/applications", body, token=token).status_code in {201, 400, 422}, odd
        body = body.replace('"keys": [', f'"more": {odd}, "keys": [')
        assert client.raw("/applications", body, token=token).status_code in {201, 400, 422}, odd
        body = body.replace('"extra": ', '"a\\u0000": ')
        assert client.raw("/applications", body, token=token).status_code in {201, 400, 422}, odd


@pytest.mark.parametrize("text", ["\x00", "%", "_", "\\", "\\%", "'", "\ufffe", "a" * 5000])
def test_nothing_that_is_looked_for_breaks_the_list(browse, cast, text):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    assert browser.get(f"/admin/applications?{urlencode({'search': text})}").status_code in {200, 422}
    assert browser.get(f"/admin/applications?{urlencode({'cursor': text})}").status_code in {400, 422}


@pytest.mark.parametrize("hint", ["@", "a@", "@b", "a@" + "x" * 900, "a@\u2060", "a@xn--", "a@xn--\u00df", "\u0130@\u0130", "a@[", "a@b@c", "a@..", "a@" + "b." * 400])
def test_a_hint_that_is_no_address_is_only_text(notes, cast, browse, hint):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    for prompt in ("login", "none", None):
        assert notes.ask(browser, login_hint=hint, prompt=prompt).status_code in {200, 303}


def test_what_is_monstrous_is_not_sent_back(notes, bobs):
    """A refusal is carried in an address: what made the request too long does not make that too long as well."""
    for method in ("GET", "POST"):
        for state in ("x" * 100_000, "\x00" * 3000, "a\r\nb"):
            sent = notes.parameters(state=state)
            if method == "GET":
                answer = bobs.get("/oauth2/authorize?" + urlencode(sent))
            else:
                answer = bobs.post("/oauth2/authorize", sent, csrf=False)
            assert answer.status_code == 303
            assert back_of(answer).error == "invalid_request"
            assert len(answer.location) < 2000
