"""What is done to the parameters of an authorization request (security.md, 3.6, 4 A and 4 I)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.relying import RelyingApp, back_of, settle

ONCE = [
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "max_age",
    "acr_values",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "claims",
    "dpop_jkt",
    "request",
    "request_uri",
]
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def notes(services, cast):
    return RelyingApp(an_application(services, cast.acme, first_party=True))


@pytest.fixture
def bobs(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.mark.parametrize("name", ONCE)
def test_cve_2026_9689_whatever_is_sent_twice_is_refused(notes, bobs, name):
    value = notes.parameters().get(name, "1")
    back = back_of(notes.ask(bobs, **{name: [value, value]}))
    assert back.error == "invalid_request"
    assert back.code is None


@pytest.mark.parametrize(
    "name",
    [
        "client_id",
        "redirect_uri",
    ],
)
def test_cve_2026_9689_who_asks_and_where_to_sent_twice_lead_nowhere(notes, bobs, name):
    value = notes.parameters()[name]
    for values in ([value, value], [value, "https://evil.example/cb"], ["https://evil.example/cb", value]):
        page = notes.ask(bobs, **{name: values})
        assert (page.status_code, page.location) == (400, None)


def test_cve_2026_9689_half_in_the_address_and_half_in_the_form_is_twice(notes, bobs):
    answer = bobs.post("/oauth2/authorize?scope=openid", notes.parameters(), csrf=False)
    assert back_of(answer).error == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "response_type", "prompt", "max_age"])
def test_cve_2019_8400_the_error_page_escapes_everything(notes, bobs, name):
    for more in ({}, {"redirect_uri": "https://evil.example/cb"}):
        page = notes.ask(bobs, **{**more, name: MARKUP})
        assert MARKUP not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "response_type", ["token", "id_token", "code token", "code id_token token", "none", "code code"]
)
def test_nothing_but_codes_is_given_out(notes, bobs, response_type):
    back = back_of(notes.ask(bobs, response_type=response_type))
    assert back.error == "unsupported_response_type"
    assert back.mode == "query"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request_uri", "https://notes.example/request.jwt", "request_uri_not_supported"),
        ("request_uri", "http://169.254.169.254/latest/meta-data/", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ],
)
def test_request_objects_are_refused_by_name_and_never_ignored(notes, bobs, name, value, error):
    assert back_of(notes.ask(bobs, **{name: value})).error == error


def test_is_pkce_plain_downgrade_detected(notes, bobs):
    for more in ({"code_challenge_method": "plain"}, {"code_challenge_method": None}, {"code_challenge": None}):
        assert back_of(notes.ask(bobs, **more)).error == "invalid_request"


def test_every_answer_names_us_and_errors_too(notes, bobs, browse, cast):
    """RFC 9207: mix-up."""
    for back in (
        back_of(notes.ask(bobs)),
        back_of(notes.ask(bobs, scope="nonsense")),
        back_of(notes.ask(browse(cast.acme), prompt="none")),
        back_of(notes.ask(bobs, response_mode="form_post")),
    ):
        assert back.parameters["iss"] == cast.acme.origin
        assert back.parameters["state"]


def test_no_page_of_it_can_be_framed_or_says_where_one_came_from(notes, bobs, browse, cast):
    stranger = browse(cast.acme)
    for answer in (
        notes.ask(bobs),
        notes.ask(bobs, response_mode="form_post"),
        notes.ask(bobs, redirect_uri="x"),
        notes.ask(stranger),
        stranger.get("/oauth2/authorize/0190a5c8-0000-4000-8000-000000000000"),
    ):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_codes_are_long_and_all_different(notes, bobs):
    codes = [back_of(notes.ask(bobs)).code for _ in range(5)]
    assert len(set(codes)) == 5
    assert all(len(code) == 43 for code in codes)


def test_the_sign_in_page_is_no_open_redirect(notes, browse, cast):
    """GHSA-6rx5-m2rc-hmf7, CVE-2021-32618: nothing that is sent says where a sign-in leads."""
    browser = browse(cast.acme)
    settle(browser, notes.ask(browser))
    for name in ("next", "url", "return_to", "continue", "flow"):
        sent = {"email": cast.bob.email, "password": cast.bob.password, name: "//evil.example"}
        assert browser.post(f"/login?{name}=//evil.example", sent).location == "/account"
        browser.post("/logout")
