"""How passwords are normalised, hashed and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.auth.passwords import Passwords, normalise
from app.hashing import Argon2


@given(some.text(max_size=80))
def test_normalising_twice_is_once_and_nothing_is_trimmed(text):
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(f" {text} ").startswith(" ")


@pytest.fixture(scope="module")
def passwords():
    return Passwords(Argon2(memory_kib=8, passes=1, lanes=1, at_once=2))


@given(some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_what_was_hashed_matches_and_its_neighbour_does_not(passwords, text):
    hashed = passwords.hash(text)
    assert passwords.match(hashed, text)
    assert not passwords.match(hashed, text + "x")
    assert not passwords.match(None, text)


@pytest.mark.parametrize("hashed", ["", "garbage", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$p=1$" + "A" * 500])
def test_a_damaged_hash_matches_nothing(passwords, hashed):
    assert not passwords.match(hashed, "correct horse battery staple")


def test_hashes_are_salted(passwords):
    assert passwords.hash("correct horse battery staple") != passwords.hash("correct horse battery staple")
