"""Addresses, normalised once and for ever."""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from app.errors import refuse

_LONGEST = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``shown`` as it was typed; ``key`` is what makes it unique: ASCII, lower case, the domain in IDNA."""

    shown: str
    key: str


def parse(typed: str) -> Address:
    """An address that mail can be sent to. Raises ``InvalidInput`` for ``/email``.

    The local part is ASCII and the domain becomes IDNA, so that no two addresses look alike to us and different to a
    mail server. Full-width signs, lists, display names and quoted local parts are refused, not repaired.
    """
    trimmed = typed.strip()
    if len(trimmed) > _LONGEST or not trimmed.isprintable() or unicodedata.normalize("NFKC", trimmed) != trimmed:
        raise refuse("email", "invalid_email", "Enter an e-mail address, like ada@example.com.")
    try:
        found = validate_email(
            trimmed, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise refuse("email", "invalid_email", "Enter an e-mail address, like ada@example.com.") from error
    return Address(shown=trimmed, key=f"{found.local_part}@{found.ascii_domain}".lower())


def key_of(typed: str) -> str:
    """The key under which limits and lanes count what was typed, whether or not it is an address."""
    try:
        return parse(typed).key
    except Exception:  # noqa: BLE001 - what cannot be an address still has to count as itself
        return typed.strip().lower()[:_LONGEST]
