"""What people may say of themselves, part by part (OpenID Connect Core, section 5.1)."""

import pytest

from app.errors import InvalidInput
from app.users.profile import ADDRESS_FIELDS, FIELDS, differences, merged

GOOD = [
    ("given_name", "  Ada   King ", "Ada King"),
    ("family_name", "O'Neil-\u0141ukasz", "O'Neil-\u0141ukasz"),
    ("birthdate", "1815-12-10", "1815-12-10"),
    ("birthdate", "1815", "1815"),
    ("birthdate", "0000-02-29", "0000-02-29"),
    ("zoneinfo", "Europe/Berlin", "Europe/Berlin"),
    ("locale", "en_GB", "en-GB"),
    ("locale", "zh-Hant-TW", "zh-Hant-TW"),
    ("phone_number", "+44 (20) 7946-0018", "+442079460018"),
    ("website", "https://ada.example/a?b=c#d", "https://ada.example/a?b=c#d"),
]
BAD = [
    ("given_name", "x" * 101),
    ("nickname", "a\u202eb"),
    ("nickname", "a\x00b"),
    ("birthdate", "10.12.1815"),
    ("birthdate", "1815-02-30"),
    ("birthdate", "18151210"),
    ("birthdate", "1815-W01-1"),
    ("birthdate", "\u0661\u0668\u0661\u0665"),
    ("zoneinfo", "Europe/Atlantis"),
    ("zoneinfo", "../../etc/passwd"),
    ("locale", "english please"),
    ("locale", "en-" + "x" * 40),
    ("phone_number", "020 7946 0018"),
    ("phone_number", "+0123456789"),
    ("phone_number", "+44 call me"),
    ("phone_number", "+\u0664\u0664\u0662\u0660\u0667\u0669\u0664\u0666"),
    ("website", "http://ada.example"),
    ("website", "javascript:alert(1)"),
    ("website", "JaVaScRiPt:alert(1)"),
    ("picture", "data:image/png;base64,AA"),
    ("profile", "//ada.example"),
    ("profile", "https://"),
    ("profile", "https://a b.example"),
    ("profile", "https://good.example@evil.example"),
    ("profile", "https://ada.example\\@evil.example"),
    ("profile", "https://[::1"),
    ("picture", "https://ada.example/" + "x" * 2000),
]


@pytest.mark.parametrize(("name", "said", "kept"), GOOD)
def test_what_will_do_is_kept_in_one_spelling(name, said, kept):
    assert merged({}, {name: said}) == {name: kept}


@pytest.mark.parametrize(("name", "said"), BAD)
def test_what_will_not_do_is_refused_by_its_name(name, said):
    with pytest.raises(InvalidInput) as refusal:
        merged({}, {name: said})
    assert [error.pointer for error in refusal.value.errors] == [f"/profile/{name}"]


@pytest.mark.parametrize("empty", ["", "   ", None])
@pytest.mark.parametrize("name", FIELDS)
def test_what_is_empty_goes_and_the_rest_stays(name, empty):
    assert merged({name: "x", "other": "y"}, {name: empty}) == {"other": "y"}


def test_an_address_is_changed_part_by_part_and_goes_as_a_whole():
    home = merged({}, {"address": {"locality": "London", "street_address": "12 St James's Square\r\n\n  Flat 2"}})
    assert home["address"]["street_address"] == "12 St James's Square\nFlat 2"
    moved = merged(home, {"address": {"locality": "Ockham", "street_address": ""}})
    assert moved == {"address": {"locality": "Ockham"}}
    assert merged(moved, {"address": {}}) == moved
    assert merged(moved, {"address": None}) == merged(moved, {"address": {"locality": None}}) == {}


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(InvalidInput) as refusal:
        merged({}, {"birthdate": "x", "website": "x", "address": {"country": "x" * 200, "region": "\x07"}})
    assert sorted(refusal.value.by_field) == ["birthdate", "country", "region", "website"]


def test_what_nobody_knows_is_not_kept():
    assert merged({}, {"is_admin": "yes", "email": "x@y.example"}) == {}


def test_differences_are_told_by_name():
    before, after = {"locale": "en", "nickname": "A"}, {"locale": "de", "nickname": "A", "address": {"region": "x"}}
    assert differences(before, after) == ("locale", "address")


def test_no_part_of_an_address_is_called_as_another_part():
    assert not FIELDS.keys() & {*ADDRESS_FIELDS, "name", "email"}
