"""Which pages of other origins may read what applications are told (ASVS 3.4.2)."""

import pytest

from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.programs import Program

SPA = "https://spa.example"
EVIL = (
    "https://evil.example",
    "null",
    f"{SPA}.evil.example",
    "http://spa.example",
    f"{SPA}:8443",
    "https://SPA.example",
)
ENDPOINTS = ("/oauth2/userinfo", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/jwks")


@pytest.fixture
def spa(services, cast):
    return an_application(services, cast.acme, type="spa", redirect_uris=(f"{SPA}/cb",))


@pytest.fixture
def program(app, cast, spa):
    return Program(app, cast.acme.origin, spa)


def test_a_registered_page_reads_userinfo_and_its_refusals(program, services, cast, spa):
    token = issued(services, cast.ada, spa).access_token
    for shown in (token, "x"):
        answer = program.get("/oauth2/userinfo", token=shown, headers={"Origin": SPA})
        assert answer.headers["Access-Control-Allow-Origin"] == SPA
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_is_registered_is_compared_as_browsers_spell_origins(services, cast, app):
    registered = ("https://Notes.Example:443/cb", "http://127.0.0.1:80/cb", "https://notes.example:8443/cb")
    shouting = an_application(services, cast.acme, type="spa", redirect_uris=registered)
    program = Program(app, cast.acme.origin, shouting)
    for origin in ("https://notes.example", "http://127.0.0.1", "https://notes.example:8443"):
        assert program.get("/oauth2/jwks", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_preflight_says_what_may_be_sent(program, path):
    answer = program.open("OPTIONS", path, headers={"Origin": SPA, "Access-Control-Request-Method": "POST"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, SPA)
    assert {"Authorization", "DPoP"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize("origin", EVIL)
@pytest.mark.parametrize("path", ENDPOINTS)
def test_no_other_page_reads_anything(program, services, cast, spa, path, origin):
    for method in ("OPTIONS", "GET", "POST"):
        answer = program.open(method, path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers, method


def test_a_page_of_an_application_at_globex_is_another(app, services, cast, spa):
    answer = Program(app, cast.globex.origin).get("/oauth2/jwks", headers={"Origin": SPA})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_cookie_counts_and_none_is_set(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    answer = browser.get("/oauth2/userinfo")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
