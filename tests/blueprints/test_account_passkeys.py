"""The account's page of passkeys."""

import re

import pytest

from tests.blueprints.pressing import add, options, sign_in
from tests.soft_passkey import SoftPasskey

PAGE = "/account/passkeys"


@pytest.fixture
def ada(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


@pytest.fixture
def strong(ada, cast, browse):
    """Ada's browser, signed in with her passkey."""
    key, _ = add(ada)
    browser = browse(cast.acme)
    assert sign_in(browser, key).status_code == 303
    return browser


def own(browser):
    return list(dict.fromkeys(re.findall(r"/account/passkeys/([0-9a-f-]{36})/", browser.get(PAGE).text)))


def test_whoever_has_none_may_create_one_and_goes_on_to_backup_codes(ada):
    page = ada.get(PAGE)
    assert page.status_code == 200
    assert 'data-passkey="create"' in page.text
    _, answer = add(ada, name="Work laptop")
    assert (answer.status_code, answer.location) == (303, "/account/backup-codes")
    assert 'id="codes"' in ada.get(answer.location).text, "made already, to be saved"
    assert "Work laptop" in ada.get(PAGE).text


def test_without_a_name_it_is_called_after_what_keeps_it(ada):
    add(ada)
    assert "iCloud Keychain" in ada.get(PAGE).text


def test_the_same_one_twice_or_one_not_asked_for_is_refused_on_the_page(strong):
    key = SoftPasskey(origin=strong.origin)
    assert add(strong, key=key)[1].status_code == 303
    answer = add(strong, key=key)[1]
    assert answer.status_code == 422
    assert "This passkey is here already." in answer.text
    answer = strong.post(PAGE, {"credential": "{}"})
    assert answer.status_code == 422
    assert "That passkey did not work." in answer.text


def test_a_name_that_will_not_do_is_said_beside_the_form(strong):
    (one,) = own(strong)
    assert strong.post(f"{PAGE}/{one}/name", {"name": "Phone"}).status_code == 303
    assert "Phone" in strong.get(PAGE).text
    for name in ("", "x" * 65):
        answer = strong.post(f"{PAGE}/{one}/name", {"name": name})
        assert answer.status_code == 422


def test_removal_asks_first(strong):
    (one,) = own(strong)
    page = strong.get(f"{PAGE}/{one}/removal")
    assert "Remove this passkey?" in page.text
    assert own(strong) == [one]
    answer = strong.post(f"{PAGE}/{one}/removal")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert own(strong) == []


def test_the_last_way_in_is_not_removed(cast, browse):
    only = cast.found(f"{cast.acme.slug}-o", "Only", methods=["password", "passkey"])
    zoe = cast.person(only, "zoe@only.example")
    browser = browse(only)
    browser.sign_in(zoe)
    key, _ = add(browser)
    cast.services.tenant_administration.change_settings(only, {"methods": ["passkey"]})
    browser = browse(only)
    sign_in(browser, key)
    (one,) = own(browser)
    answer = browser.post(f"{PAGE}/{one}/removal")
    assert answer.status_code == 409
    assert "your only way in" in answer.text
    assert own(browser) == [one]


def test_anothers_is_not_there(strong, cast, browse):
    (one,) = own(strong)
    for person in (cast.bob, cast.mallory):
        browser = browse(person.tenant)
        browser.sign_in(person)
        assert browser.get(f"{PAGE}/{one}/removal").status_code == 404
        assert browser.post(f"{PAGE}/{one}/removal").status_code == 404
        assert browser.post(f"{PAGE}/{one}/name", {"name": "Mine"}).status_code == 404


def test_long_after_signing_in_one_confirms_first_and_comes_back(ada, clock):
    clock.forward(minutes=11)
    asked = options(ada, f"{PAGE}/options")
    assert (asked.status_code, asked.json["code"]) == (401, "insufficient_user_authentication")
    answer = ada.post(PAGE, {"credential": ""})
    assert (answer.status_code, answer.location) == (303, "/reauthenticate")


def test_whoever_has_one_shows_it_before_adding_another(ada, cast, browse):
    """A session from before knows nothing of it; the one that added it has shown it with that."""
    other = browse(cast.acme)
    other.sign_in(cast.ada)
    add(ada)
    assert options(other, f"{PAGE}/options").status_code == 401
    assert options(ada, f"{PAGE}/options").status_code == 200


def test_a_stranger_is_sent_to_sign_in(cast, browse):
    assert options(browse(cast.acme), f"{PAGE}/options").json["code"] == "unauthenticated"
    assert browse(cast.acme).get(PAGE).location == "/login"


def test_it_is_offered_after_a_password_once_until_dismissed(ada, cast, browse):
    assert "Sign in faster next time" in ada.get("/account").text
    assert ada.post(f"{PAGE}/offer").location == "/account"
    assert "Sign in faster next time" not in ada.get("/account").text
    again = browse(cast.acme)
    again.sign_in(cast.ada)
    assert "Sign in faster next time" not in again.get("/account").text
