"""Passwords: normalised once, compared at the same price for everybody, strong enough when they are chosen."""

import unicodedata
from collections.abc import Iterable
from string import punctuation

from app.errors import FieldError, InvalidInput
from app.hashing import Hasher
from app.storage.unit import unit_is_open
from app.tenancy import Tenant

PRODUCT = "portico"
# zxcvbn reads no further, and no tenant allows more than the second.
_SCORED_LENGTH = 72
_LONGEST = 256
_SHORTEST_WORD = 3
# So many characters must be left when one's own words are taken out.
_OWN_PART = 6


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
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 12 MB of words, which processes that only compare can do without

    score = zxcvbn(normal[:_SCORED_LENGTH], user_inputs=words)
    if score["score"] < rules.password_min_score:
        advice = score["feedback"]["warning"] or "Add another word or two. Uncommon words are better."
        raise _refusal(field, "too_easy_to_guess", f"This is too easy to guess. {advice.rstrip('.')}.")
    if _without(normal.lower(), words) < _OWN_PART:
        raise _refusal(field, "contains_own_words", "Leave out your name, your address and ours.")


def _context_words(texts: Iterable[str]) -> list[str]:
    """Each text, and its parts, as far as they are long enough to matter."""
    found = set()
    for text in texts:
        lower = text.lower()
        parts = {lower, *"".join(c if c.isalnum() else " " for c in lower).split()}
        found |= {part for part in parts if len(part) >= _SHORTEST_WORD}
    return sorted(found)


def _without(text: str, words: Iterable[str]) -> int:
    """How many characters, but for blanks and ASCII signs, are left of ``text`` without ``words``, longest first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ")
    return sum(not (character.isspace() or character in punctuation) for character in text)


def _refusal(field: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput(errors=(FieldError(pointer=f"/{field}", code=code, detail=detail),))


def _assert_no_unit() -> None:
    if unit_is_open():
        raise RuntimeError("hashing inside a unit")
