"""Cookies: opaque, HttpOnly, host-only, Lax, and with the prefix that browsers enforce over https."""

import pytest
from werkzeug.http import parse_cookie

NAMES = {"portico_csrf", "portico_session", "portico_device", "portico_pending", "portico_challenge", "portico_link"}


def cookies_of(answer):
    """name to (value, attributes), of every Set-Cookie."""
    found = {}
    for line in answer.headers.getlist("Set-Cookie"):
        pair, *attributes = [part.strip() for part in line.split(";")]
        name, _, value = pair.partition("=")
        found[name] = (value, {a.partition("=")[0].lower(): a.partition("=")[2] for a in attributes}, line)
    return found


@pytest.fixture(params=["http", "https"])
def visit(request, portal, app, cast, browse):
    """A browser at Acme, over either scheme, and what its cookies begin with."""
    if request.param == "http":
        return browse(cast.acme), "", cast
    secure = portal(base_url="https://portal.test")
    return browse(cast.acme.origin.replace("http:", "https:"), on=secure), "__Host-", cast


def journey(browser, cast, letters):
    """Every page that sets a cookie."""
    yield browser.get("/login")
    yield browser.post("/register", {"email": "zoe@acme.example", "password": "three uncommon gherkins"})
    yield browser.get(f"/verify-email?token={letters.token_to('zoe@acme.example')}")
    yield browser.post("/verify-email")
    yield browser.post("/login", {"email": cast.ada.email})
    yield browser.post("/login/password", {"password": cast.ada.password, "remember": "1"})
    yield browser.post("/logout")


def test_every_cookie_on_every_step_is_closed(visit, letters):
    browser, prefix, cast = visit
    seen = set()
    for answer in journey(browser, cast, letters):
        assert answer.status_code in {200, 303}
        for name, (value, attributes, line) in cookies_of(answer).items():
            assert name.startswith(prefix)
            seen.add(name.removeprefix(prefix))
            assert attributes["path"] == "/"
            assert "httponly" in attributes
            assert attributes["samesite"] == "Lax"
            assert "domain" not in attributes
            assert ("secure" in attributes) == bool(prefix)
            assert len(line) < 4096
            assert len(value) >= 43 or value == "" or name.endswith("csrf")
    assert seen == NAMES


def test_lives_are_those_that_were_chosen(cast, browse):
    forgotten, remembered = browse(cast.acme), browse(cast.acme)
    answer = cookies_of(forgotten.sign_in(cast.ada))
    assert "max-age" not in answer["portico_session"][1]
    assert answer["portico_device"][1]["max-age"] == str(400 * 86400)
    answer = cookies_of(remembered.sign_in(cast.ada, remember="1"))
    assert answer["portico_session"][1]["max-age"] == str(30 * 86400)


def test_the_session_is_in_no_page_and_no_address(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    secrets = [browser.cookie("portico_session"), browser.cookie("portico_device")]
    for path in ("/account", "/account/profile", "/account/sessions", "/logout", "/nothing"):
        answer = browser.get(path)
        assert not [secret for secret in secrets if secret in answer.text or secret in str(answer.headers)]


def test_signing_out_takes_the_session_and_tells_the_browser_to_forget(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    answer = browser.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert cookies_of(answer)["portico_session"][1]["max-age"] == "0"
    assert browser.cookie("portico_session") is None
    assert browser.cookie("portico_device")


@pytest.mark.parametrize("path", ["/account", "/login", "/api/v1/me", "/livez"])
def test_without_need_no_cookie_is_set(cast, browse, path):
    browser = browse(cast.acme)
    names = cookies_of(browser.get(path)).keys()
    assert names <= {"portico_csrf"}


def test_a_link_cannot_smuggle_a_header_in_with_its_secret(cast, browse):
    answer = browse(cast.acme).get("/verify-email?token=a%0d%0aSet-Cookie:%20portico_session=evil;%20Domain=x")
    lines = answer.headers.getlist("Set-Cookie")
    assert len(lines) == 1
    assert not {"\r", "\n"} & set(lines[0])
    assert "portico_session" not in parse_cookie(lines[0])
