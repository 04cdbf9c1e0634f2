"""What people say of themselves beside name and address: OpenID Connect Core, section 5.1, each claim by its name.

Nothing of it is asked for, nothing is verified, and each part is checked as whoever reads the claim expects it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from app.errors import gather, refuse

Changes = Mapping[str, Any]
Clean = Callable[[str, str], str]
ADDRESS = "address"
_LONGEST, _LONGEST_LINES, _LONGEST_URL, _LONGEST_TAG = 100, 400, 2000, 35
_YEAR = re.compile(r"[0-9]{4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# BCP 47, as far as its shape goes.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u2010-\u2013]+")


def merged(now: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """A profile after these changes: what is ``None`` or empty goes, what is not named stays (RFC 7396).

    Raises ``InvalidInput`` for all that will not do, by pointers under ``/profile``.
    """
    after = dict(now)
    checks = [partial(_put, after, name, changes[name], clean) for name, clean in FIELDS.items() if name in changes]
    if ADDRESS in changes:
        checks.append(partial(_put_address, after, changes[ADDRESS]))
    gather(*checks)
    return {name: value for name, value in after.items() if value}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Which parts are not what they were."""
    return tuple(name for name in (*FIELDS, ADDRESS) if before.get(name) != after.get(name))


def _put(after: dict[str, Any], name: str, said: str | None, clean: Clean) -> None:
    after[name] = clean(f"profile/{name}", (said or "").strip())


def _put_address(after: dict[str, Any], said: Mapping[str, str | None] | None) -> None:
    parts = {} if said is None else dict(after.get(ADDRESS) or {})

    def put(name: str, clean: Clean, text: str | None) -> None:
        parts[name] = clean(f"profile/address/{name}", (text or "").strip())

    gather(*(partial(put, name, clean, said[name]) for name, clean in ADDRESS_FIELDS.items() if said and name in said))
    after[ADDRESS] = {name: part for name, part in parts.items() if part}


def _line(pointer: str, text: str) -> str:
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        raise refuse(pointer, "too_long", f"Use at most {_LONGEST} characters.")
    if not text.isprintable():
        raise refuse(pointer, "invalid", "Use letters, digits and ordinary signs.")
    return text


def _lines(pointer: str, text: str) -> str:
    kept = [" ".join(line.split()) for line in text.splitlines()]
    text = "\n".join(line for line in kept if line)
    if len(text) > _LONGEST_LINES:
        raise refuse(pointer, "too_long", f"Use at most {_LONGEST_LINES} characters.")
    if not all(line.isprintable() for line in kept):
        raise refuse(pointer, "invalid", "Use letters, digits and ordinary signs.")
    return text


def _address_of_page(pointer: str, text: str) -> str:
    """Whoever gets the claim may make a link of it: nothing but https, and no blanks or backslashes that mislead."""
    if not text:
        return ""
    wrong = refuse(pointer, "invalid_url", "Enter a full address that begins with https://.")
    if len(text) > _LONGEST_URL or not text.isprintable() or set(text) & set(' \\"<>'):
        raise wrong
    try:
        parts = urlsplit(text)
        fit = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        fit = False
    if not fit:
        raise wrong
    return text


def _birthdate(pointer: str, text: str) -> str:
    """ISO 8601: a year, or a day; the year 0000 keeps it to oneself."""
    if text and not (_YEAR.fullmatch(text) or _is_day(text)):
        raise refuse(pointer, "invalid_date", "Enter a day as 1815-12-10, or a year as 1815.")
    return text


def _is_day(text: str) -> bool:
    try:
        # A leap year, so that a 29 February without its year is one.
        date.fromisoformat(f"2000{text[4:]}" if text.startswith("0000") else text)
    except ValueError:
        return False
    return bool(_DAY.fullmatch(text))


def _zone(pointer: str, text: str) -> str:
    if text and text not in _zones():
        raise refuse(pointer, "invalid_zone", "Enter a time zone as Europe/Berlin.")
    return text


def _language(pointer: str, text: str) -> str:
    text = text.replace("_", "-")
    if text and (len(text) > _LONGEST_TAG or not _LANGUAGE.fullmatch(text)):
        raise refuse(pointer, "invalid_language", "Enter a language as en, or en-GB.")
    return text


def _phone(pointer: str, text: str) -> str:
    """E.164: what people write between the digits goes."""
    text = _BETWEEN_DIGITS.sub("", text)
    if text and not (text.isascii() and _PHONE.fullmatch(text)):
        raise refuse(pointer, "invalid_phone", "Enter a number with its country, as +44 20 7946 0018.")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


FIELDS: dict[str, Clean] = {
    "given_name": _line,
    "middle_name": _line,
    "family_name": _line,
    "nickname": _line,
    "preferred_username": _line,
    "gender": _line,
    "birthdate": _birthdate,
    "zoneinfo": _zone,
    "locale": _language,
    "phone_number": _phone,
    "website": _address_of_page,
    "profile": _address_of_page,
    "picture": _address_of_page,
}
ADDRESS_FIELDS: dict[str, Clean] = {
    "street_address": _lines,
    "postal_code": _line,
    "locality": _line,
    "region": _line,
    "country": _line,
    "formatted": _lines,
}
