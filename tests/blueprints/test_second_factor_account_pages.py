"""The pages of one's own second factor: apps and backup codes, set up, named, saved and removed."""

import re
from datetime import UTC, datetime

import pyotp
import pytest

from tests.auth.apps import Apps

HOME, CODES = "/account/second-factor", "/account/backup-codes"
_CODE = re.compile(r"\b[A-Z2-7]{5}-[A-Z2-7]{5}\b")


@pytest.fixture
def apps(services):
    return Apps(services)


@pytest.fixture
def bob(cast, browse):
    """Bob's browser; he has just signed in."""
    browser = browse(cast.acme)
    assert browser.sign_in(cast.bob).status_code == 303
    return browser


def key_in(page):
    """The secret that a page shows, and the address of the form that takes its code."""
    secret = re.search(r"secret=([A-Z2-7]{32})", page.text)[1]
    return pyotp.TOTP(secret), re.search(rf'action="({HOME}/app/[0-9a-f-]+)"', page.text)[1]


@pytest.fixture
def set_up(bob, apps):
    """Bob has set up an app by way of the pages; hands over its path."""

    def set_up():
        begun = bob.post(f"{HOME}/app", {"name": "My phone"})
        totp, action = key_in(bob.get(begun.location))
        assert bob.post(action, {"code": apps.shows(totp.secret, -1)}).location == CODES
        return action

    return set_up


def test_from_the_first_page_to_the_codes(bob, apps, cast):
    assert bob.get(HOME).status_code == 200
    begun = bob.post(f"{HOME}/app", {"name": ""})
    page = bob.get(begun.location)
    totp, action = key_in(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Enter the code that your app shows." in bob.post(action, {"code": ""}).text
    wrong = bob.post(action, {"code": "12345"})
    assert (wrong.status_code, key_in(wrong)[0].secret) == (422, totp.secret), (
        "it is not another one after a typing error"
    )
    done = bob.post(action, {"code": apps.shows(totp.secret)})
    assert (done.status_code, done.location) == (303, CODES)
    shown = bob.get(CODES)
    assert len(set(_CODE.findall(shown.text))) == 10
    over = bob.get(begun.location)
    assert (over.status_code, "That set-up is over." in over.text) == (404, True), "the secret is shown no more"


def test_the_picture_is_black_on_white_and_has_no_style_of_its_own(bob):
    page = bob.get(bob.post(f"{HOME}/app").location)
    picture = re.search(r"<svg[^>]*qr__code.*?</svg>", page.text, re.DOTALL)[0]
    assert 'fill="#fff"' in picture
    assert 'stroke="#000"' in picture
    assert "viewBox" in picture
    assert not re.search(r"style=|<style|<script|\son\w+=|href", picture)


def test_codes_are_shown_until_they_are_saved(bob, set_up):
    set_up()
    assert bob.post(f"{CODES}/saved").status_code == 422, "not before they say so"
    assert _CODE.findall(bob.get(CODES).text)
    assert bob.post(f"{CODES}/saved", {"saved": "on"}).location == HOME
    assert not _CODE.findall(bob.get(CODES).text)
    assert bob.get(f"{CODES}.txt").status_code == 404


def test_the_file_names_the_service_the_account_and_the_day(bob, set_up, cast):
    set_up()
    shown = set(_CODE.findall(bob.get(CODES).text))
    answer = bob.get(f"{CODES}.txt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{cast.acme.slug}_backup_codes.txt"'
    assert answer.headers["Cache-Control"] == "no-store"
    today = datetime.now(UTC)
    for fact in (cast.acme.name, cast.bob.email, f"{today.day} {today:%B %Y}"):
        assert fact in answer.text
    assert set(_CODE.findall(answer.text)) == shown


def test_new_codes_ask_for_the_second_factor_first(bob, set_up, services, cast, clock):
    set_up()
    clock.forward(minutes=11)
    before = _CODE.findall(bob.get(CODES).text)
    assert bob.post(CODES).location == "/reauthenticate"
    assert _CODE.findall(bob.get(CODES).text) == before


def test_an_app_is_renamed_and_a_name_that_cannot_be_one_is_said_so(bob, set_up):
    app = set_up()
    assert bob.post(f"{app}/name", {"name": "Old phone"}).location == HOME
    assert "Old phone" in bob.get(HOME).text
    refused = bob.post(f"{app}/name", {"name": "x" * 61})
    assert refused.status_code == 422
    assert "Old phone" in refused.text


def test_removing_asks_first_whether_to_and_whether_it_is_them(bob, set_up, services, cast, clock):
    app = set_up()
    clock.forward(minutes=11)
    question = bob.get(f"{app}/removal")
    assert "My phone" in question.text
    assert f'action="{app}/removal"' in question.text
    assert bob.post(f"{app}/removal").location == "/reauthenticate"
    assert services.totp.list(cast.acme, cast.bob.id)


def test_nobody_elses_app_is_there(cast, browse, apps):
    app = apps.enrol(cast.bob)
    ada, mallory = browse(cast.acme), browse(cast.globex)
    ada.sign_in(cast.ada)
    mallory.sign_in(cast.mallory)
    path = f"{HOME}/app/{app.id}"
    for browser in (ada, mallory):
        assert browser.get(f"{path}/removal").status_code == 404
        posted = [browser.post(f"{path}{act}", {"name": "mine"}) for act in ("/name", "/removal")]
        assert [answer.status_code for answer in posted] == [404, 404]
        set_up = (browser.get(path), browser.post(path, {"code": "123456"}))
        assert [answer.status_code for answer in set_up] == [404, 404]


def test_where_second_factors_are_off_the_page_says_so_and_nothing_begins(services, browse, cast):
    tenant = cast.found(f"{cast.acme.slug}-off", "Off", second_factor="off")
    browser = browse(tenant)
    browser.sign_in(cast.person(tenant, "zoe@off.example"))
    assert f'action="{HOME}/app"' not in browser.get(HOME).text
    assert browser.post(f"{HOME}/app").status_code == 403


def test_a_form_that_comes_from_elsewhere_changes_nothing(bob, services, cast):
    paths = [f"{HOME}/app", CODES, f"{CODES}/saved"]
    assert {bob.post(path, csrf=False).status_code for path in paths} == {403}
    assert {bob.post(path, headers={"Sec-Fetch-Site": "same-site"}).status_code for path in paths} == {403}
