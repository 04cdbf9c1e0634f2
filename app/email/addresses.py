"""Addresses, normalised once and for ever."""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from app.errors import refuse

_LONGEST = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``shown`` as it was typed; ``mailable`` with the domain in IDNA, as every relay takes it.

    ``key`` is what makes it unique: ASCII and lower case.
    """

    shown: str
    mailable: str
    key: str


def parse(typed: str) -> Address:
    """An address that mail can be sent to. Raises ``InvalidInput`` for ``/email``.

    The local part is ASCII and the domain becomes IDNA, so that no two addresses look alike to us and different to a
    mail server. Full-width signs, lists, display names and quoted local parts are refused, not repaired.
    """
    trimmed = typed.strip()
    odd = not trimmed.isprintable() or unicodedata.normalize("NFKC", trimmed) != trimmed or "\u3002" in trimmed
    if len(trimmed) > _LONGEST or odd:
        raise refuse("email", "invalid_email", "Enter an email address, like ada@example.com.")
    try:
        found = validate_email(
            trimmed,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            strict=True,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise refuse("email", "invalid_email", "Enter an email address, like ada@example.com.") from error
    mailable = f"{found.local_part}@{found.ascii_domain}"
    return Address(shown=trimmed, mailable=mailable, key=mailable.lower())


@lru_cache(maxsize=4096)
def key_of(typed: str) -> str:
    """The key under which limits and lanes count what was typed, whether or not it is an address."""
    try:
        return parse(typed).key
    except Exception:  # noqa: BLE001 - what cannot be an address still has to count as itself
        # A name of its own that no address has: folding it could make it look like somebody's (a Kelvin sign is a k).
        return f"?{hashlib.sha256(typed.strip().lower().encode('utf-8', 'surrogatepass')).hexdigest()}"
