"""One's own data as pages: a copy of it, and the end of the account."""

import json

import pytest

TYPED = {"confirmation": "bob@acme.example"}


@pytest.fixture
def bob(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    return browser


@pytest.fixture
def ready(services, cast, bob, letters):
    """A copy of Bob's data: where it is fetched."""
    assert bob.post("/account/data/exports").status_code == 303
    link = next(word for word in letters.to(cast.bob.email).text.split() if "/exports/" in word)
    return link.removeprefix(cast.acme.origin)


def test_a_copy_is_asked_for_and_then_downloaded(cast, bob, ready):
    assert f'href="{ready}"' in bob.get("/account/data").text
    file = bob.get(ready)
    assert (file.status_code, file.mimetype) == (200, "application/json")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{cast.acme.slug}-data.json"'
    assert file.headers["Cache-Control"] == "no-store"
    assert json.loads(file.data)["data"]["profile"][0]["email"] == "bob@acme.example"


def test_while_it_is_prepared_there_is_nothing_to_download(bob):
    bob.post("/account/data/exports")
    page = bob.get("/account/data").text
    assert "Being prepared" in page
    assert "Download" not in page


def test_the_link_wants_the_sign_in_of_that_person(cast, browse, ready):
    stranger = browse(cast.acme)
    answer = stranger.get(ready)
    assert (answer.status_code, answer.location) == (303, "/login")
    for person in (cast.ada, cast.mallory):
        browser = browse(person.tenant)
        browser.sign_in(person)
        assert browser.get(ready).status_code == 404


def test_a_second_copy_on_the_same_day_is_refused_in_words(cast, browse, strict):
    browser = browse(cast.acme, on=strict)
    browser.sign_in(cast.bob)
    assert browser.post("/account/data/exports").status_code == 303
    refused = browser.post("/account/data/exports")
    assert refused.status_code == 429
    assert "one copy of your data a day" in refused.text
    assert "Being prepared" in refused.text
    assert int(refused.headers["Retry-After"]) > 86_000


def test_leaving_signs_out_and_says_how_to_come_back(cast, bob, letters, browse):
    assert bob.get("/account/data/deletion").status_code == 200
    answer = bob.post("/account/data/deletion", TYPED)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert bob.cookie("portico_session") is None
    assert "14 days" in bob.get("/login").text
    assert bob.get("/account").location == "/login"
    assert letters.to(cast.bob.email)


@pytest.mark.parametrize("typed", ["x", "", "ada@acme.example"])
def test_another_address_is_refused_beside_its_field(bob, typed):
    answer = bob.post("/account/data/deletion", {"confirmation": typed})
    assert answer.status_code == 422
    assert 'id="confirmation-error"' in answer.text
    assert bob.get("/account").status_code == 200


def test_the_last_owner_is_told_why_they_stay(cast, browse):
    ada = browse(cast.acme)
    ada.sign_in(cast.ada)
    answer = ada.post("/account/data/deletion", {"confirmation": cast.ada.email})
    assert answer.status_code == 409
    assert "Please make somebody else an owner first." in answer.text
    assert ada.get("/account").status_code == 200


def test_without_a_token_of_the_page_nothing_happens(bob):
    assert bob.post("/account/data/deletion", TYPED, csrf=False).status_code == 403
    assert bob.post("/account/data/exports", csrf=False).status_code == 403
    assert bob.get("/account").status_code == 200
