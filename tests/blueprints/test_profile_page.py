"""The profile's page: all of it is optional, and works without scripts."""

import re

import pytest

PATH = "/account/profile"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(browse, cast):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


def value(page, name):
    return re.search(rf'id="{name}" name="{name}" value="([^"]*)"', page.text)[1]


def more(page):
    return re.search(r'<details class="more" id="more"( open)?>', page.text)


def test_the_rest_is_folded_away_until_there_is_something(ada):
    assert not more(ada.get(PATH))[1]
    saved = ada.post(PATH, {"name": "Ada", "locale": "en_GB", "locality": "London"})
    assert (saved.status_code, saved.location) == (303, PATH)
    page = ada.get(PATH)
    assert more(page)[1]
    assert (value(page, "locale"), value(page, "locality"), value(page, "country")) == ("en-GB", "London", "")


def test_a_form_without_the_rest_leaves_it_as_it_is(ada):
    ada.post(PATH, {"name": "Ada", "nickname": "Countess", "country": "England"})
    ada.post(PATH, {"name": "Ada Lovelace"})
    page = ada.get(PATH)
    assert (value(page, "name"), value(page, "nickname"), value(page, "country")) == (
        "Ada Lovelace",
        "Countess",
        "England",
    )
    ada.post(PATH, {"name": "Ada Lovelace", "nickname": "", "country": ""})
    assert not more(ada.get(PATH))[1]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(ada):
    refused = ada.post(PATH, {"name": "Ada", "birthdate": "yesterday", "nickname": "Countess"})
    assert refused.status_code == 422
    assert more(refused)[1]
    assert (value(refused, "birthdate"), value(refused, "nickname")) == ("yesterday", "Countess")
    assert 'id="birthdate-error"' in refused.text
    assert not more(ada.get(PATH))[1], "nothing was kept"


def test_the_part_is_the_same_with_htmx(ada):
    saved = ada.post(PATH, {"name": "Ada", "website": "https://ada.example"}, headers=HTMX)
    assert saved.status_code == 200
    assert saved.text.lstrip().startswith('<div class="stack" id="your-profile">')
    assert value(saved, "website") == "https://ada.example"
    assert "Your profile is saved." in saved.text


def test_what_is_typed_is_text(ada):
    ada.post(PATH, {"name": "Ada", "nickname": '"><svg onload=1>{{7*7}}'})
    page = ada.get(PATH)
    assert "<svg onload" not in page.text
    assert "{{7*7}}" in page.text


def test_the_street_of_several_lines_fits_one(ada, call, cast):
    client = call(cast.acme)
    token = client.tokens(cast.ada)["access_token"]
    client.call("PATCH", "/me", token=token, json={"profile": {"address": {"street_address": "1 Road\nFlat 2"}}})
    assert value(ada.get(PATH), "street_address") == "1 Road, Flat 2"
