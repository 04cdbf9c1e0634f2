"""Short codes that people type: six digits, bound to the challenge of whoever asked, five tries each.

A code is too short to rest as a plain digest: it is an HMAC under a key that is not in the database.
"""

import unicodedata

from app import crypto

DIGITS = 6
MOST_TRIES = 5
_SMALLEST_NUMBER, _NUMBERS = 10, 90


class Codes:
    """Makes codes and numbers, and compares what was typed."""

    def __init__(self, secret: str) -> None:
        """``secret``: the installation's; the key is derived from it."""
        self._key = crypto.sign(secret.encode(), b"portico: codes for people")

    def of(self, token: str) -> str:
        """The code that goes with a mailed link: who has the link can be shown the code."""
        return f"{self._below(10**DIGITS, b'code', token.encode()):0{DIGITS}d}"

    def number(self, challenge: bytes) -> str:
        """Two digits that the waiting screen shows, and that whoever approves it elsewhere has to type."""
        return str(_SMALLEST_NUMBER + self._below(_NUMBERS, b"number", challenge))

    def digest(self, code: str, challenge: bytes) -> bytes:
        """What rests of a code."""
        return crypto.sign(self._key, b"digest:" + challenge + code.encode())

    def matches(self, typed: str, challenge: bytes, digest: bytes) -> bool:
        """Whether somebody typed the code, with whatever blanks and in whatever digits."""
        return crypto.same(self.digest(digits(typed), challenge), digest)

    def _below(self, end: int, what: bytes, about: bytes) -> int:
        return int.from_bytes(crypto.sign(self._key, what + b":" + about)[:8], "big") % end


def digits(typed: str) -> str:
    """The digits of what was typed, as ASCII: blanks and hyphens are how people group them."""
    return "".join(str(unicodedata.digit(sign)) for sign in typed[:64] if sign.isdigit() and _is_decimal(sign))


def is_code(typed: str) -> bool:
    """Whether it could be a code: what has fewer or more digits was not read from a mail, and is no guess either."""
    return len(digits(typed)) == DIGITS


def _is_decimal(sign: str) -> bool:
    return unicodedata.decimal(sign, None) is not None
