"""Passwords: normalised once, compared at the same price for everybody. Which may be chosen: ``password_policy``."""

import unicodedata

from app.hashing import Hasher
from app.storage.unit import unit_is_open

# No tenant allows more.
_LONGEST = 256


class Passwords:
    """Hashes and compares. Never while a unit is open: hashing would hold its connection."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        # Made now, so that the first unknown address costs no more than the second.
        self._nobody = hasher.hash("nobody has this password")

    def match(self, hashed: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind ``hashed``. ``None`` costs as much as a wrong password."""
        _assert_no_unit()
        normal = normalise(password)
        usable = hashed is not None and len(normal) <= _LONGEST
        matches = self._hasher.matches(
            hashed if hashed is not None and usable else self._nobody, normal if usable else ""
        )
        return matches and usable

    def hash(self, password: str) -> str:
        _assert_no_unit()
        return self._hasher.hash(normalise(password))

    def renewed(self, hashed: str | None, password: str) -> str | None:
        """A new hash of a right password whose old one was made with other parameters; else ``None``."""
        return self.hash(password) if hashed and self._hasher.is_stale(hashed) else None


def normalise(password: str) -> str:
    """NFC, and nothing else: never trimmed, never folded."""
    return unicodedata.normalize("NFC", password)


def _assert_no_unit() -> None:
    if unit_is_open():
        raise RuntimeError("hashing inside a unit")
