"""Half a sign-in has no power: not at any door, by any cookie, in any order (GHSA-xg6x-h9c9-2m83 and its kin)."""

import re

import pytest

from tests.architecture.doors import EXPECTED_OPEN
from tests.auth.second_steps import with_app

PATH = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


@pytest.fixture
def half(bob, browse, cast):
    """A browser that has given Bob's password, and not his code."""
    browser = browse(cast.acme)
    answer = browser.sign_in(cast.bob)
    assert answer.location == "/login/second-factor"
    return browser


@pytest.fixture
def challenge(bob):
    return bob.first()


def closed(app):
    """(method, path) of every route that is not open."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in EXPECTED_OPEN:
            path = PATH.sub(lambda m: "01a21000-0000-7000-8000-000000000000", rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, path


def test_every_closed_page_sends_a_half_signed_in_browser_to_the_door(app, half):
    token = half.csrf()
    for method, path in closed(app):
        if path.startswith(("/api/", "/dev")):
            continue
        data = {"csrf_token": token} if method == "POST" else None
        answer = half.open(method, path, data=data)
        assert (answer.status_code, answer.location) == (303, "/login"), (method, path)


def test_a_challenge_is_no_token_at_any_door_of_the_api(app, challenge, call, cast):
    api = call(cast.acme)
    for method, path in closed(app):
        if path.startswith("/api/v1"):
            answer = api.call(method, path.removeprefix("/api/v1"), token=challenge, json={})
            assert answer.status_code == 401, (method, path)
            assert "access_token" not in answer.text


def test_its_cookies_planted_as_a_session_open_nothing(half, browse, cast):
    thief = browse(cast.acme)
    for name in ("portico_pending", "portico_csrf", "portico_passkey", "portico_device"):
        if value := half.cookie(name):
            thief.plant("portico_session", value)
            assert thief.get("/account").location == "/login"


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "a"}, {"X-Forwarded-For": ", ,"}])
def test_an_empty_request_to_a_step_passes_none(half, method, headers):
    """CVE-2026-49443, CVE-2026-54730, CVE-2024-47070."""
    for path in ("/login/second-factor", "/login/second-factor/code", "/login/enrolment", "/login/enrolment/skip"):
        data = {"csrf_token": half.csrf()} if method == "POST" else None
        half.open(method, path, data=data, headers=headers)
        assert half.get("/account").location == "/login"
        assert half.cookie("portico_session") is None


def test_steps_that_are_not_owed_lead_to_the_one_that_is(half):
    assert half.get("/login/enrolment").location == "/login/second-factor"
    assert half.get("/login/enrolment/app").location == "/login/second-factor"
    assert half.post("/login/enrolment/skip").location == "/login/second-factor"
    assert half.post("/login/enrolment/app/begin").location == "/login/second-factor"


def test_signing_out_half_way_ends_it(half, bob):
    """allauth 64.1.0: a half-signed-in session that survives the logout."""
    half.post("/logout")
    answer = half.post("/login/second-factor", {"method": "totp", "code": bob.code()})
    assert answer.location == "/login"
    assert half.get("/account").location == "/login"


def test_beginning_as_somebody_else_forgets_the_first(half, bob, cast):
    half.post("/login", {"email": cast.ada.email})
    answer = half.post("/login/second-factor", {"method": "totp", "code": bob.code()})
    assert answer.location == "/login"
    assert half.get("/account").location == "/login"


def test_a_reset_does_not_get_around_it(bob, cast, browse, letters):
    """ASVS 6.4.3, CVE-2026-18963."""
    browser = browse(cast.acme)
    browser.post("/forgot-password", {"email": cast.bob.email})
    browser.get(f"/reset-password?token={letters.deliver().token_to(cast.bob.email)}")
    browser.post("/reset-password", {"new_password": "violet tractor under seven moons"})
    assert browser.get("/account").location == "/login"
    answer = browser.sign_in(cast.bob, password="violet tractor under seven moons")
    assert answer.location == "/login/second-factor"


def test_what_is_typed_into_a_hidden_field_decides_nothing(half):
    """CVE-2026-7571: the way through is the server's."""
    for fields in (
        {"method": "none"},
        {"method": "email_code", "code": "123456"},
        {"step": "done", "amr": "otp", "acr": "2", "user_id": "x"},
        {"method": "passkey", "credential": "{}"},
        {"method": "passkey", "credential": "null"},
        {"method": "backup_code", "code": ""},
    ):
        assert half.post("/login/second-factor", fields).status_code == 422
        assert half.get("/account").location == "/login"
