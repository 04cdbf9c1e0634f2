"""Six digits and two, made from secrets, compared however people type them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import crypto
from app.auth.codes import DIGITS, Codes, digits

CODES = Codes("a secret of the installation")
WIDE = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
ARABIC = str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")
MATHEMATICAL = str.maketrans({str(n): chr(0x1D7CE + n) for n in range(10)})


def test_a_code_has_six_digits_also_where_it_begins_with_nothing():
    made = [CODES.of(crypto.mint()) for _ in range(5000)]
    assert all(len(code) == DIGITS and code.isascii() and code.isdigit() for code in made)
    assert any(code.startswith("0") for code in made)
    assert len(set(made)) > 4900


def test_every_digit_is_as_likely_at_every_place():
    made = [CODES.of(f"token {n}") for n in range(20_000)]
    for place in range(DIGITS):
        counted = Counter(code[place] for code in made)
        assert len(counted) == 10
        assert all(1750 < count < 2250 for count in counted.values()), counted


def test_the_same_link_has_the_same_code_and_another_installation_another():
    other = Codes("another secret of the installation")
    assert CODES.of("link") == Codes("a secret of the installation").of("link")
    assert sum(CODES.of(f"{n}") == other.of(f"{n}") for n in range(1000)) < 5
    assert CODES.digest("123456", b"c") != other.digest("123456", b"c")


def test_a_code_is_bound_to_its_challenge():
    held = CODES.digest("123456", b"mine")
    assert CODES.matches("123456", b"mine", held)
    assert not CODES.matches("123456", b"yours", held)
    assert not CODES.matches("123457", b"mine", held)


@pytest.mark.parametrize("digest", [b"", b"\x00" * 32, b"short"])
def test_nothing_matches_what_is_no_digest(digest):
    for typed in ("", "123456", "000000"):
        assert not CODES.matches(typed, b"mine", digest)


def test_a_digest_is_no_plain_hash_of_six_digits():
    """A million hashes are computed in a second: what rests in the database needs the key that does not."""
    held = CODES.digest("123456", b"mine")
    assert held not in {crypto.digest("123456"), crypto.digest("mine123456"), crypto.sign(b"mine", b"123456")}


@pytest.mark.parametrize(
    "typed",
    ["123 456", " 123456 ", "123-456", "1 2 3 4 5 6", "123\u00a0456", "123\u2009456", "123\u2013456", "123456\r\n",
     "123456".translate(WIDE), "123456".translate(ARABIC), "123456".translate(MATHEMATICAL), "\u200f123456\u200e"],
    ids=ascii,
)  # fmt: skip
def test_it_is_read_however_people_and_their_devices_spell_it(typed):
    assert digits(typed) == "123456"


@pytest.mark.parametrize(
    "typed", ["", " ", "abcdef", "\u00b9\u00b2\u00b3", "\u2460\u2461", "\u2155", "\u4e00\u4e8c", "\x00"]
)
def test_what_is_no_digit_counts_for_none(typed):
    assert digits(typed) == ""


def test_a_flood_of_digits_is_cut_off():
    assert len(digits("1" * 1_000_000)) == 64


@given(st.text())
def test_whatever_is_typed_is_read_without_a_fault(typed):
    read = digits(typed)
    assert read == "" or (read.isascii() and read.isdigit())
    assert CODES.matches(typed, b"mine", CODES.digest("123456", b"mine")) is (read == "123456")


def test_numbers_are_from_ten_to_ninety_nine_and_about_as_likely():
    counted = Counter(CODES.number(f"challenge {n}".encode()) for n in range(18_000))
    assert counted.keys() == {str(n) for n in range(10, 100)}
    assert all(130 < count < 270 for count in counted.values())
