"""Passwords: normalised once, compared at the same price for everybody, strong enough when they are chosen."""

import unicodedata
from collections.abc import Iterable

from zxcvbn import zxcvbn

from app.errors import FieldError, InvalidInput
from app.hashing import Hasher
from app.storage.unit import unit_is_open
from app.tenancy import Tenant

PRODUCT = "portico"
# zxcvbn reads no further, and no tenant allows more than the second.
_SCORED_LENGTH = 72
_LONGEST = 256
_SHORTEST_WORD = 4


class Passwords:
    """Hashes and compares. Never while a unit is open: hashing would hold its connection."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._nobody: str | None = None

    def match(self, hashed: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind ``hashed``. ``None`` costs as much as a wrong password."""
        _assert_no_unit()
        normal = normalise(password)
        usable = hashed is not None and len(normal) <= _LONGEST
        matches = self._hasher.matches(
            hashed if hashed is not None and usable else self._somebody(), normal if usable else ""
        )
        return matches and usable

    def hash(self, password: str) -> str:
        _assert_no_unit()
        return self._hasher.hash(normalise(password))

    def renewed(self, hashed: str | None, password: str) -> str | None:
        """A new hash of a right password whose old one was made with other parameters; else ``None``."""
        return self.hash(password) if hashed and self._hasher.is_stale(hashed) else None

    def _somebody(self) -> str:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        return self._nobody


def normalise(password: str) -> str:
    """NFC, and nothing else: never trimmed, never folded."""
    return unicodedata.normalize("NFC", password)


def check_policy(tenant: Tenant, password: str, *, field: str, own_words: Iterable[str]) -> None:
    """Refuse a password that the tenant's policy does, with a sentence that helps to choose a better one.

    Raises ``InvalidInput`` for ``field``. ``own_words``: the name and address of whoever it is for.
    """
    normal, rules = normalise(password), tenant.settings
    if len(normal) < rules.password_min_length:
        raise _refusal(field, "too_short", f"Use at least {rules.password_min_length} characters.")
    if len(normal) > rules.password_max_length:
        raise _refusal(field, "too_long", f"Use at most {rules.password_max_length} characters.")
    words = _context_words([PRODUCT, tenant.name, tenant.slug, *own_words])
    score = zxcvbn(normal[:_SCORED_LENGTH], user_inputs=words)
    if score["score"] < rules.password_min_score:
        advice = score["feedback"]["warning"] or "Add another word or two. Uncommon words are better."
        raise _refusal(field, "too_easy_to_guess", f"This is too easy to guess. {advice.rstrip('.')}.")
    if any(word in normal.lower() and len(word) * 2 >= len(normal) for word in words):
        raise _refusal(field, "contains_own_words", "Leave out your name, your address and ours.")


def _context_words(texts: Iterable[str]) -> list[str]:
    """Each text, and its parts, as far as they are long enough to matter."""
    found = set()
    for text in texts:
        lower = text.lower()
        parts = {lower, *"".join(c if c.isalnum() else " " for c in lower).split()}
        found |= {part for part in parts if len(part) >= _SHORTEST_WORD}
    return sorted(found)


def _refusal(field: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput(errors=(FieldError(pointer=f"/{field}", code=code, detail=detail),))


def _assert_no_unit() -> None:
    if unit_is_open():
        raise RuntimeError("hashing inside a unit")
