"""The codes that devices show and people type (RFC 8628, section 6.1): eight letters, no vowels, so no words either."""

import secrets
import unicodedata
from uuid import UUID

from app import crypto

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
_LONGEST = 64


class UserCodes:
    """Makes them and recognises them. They are too short to rest as a plain digest."""

    def __init__(self, secret: str) -> None:
        """``secret``: the installation's; the key is derived from it."""
        self._key = crypto.sign(secret.encode(), b"portico: codes of devices")

    @staticmethod
    def new() -> str:
        """34 random bits, as it is shown: ABCD-EFGH would be one, but for its vowels."""
        letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        return f"{letters[:4]}-{letters[4:]}"

    def digest(self, tenant_id: UUID, code: str) -> bytes | None:
        """What rests of it, however it was typed; ``None`` for what could be none."""
        letters = plain(code)
        return crypto.sign(self._key, tenant_id.bytes + letters.encode()) if letters else None


def plain(typed: str) -> str:
    """The letters of what was typed, as we have made them: empty for what could be no code.

    Small and wide letters, blanks and whatever hyphen the keyboard has are how people type.
    """
    wide = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    letters = "".join(sign for sign in wide if not (sign.isspace() or unicodedata.category(sign) in {"Pd", "Cf"}))
    return letters if len(letters) == LENGTH and set(letters) <= set(LETTERS) else ""


def shown(typed: str) -> str:
    """The same, in two groups; what could be no code, empty."""
    letters = plain(typed)
    return f"{letters[:4]}-{letters[4:]}" if letters else ""
