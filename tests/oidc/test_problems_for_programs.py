"""Whatever goes wrong, programs get JSON that they can read; people get pages."""

import pytest

from tests.oidc.programs import Program

ENDPOINTS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/userinfo", "/oauth2/par")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def program(app, cast):
    return Program(app, cast.acme.origin)


def in_json(answer, status, error):
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert answer.mimetype in {"application/json", "application/problem+json"}
    assert answer.json["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"
    return True


@pytest.mark.parametrize("path", ENDPOINTS)
def test_another_method_is_405_in_json(program, path):
    answer = program.open("DELETE", path, headers=BROWSER)
    assert in_json(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_what_is_not_there_is_404_in_json(program):
    assert in_json(program.get("/oauth2/nothing", headers=BROWSER), 404, "not_found")


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/jwks", "/.well-known/openid-configuration"])
def test_an_unknown_and_a_suspended_tenant_are_said_in_json(app, services, cast, portal, path):
    nobody = Program(app, "http://nobody-here.portal.test")
    assert in_json(nobody.open("GET", path, headers=BROWSER), 404, "unknown_tenant")
    services.tenant_administration.suspend(cast.globex)
    paused = Program(portal(), cast.globex.origin)
    assert in_json(paused.open("GET", path, headers=BROWSER), 403, "tenant_suspended")


def test_too_many_is_429_in_json(portal, cast):
    program = Program(portal(rate_limit_scale=1 / 600), cast.acme.origin)
    program.get("/oauth2/jwks")
    answer = program.get("/oauth2/jwks", headers=BROWSER)
    assert in_json(answer, 429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/oauth2/logout", "/oauth2/consent/x"])
def test_people_are_shown_pages(program, path):
    answer = program.open("DELETE", path, headers=BROWSER)
    assert answer.status_code in {404, 405}
    assert answer.mimetype == "text/html"
