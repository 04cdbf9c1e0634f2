"""Secrets: made, compared, and encrypted for one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import crypto
from app.crypto import Cipher, Undecipherable

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@given(some.binary(max_size=200), some.text(some.characters(exclude_categories=["Cs"]), max_size=50))
def test_what_is_encrypted_for_a_place_opens_there(clear, place):
    sealed = Cipher([NEW]).encrypt(clear, place=place)
    assert Cipher([NEW]).decrypt(sealed, place=place) == clear
    assert len(sealed) == len(clear) + 93


def test_a_ciphertext_copied_to_another_row_does_not_open():
    sealed = Cipher([NEW]).encrypt(b"a signing key", place="signing_keys:acme:1")
    for place in ("signing_keys:acme:2", "signing_keys:globex:1", "refresh_families:acme:1", ""):
        with pytest.raises(Undecipherable):
            Cipher([NEW]).decrypt(sealed, place=place)


def test_the_same_clear_text_never_looks_the_same():
    cipher = Cipher([NEW])
    assert len({cipher.encrypt(b"secret", place="x") for _ in range(50)}) == 50
    assert b"secret" not in cipher.encrypt(b"secret", place="x")


def test_after_a_rotation_old_ciphertexts_open_and_new_ones_use_the_new_key():
    old = Cipher([OLD]).encrypt(b"secret", place="x")
    both = Cipher([NEW, OLD])
    assert both.decrypt(old, place="x") == b"secret"
    assert Cipher([NEW]).decrypt(both.encrypt(b"secret", place="x"), place="x") == b"secret"
    with pytest.raises(Undecipherable):
        Cipher([NEW]).decrypt(old, place="x")
    with pytest.raises(Undecipherable):
        Cipher([OLD]).decrypt(both.encrypt(b"secret", place="x"), place="x")


def test_every_changed_byte_is_noticed():
    cipher = Cipher([NEW])
    sealed = cipher.encrypt(b"secret", place="x")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Undecipherable):
            cipher.decrypt(changed, place="x")


def test_every_truncation_is_noticed():
    cipher = Cipher([NEW])
    sealed = cipher.encrypt(b"secret", place="x")
    for length in range(len(sealed)):
        with pytest.raises(Undecipherable):
            cipher.decrypt(sealed[:length], place="x")


@pytest.mark.parametrize("keys", [[], [b""], [bytes(31)], [bytes(33)], [NEW, bytes(16)]])
def test_a_key_of_another_length_is_no_key(keys):
    with pytest.raises(ValueError, match="32 bytes"):
        Cipher(keys)


def test_secrets_are_long_and_never_the_same():
    minted = {crypto.mint() for _ in range(1000)}
    assert len(minted) == 1000
    assert {len(secret) for secret in minted} == {43}


def test_a_digest_is_sha256_and_compared_whole():
    assert crypto.digest("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert crypto.same(b"abc", b"abc")
    assert not crypto.same(b"abc", b"abd")
    assert not crypto.same(b"abc", b"ab")


def test_a_signature_is_hmac_sha256():
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert crypto.sign(b"Jefe", b"what do ya want for nothing?").hex() == expected
