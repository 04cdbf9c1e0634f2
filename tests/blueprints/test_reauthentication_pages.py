"""Confirming that it is you, and back to the page, with the form as it was."""

import json

import pytest

from tests.auth.second_steps import with_app
from tests.blueprints.stepping_up import AGAIN, confirm, main_of, went
from tests.cast import PASSWORD

EMAIL, DELETION, DATA = "/account/email", "/account/data/deletion", "/account/data"
NEW = "robert@acme.example"


@pytest.fixture
def fresh(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def bob(fresh, clock):
    """Signed in an hour ago."""
    clock.forward(hours=1)
    return fresh


@pytest.mark.parametrize("path", [EMAIL, DELETION])
def test_a_page_with_a_dangerous_form_asks_before_it_is_filled_in(bob, path):
    assert went(bob.get(path)) == (303, AGAIN)
    assert "Confirm it's you" in main_of(bob.get(AGAIN)).replace("&#39;", "'")
    assert confirm(bob) == (303, path)
    assert bob.get(path).status_code == 200


@pytest.mark.parametrize(("path", "form"), [(EMAIL, {"email": NEW}), (DELETION, {"confirmation": "bob@acme.exampl"})])
def test_the_form_is_as_it_was(fresh, clock, path, form):
    fresh.get(path)
    clock.forward(minutes=11)
    assert went(fresh.post(path, form)) == (303, AGAIN)
    assert confirm(fresh) == (303, path)
    (value,) = form.values()
    assert f'value="{value}"' in main_of(fresh.get(path))
    assert f'value="{value}"' not in main_of(fresh.get(path)), "once"


def test_then_what_was_meant_happens(bob, letters):
    bob.post(EMAIL, {"email": NEW})
    confirm(bob)
    assert went(bob.post(EMAIL, {"email": NEW})) == (303, EMAIL)
    assert letters.to(NEW)


def test_where_a_form_has_no_page_of_its_own_they_come_back_to_the_one_above(bob):
    assert went(bob.post("/account/data/exports")) == (303, AGAIN)
    assert confirm(bob) == (303, DATA)
    assert "press the button once more" in bob.get(DATA).text
    assert went(bob.post("/account/data/exports")) == (303, DATA)


def test_a_download_begins_after_it_was_confirmed(fresh, clock, letters, cast):
    fresh.post("/account/data/exports")
    link = next(word for word in letters.to(cast.bob.email).text.split() if "/exports/" in word)
    path = link.removeprefix(cast.acme.origin)
    clock.forward(minutes=11)
    assert went(fresh.get(path)) == (303, AGAIN)
    assert confirm(fresh) == (303, path)
    assert fresh.get(path).mimetype == "application/json"


@pytest.mark.parametrize(
    "field", ["password", "new_password", "code", "backup_code", "credential", "csrf_token", "token", "PASSWORD2"]
)
def test_nothing_secret_waits_in_the_browser(bob, field):
    bob.post(EMAIL, {"email": NEW, field: "5ecret-5ecret"}, csrf=field != "csrf_token")
    with bob.client.session_transaction(base_url=bob.origin) as session:
        assert "5ecret" not in json.dumps(dict(session), default=str)


def test_what_is_too_long_to_be_kept_is_typed_again(bob):
    bob.post(EMAIL, {"email": "x" * 3000})
    assert confirm(bob) == (303, EMAIL)
    assert "xxx" not in main_of(bob.get(EMAIL))


@pytest.mark.parametrize("there", ["https://evil.example", "//evil.example", "/\\evil.example", "/account/data"])
def test_nobody_says_where_it_leads_but_we(bob, there):
    """Not by an address, nor a field, nor a header; without having come from anywhere it is one's own security."""
    for name in ("next", "back", "return_to", "path", "step_up", "url"):
        assert bob.get(f"{AGAIN}?{name}={there}").status_code == 200
    headers = {"Referer": there, "X-Forwarded-Host": "evil.example"}
    answer = bob.post(AGAIN, {"password": PASSWORD, "next": there, "back": there, "path": there}, headers=headers)
    assert went(answer) == (303, "/account/security")


def test_the_query_of_the_page_comes_back_too(bob):
    bob.get(f"{EMAIL}?x=https://evil.example")
    assert confirm(bob) == (303, f"{EMAIL}?x=https://evil.example")


def test_whoever_has_just_shown_it_is_sent_straight_on(fresh):
    assert went(fresh.get(AGAIN)) == (303, "/account/security")


def test_the_browser_gets_another_cookie_and_the_old_one_is_dead(bob, browse, cast):
    before, token = bob.cookie("portico_session"), bob.csrf()
    confirm(bob)
    assert bob.cookie("portico_session") != before
    assert bob.csrf() != token
    thief = browse(cast.acme)
    thief.plant("portico_session", before)
    assert went(thief.get("/account")) == (303, "/login")
    assert bob.get("/account").status_code == 200


def test_a_cookie_that_was_to_be_kept_is_kept_as_long_as_its_session(cast, browse, clock):
    for remember, kept in ((None, False), ("on", True)):
        browser = browse(cast.acme)
        browser.sign_in(cast.ada, **({"remember": remember} if remember else {}))
        clock.forward(minutes=11)
        answer = browser.post(AGAIN, {"password": PASSWORD})
        (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("portico_session=")]
        assert ("Max-Age" in cookie) is kept
        assert "HttpOnly" in cookie


def test_htmx_is_told_where_to_go(bob):
    answer = bob.post(EMAIL, {"email": NEW}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, AGAIN)
    answer = bob.post(AGAIN, {"password": PASSWORD}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, EMAIL)


def test_a_script_is_told_in_json_and_the_page_is_remembered(bob):
    answer = bob.post("/account/passkeys/options", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (401, "insufficient_user_authentication")
    assert confirm(bob) == (303, "/account/passkeys")


def test_the_password_page_asks_only_whoever_has_a_second_factor(bob, cast, clock):
    assert bob.get("/account/password").status_code == 200
    with_app(cast.bob, clock)
    assert went(bob.get("/account/password")) == (303, AGAIN)


def test_without_a_token_of_the_page_nothing_happens(bob):
    for path in (AGAIN, f"{AGAIN}/code", f"{AGAIN}/passkey-options"):
        assert bob.post(path, {"password": PASSWORD}, csrf=False).status_code == 403
