"""Applications that can use the account: on the page, over the API, in the history; and taking it back."""

import re

import pytest

from app.ids import uuid7
from tests.cast import an_origin
from tests.oidc.clients import an_application
from tests.oidc.holdings import a_family

PATH = "/account/applications"


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme, home_uri="https://notes.example/")


@pytest.fixture
def browser(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def scope(services, cast, browser):
    """Bob, in that browser."""
    secret = browser.cookie("portico_session")
    return services.sessions.by_cookie(cast.acme, secret, origin=an_origin())


@pytest.fixture
def allowed(services, cast, notes, scope):
    """Bob has allowed Notes, and is signed in to it."""
    services.openid.consents.allow(cast.acme, scope, notes.client, ["openid", "email"])
    return a_family(services, cast.acme, notes, scope)


@pytest.fixture
def bob(cast, call):
    """Bob's program, and its token."""
    client = call(cast.acme)
    return client, client.tokens(cast.bob)["access_token"]


def revoked(owner, family):
    return owner.execute("SELECT revoked_at IS NOT NULL FROM refresh_families WHERE id = %s", [family]).fetchone()[0]


def test_nothing_yet(browser):
    page = browser.get(PATH)
    assert "No application can use your account." in page.text
    assert 'aria-current="page"' in page.text


def test_it_says_what_since_when_and_where(browser, notes, allowed):
    page = browser.get(PATH).text
    for said in ("Notes", "https://notes.example/", "See your email address", "Allowed <time", "this device"):
        assert said in page, said


def test_one_of_the_tenants_own_is_marked(services, cast, browser, scope):
    a_family(services, cast.acme, an_application(services, cast.acme, name="Intranet", first_party=True), scope)
    page = browser.get(PATH).text
    assert "Part of <bdi>Acme</bdi>" in page
    assert "Signed in <time" in page


def test_removing_takes_effect_at_once(browser, notes, allowed, owner):
    answer = browser.post(f"{PATH}/{notes.id}/removal")
    assert (answer.status_code, answer.location) == (303, PATH)
    page = browser.get(PATH).text
    assert "use your account any more" in page
    assert "Notes" not in page
    assert revoked(owner, allowed)
    assert browser.post(f"{PATH}/{notes.id}/removal").status_code == 404


def test_htmx_gets_the_part_that_the_page_has(browser, notes, allowed):
    whole, part = browser.get(PATH).text, browser.get(PATH, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div class="stack" id="applications">')
    strip = lambda text: re.sub(r'value="[^"]+"', "", text)  # noqa: E731
    assert strip(part).strip() in strip(whole)
    answer = browser.post(f"{PATH}/{notes.id}/removal", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "use your account any more" in answer.text


def test_without_the_token_of_the_page_nothing_happens(browser, notes, allowed, owner):
    assert browser.post(f"{PATH}/{notes.id}/removal", csrf=False).status_code == 403
    assert browser.post(f"{PATH}/{notes.id}/removal", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not revoked(owner, allowed)


def test_the_api_lists_and_removes(notes, allowed, bob, owner):
    client, token = bob
    (one,) = client.get("/me/applications", token=token).json["data"]
    assert (one["id"], one["name"], one["scopes"], one["remembered"]) == (
        str(notes.id),
        "Notes",
        ["email", "openid"],
        True,
    )
    assert [use["current"] for use in one["uses"]] == [False]
    assert client.call("DELETE", f"/me/applications/{notes.id}", token=token).status_code == 204
    assert client.get("/me/applications", token=token).json == {"data": []}
    assert client.call("DELETE", f"/me/applications/{notes.id}", token=token).status_code == 404
    assert revoked(owner, allowed)


def test_another_person_sees_and_ends_none_of_it(cast, call, browse, notes, allowed, owner):
    ada, client = browse(cast.acme), call(cast.acme)
    ada.sign_in(cast.ada)
    token = client.tokens(cast.ada)["access_token"]
    assert "Notes" not in ada.get(PATH).text
    assert client.get("/me/applications", token=token).json == {"data": []}
    for application_id in (notes.id, uuid7()):
        assert ada.post(f"{PATH}/{application_id}/removal").status_code == 404
        assert client.call("DELETE", f"/me/applications/{application_id}", token=token).status_code == 404
    assert not revoked(owner, allowed)


def test_mallory_neither(cast, call, browse, notes, allowed, owner):
    mallory, client = browse(cast.globex), call(cast.globex)
    mallory.sign_in(cast.mallory)
    assert mallory.post(f"{PATH}/{notes.id}/removal").status_code == 404
    token = client.tokens(cast.mallory)["access_token"]
    assert client.call("DELETE", f"/me/applications/{notes.id}", token=token).status_code == 404
    assert not revoked(owner, allowed)


def test_the_history_names_it(services, cast, browser, scope, notes, allowed):
    services.openid.consents.deny(cast.acme, scope, notes.client)
    browser.post(f"{PATH}/{notes.id}/removal")
    page = browser.get("/account/activity").text
    for said in (
        "An application was allowed to use your account",
        "You did not allow an application to use your account",
        "An application&#39;s access was removed",
        "Notes.",
    ):
        assert said in page, said
