"""How one gets in, as pages: the overview, changing the password, and locking the account down from inside."""

import pytest

from tests.auth.steps import NEW, links_to
from tests.blueprints.mails import is_in, went
from tests.cast import PASSWORD

CHANGE = {"password": PASSWORD, "new_password": NEW}


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def phone(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


def test_the_overview_says_how_many_places_and_leads_to_everything(cast, bob, browse):
    page = bob.get("/account/security")
    assert page.status_code == 200
    assert "Only here." in page.text
    for path in ("/account/password", "/account/email", "/account/sessions", "/account/lock-down", "/account/activity"):
        assert f'href="{path}"' in page.text, path
        assert bob.get(path).status_code == 200
    browse(cast.acme).sign_in(cast.bob)
    assert "In 2 places." in bob.get("/account/security").text


def test_changing_it_ends_the_others_where_the_box_is_ticked(cast, bob, phone):
    page = bob.get("/account/password").text
    assert 'name="sign_out_others" value="1" checked' in page
    assert went(bob.post("/account/password", {**CHANGE, "sign_out_others": "1"})) == (303, "/account/security")
    assert "Your other devices are signed out." in bob.get("/account/security").text
    assert is_in(bob)
    assert not is_in(phone)


def test_it_keeps_them_where_it_is_not(bob, phone):
    assert bob.post("/account/password", CHANGE).status_code == 303
    assert "signed out" not in bob.get("/account/security").text
    assert is_in(phone)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": "wrong"}, "password"),
        ({"password": ""}, "password"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": ""}, "new_password"),
        ({"new_password": PASSWORD}, "new_password"),
        ({"new_password": "bob@acme.example1"}, "new_password"),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_nothing_typed_comes_back(cast, bob, phone, typed, field):
    answer = bob.post("/account/password", {**CHANGE, **typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'name="sign_out_others" value="1" checked' not in answer.text, "what was chosen stays"
    for secret in (PASSWORD, NEW):
        assert secret not in answer.text
    assert is_in(phone)
    bob.post("/logout")
    assert went(bob.sign_in(cast.bob)) == (303, "/account")


def test_guesses_run_out_and_read_the_same(bob):
    said = {bob.post("/account/password", {**CHANGE, "password": "wrong"}).status_code for _ in range(5)}
    sixth = bob.post("/account/password", CHANGE)
    assert said | {sixth.status_code} == {422}
    assert "That is not your current password." in sixth.text


def test_ten_a_quarter_of_an_hour_for_each_account_in_whatever_browser(strict, cast, browse):
    browsers = [browse(cast.acme, on=strict) for _ in range(2)]
    for browser in browsers:
        browser.sign_in(cast.bob)
    wrong = {**CHANGE, "password": "wrong"}
    assert {browsers[number % 2].post("/account/password", wrong).status_code for number in range(10)} == {422}
    assert [browser.post("/account/password", wrong).status_code for browser in browsers] == [429, 429]


def test_somebody_without_a_password_is_mailed_a_link(cast, browse, letters):
    person = cast.person(cast.acme, "social@acme.example", password=None)
    browser = browse(cast.acme)
    browser.post("/login/magic-link", {"email": person.email})
    browser.get(f"/magic-link?token={links_to(letters, person.email, '/magic-link')[-1]}")
    browser.post("/magic-link")
    page = browser.get("/account/password")
    assert 'name="password"' not in page.text
    assert went(browser.post("/account/password/setup")) == (303, "/account/security")
    token = links_to(letters, person.email, "/reset-password")[-1]
    browser.get(f"/reset-password?token={token}")
    assert browser.post("/reset-password", {"new_password": NEW}).status_code == 303
    assert went(browser.sign_in(person, password=NEW)) == (303, "/account")


def test_locking_down_keeps_this_browser_and_leads_to_a_new_password(cast, bob, phone):
    assert bob.get("/account/lock-down").status_code == 200
    assert is_in(phone), "looking does nothing"
    assert went(bob.post("/account/lock-down")) == (303, "/account/password")
    assert is_in(bob)
    assert not is_in(phone)
    assert bob.post("/account/password", CHANGE).status_code == 303


def test_where_passwords_are_switched_off_there_is_none_to_change(cast, browse, letters):
    tenant = cast.found(f"{cast.acme.slug}-m", "Links", methods=["magic_link"])
    person, bob = cast.person(tenant, "carol@acme.example"), browse(tenant)
    bob.post("/login/magic-link", {"email": person.email})
    bob.get(f"/magic-link?token={links_to(letters, person.email, '/magic-link')[-1]}")
    bob.post("/magic-link")
    assert is_in(bob)
    assert bob.get("/account/password").status_code == 403
    assert 'href="/account/password"' not in bob.get("/account/security").text
    assert went(bob.post("/account/lock-down")) == (303, "/account/security")
    for path in ("/account/password", "/account/password/setup"):
        assert bob.post(path, CHANGE).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account/security"),
        ("GET", "/account/password"),
        ("POST", "/account/password"),
        ("POST", "/account/password/setup"),
        ("GET", "/account/lock-down"),
        ("POST", "/account/lock-down"),
    ],
)
def test_a_stranger_is_sent_to_the_door_and_a_page_without_its_token_does_nothing(cast, browse, bob, method, path):
    stranger = browse(cast.acme)
    assert went(stranger.get(path) if method == "GET" else stranger.post(path, CHANGE)) == (303, "/login")
    mallory = browse(cast.globex)
    mallory.plant("portico_session", bob.cookie("portico_session"))
    assert went(mallory.get(path) if method == "GET" else mallory.post(path, CHANGE)) == (303, "/login")
    if method == "POST":
        assert bob.post(path, CHANGE, csrf=False).status_code == 403
