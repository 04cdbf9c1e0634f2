"""Secrets: made, compared by digest, and encrypted at rest. Password hashing is in ``hashing``."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET_BYTES = 32
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_ID_BYTES = 4
_VERSION = b"\x01"
_WRAPPED_BYTES = _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES


def mint() -> str:
    """A new secret of 256 random bits, as 43 characters that are safe in URLs and cookies."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> bytes:
    """SHA-256 of a random secret: what we store to recognise it (fast on purpose: it cannot be guessed)."""
    return hashlib.sha256(secret.encode()).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)


def sign(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of ``message`` (RFC 2104), 32 bytes."""
    return hmac.digest(key, message, "sha256")


class Undecipherable(Exception):
    """A ciphertext whose key we do not have, or that was made for another place, or was changed."""


class Cipher:
    """Envelope encryption for what must be read again: signing keys, family secrets, provider secrets.

    Every ciphertext carries its own data key, wrapped (AES-256-GCM) under one of the installation's keys, which it
    names, so that keys can be rotated one ciphertext at a time. ``place`` ("signing_keys:<tenant>:<id>") is bound in:
    a ciphertext copied to another row does not open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """``keys``: 32 bytes each, newest first. New ciphertexts use the first."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("encryption keys must be 32 bytes each, and there must be one")
        self._keys = {hashlib.sha256(key).digest()[:_ID_BYTES]: AESGCM(key) for key in reversed(keys)}
        self._newest = hashlib.sha256(keys[0]).digest()[:_ID_BYTES]

    def encrypt(self, clear: bytes, *, place: str) -> bytes:
        """Encrypt ``clear`` for one place; 109 bytes longer than it."""
        data_key = secrets.token_bytes(_KEY_BYTES)
        wrapped = _seal(self._keys[self._newest], data_key, place)
        return _VERSION + self._newest + wrapped + _seal(AESGCM(data_key), clear, place)

    def decrypt(self, sealed: bytes, *, place: str) -> bytes:
        """The clear bytes again. Raises ``Undecipherable``."""
        name, rest = sealed[1 : 1 + _ID_BYTES], sealed[1 + _ID_BYTES :]
        key = self._keys.get(name)
        if sealed[:1] != _VERSION or key is None:
            raise Undecipherable(f"no key {name.hex()} for {place}")
        try:
            data_key = _open(key, rest[:_WRAPPED_BYTES], place)
            return _open(AESGCM(data_key), rest[_WRAPPED_BYTES:], place)
        except (InvalidTag, ValueError) as error:  # ValueError: cut off
            raise Undecipherable(place) from error


def _seal(key: AESGCM, clear: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, clear, place.encode())


def _open(key: AESGCM, sealed: bytes, place: str) -> bytes:
    return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
