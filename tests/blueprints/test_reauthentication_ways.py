"""Confirming that it is you, as pages: what each person is asked for, and what is said when it is wrong."""

import json
import re

import pytest

from tests.auth.apps import Apps
from tests.auth.holding import Holder
from tests.auth.second_steps import with_app
from tests.auth.showing import without_password
from tests.blueprints.stepping_up import AGAIN, confirm, main_of, went
from tests.cast import PASSWORD

HOME = (303, "/account/security")


@pytest.fixture
def bob(cast, browse, clock):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    clock.forward(minutes=11)
    return browser


@pytest.fixture
def apped(cast, bob, clock):
    return with_app(cast.bob, clock)


@pytest.fixture
def holder(cast, services):
    return Holder(services, cast.bob)


def fields(browser, path=AGAIN):
    """The names of what the page asks to be typed."""
    found = re.findall(r'<input[^>]*\bname="(\w+)"', main_of(browser.get(path)))
    return set(found) - {"csrf_token", "method", "credential"}


def mailed(browser, letters, cast):
    assert went(browser.post(f"{AGAIN}/code"))[0] == 303
    return re.search(r"^\d{6}$", letters.to(cast.bob.email).text, re.MULTILINE)[0]


def test_a_password_alone(bob):
    assert fields(bob) == {"password"}
    assert confirm(bob) == HOME


def test_an_app_is_asked_for_beside_it(bob, apped):
    assert fields(bob) == {"password", "code"}
    assert confirm(bob, method="totp", code=apped.code()) == HOME


def test_another_way_is_a_backup_code(bob, apped, services):
    code = Apps(services).make(apped.person)[0]
    assert f'href="{AGAIN}?method=backup_code"' in main_of(bob.get(AGAIN))
    assert 'value="backup_code"' in main_of(bob.get(f"{AGAIN}?method=backup_code"))
    assert confirm(bob, method="backup_code", code=code) == HOME


def test_without_a_password_a_code_is_mailed_first(bob, cast, owner, letters):
    without_password(owner, cast.bob)
    assert fields(bob) == set()
    code = mailed(bob, letters, cast)
    assert fields(bob) == {"code"}
    assert went(bob.post(AGAIN, {"method": "email_code", "code": code})) == HOME
    assert "change something important" in letters.to(cast.bob.email).text


def test_without_a_password_and_with_an_app_both_codes(bob, cast, owner, letters, apped):
    without_password(owner, cast.bob)
    assert fields(bob) == set()
    code = mailed(bob, letters, cast)
    assert fields(bob) == {"email_code", "code"}
    answer = bob.post(AGAIN, {"email_code": code, "method": "totp", "code": apped.code()})
    assert went(answer) == HOME


def options(browser):
    answer = browser.post(f"{AGAIN}/passkey-options")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return answer.json


def test_a_passkey_alone(bob, holder):
    key = holder.add()
    assert 'data-passkey="get"' in main_of(bob.get(AGAIN))
    answer = bob.post(AGAIN, {"credential": json.dumps(key.get(options(bob)))})
    assert went(answer) == HOME
    assert bob.cookie("portico_passkey") is None


def test_one_that_does_not_know_who_holds_it_wants_the_password_too(bob, holder):
    key = holder.add(holder.new(verifies=False))
    answer = bob.post(AGAIN, {"credential": json.dumps(key.get(options(bob)))})
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert answer.text.count('name="password"') == 1
    shown = {"credential": json.dumps(key.get(options(bob))), "password": PASSWORD}
    assert went(bob.post(AGAIN, shown)) == HOME


def test_what_another_browser_was_asked_is_no_answer_here(bob, holder, browse, cast):
    other = browse(cast.acme)
    other.sign_in(cast.bob)
    key = holder.add()
    options(bob)
    answer = bob.post(AGAIN, {"credential": json.dumps(key.get(options(other)))})
    assert answer.status_code == 422
    assert "That passkey did not work." in answer.text


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({}, {"password", "code"}),
        ({"password": "wrong", "code": "123456"}, {"password"}),
        ({"password": PASSWORD, "code": ""}, {"code"}),
        ({"password": PASSWORD, "code": "12"}, {"code"}),
        ({"password": PASSWORD, "code": "123456"}, {"code"}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_given_back(bob, apped, typed, named):
    answer = bob.post(AGAIN, {"method": "totp", **typed})
    assert answer.status_code == 422
    assert set(re.findall(r'id="(\w+)-error"', answer.text)) == named
    assert PASSWORD not in answer.text
    assert bob.get("/account").status_code == 200
