"""Values that no parser was made for: refused in words, never a fault of ours (ASVS 1.2.4, 2.2.1, 4.2.5, 15.3.7)."""

from urllib.parse import urlencode

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of

NO_ORIGINS = ["http://[", "http://[::1", "https://a]b", "null", "", "\x7f", "http://a:b:c", "x" * 9000]
NO_FLOW = "0190a5c8-0000-4000-8000-000000000000"
NO_ADDRESSES = [
    "@",
    "a@",
    "@b",
    "a@" + "x" * 900,
    "a@\u2060",
    "a@xn--",
    "\u0130@\u0130",
    "a@[",
    "a@b@c",
    "a@" + "b." * 400,
]


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


@pytest.mark.parametrize("origin", NO_ORIGINS, ids=repr)
@pytest.mark.parametrize("path", ["/login", "/logout", f"/oauth2/consent/{NO_FLOW}", "/device"])
def test_an_origin_that_is_none_is_another_site(browse, cast, path, origin):
    answer = browse(cast.acme).post(path, {}, headers={"Origin": origin})
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("origin", ["http://[", "null", "https://a]b"])
def test_an_origin_that_is_none_reads_nothing(browse, cast, origin):
    answer = browse(cast.acme).open("OPTIONS", "/oauth2/token", headers={"Origin": origin})
    assert answer.status_code == 204
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("hint", NO_ADDRESSES, ids=repr)
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
            assert len(answer.location) < 30_000


@pytest.mark.parametrize("query", ["user_code=" + "x" * 8000, "é" * 3000, "a=1&" * 2000])
def test_asvs_3_3_5_no_address_makes_a_cookie_that_browsers_forget(cast, browse, clock, query):
    """It would take the token against forgery along, and nobody could sign in."""
    stranger, ada = browse(cast.acme), browse(cast.acme)
    ada.sign_in(cast.ada)
    clock.forward(minutes=14)
    for browser, path in ((stranger, "/device"), (stranger, "/admin/applications"), (ada, "/account/data")):
        answer = browser.get(f"{path}?{query}")
        assert all(len(cookie) < 4096 for cookie in answer.headers.getlist("Set-Cookie")), path
    assert stranger.sign_in(cast.bob).location == "/admin/applications"


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/oauth2/par", "/oauth2/logout", "/login/accounts", "/device"])
def test_asvs_4_2_5_a_body_without_an_end_is_too_large(bobs, path):
    many = b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' for _ in range(1000)) + b"--x--"
    for body, mimetype, statuses in (
        (b"state=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", {413}),
        (many, "multipart/form-data; boundary=x", {400, 413}),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", {303, 400, 403}),
        (b"{}", "application/json", {303, 400, 403}),
        (b"\xff%%%=&&;;", "application/x-www-form-urlencoded; charset=utf-16", {303, 400, 401, 403}),
    ):
        answer = bobs.open("POST", path, data=body, content_type=mimetype)
        assert answer.status_code in statuses, (mimetype, answer.status_code)
