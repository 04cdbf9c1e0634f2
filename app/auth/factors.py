"""What people show when they sign in, in RFC 8176's words where it has one, and what it is worth together."""

from collections.abc import Iterable
from typing import Literal

from app.storage.hot import Arrival
from app.tenancy import TenantSettings

PASSWORD = "pwd"  # noqa: S105 - RFC 8176's word
TOTP = "otp"
# A passkey whose provider copies it between devices (a software key, in RFC 8176's words), or one that stays in one.
PASSKEY_SYNCED = "swk"
PASSKEY_BOUND = "hwk"
# The device has checked who holds it, by PIN, finger or face.
VERIFIED = "user"
# RFC 8176 has no word for a link or a code by mail, nor for a code on paper.
EMAIL = "email"
BACKUP = "backup"
MULTIPLE = "mfa"

# OpenID Connect Core 1.0, section 2: what one factor proves, and what two do.
ONE, TWO = "1", "2"

_KNOWN, _MAILED, _HELD = "known", "mailed", "held"
_KINDS = {
    PASSWORD: _KNOWN,
    VERIFIED: _KNOWN,
    EMAIL: _MAILED,
    TOTP: _HELD,
    PASSKEY_SYNCED: _HELD,
    PASSKEY_BOUND: _HELD,
    BACKUP: _HELD,
}

Method = Literal["passkey", "totp", "email_code", "backup_code"]


def acr_of(amr: Iterable[str], *, mail_counts: bool) -> str:
    """What this proves: two factors are two of different kinds.

    A code by mail beside a password counts as a second one only where the tenant says so (``mail_counts``).
    """
    kinds = {_KINDS[word] for word in amr if word in _KINDS}
    return TWO if len(kinds) > 1 and (mail_counts or _HELD in kinds) else ONE


def in_full(amr: tuple[str, ...], *, mail_counts: bool) -> tuple[str, ...]:
    """The same, with a word for "several factors" where there were (RFC 8176, section 2)."""
    both = acr_of(amr, mail_counts=mail_counts) == TWO and MULTIPLE not in amr
    return (*amr, MULTIPLE) if both else amr


def is_enrolled(arrival: Arrival) -> bool:
    """Whether they have a second factor of their own. Backup codes only come with one."""
    return arrival.totp or arrival.passkey


def enrollable(settings: TenantSettings) -> tuple[Method, ...]:
    """What can be set up as a second factor, the strongest first."""
    return ("passkey", "totp") if settings.allows("passkey") else ("totp",)


def methods_for(arrival: Arrival, amr: Iterable[str], settings: TenantSettings) -> tuple[Method, ...]:
    """How they could take a second step after this first one, the strongest first. It is another kind of factor."""
    shown, own = set(amr), is_enrolled(arrival)
    mail = settings.second_factor_email and EMAIL not in shown and bool(arrival.email_verified)
    able: dict[Method, bool] = {
        "passkey": arrival.passkey,
        "totp": arrival.totp,
        "email_code": mail and (own or settings.requires_second_factor(arrival.roles)),
        "backup_code": own and arrival.backup_codes > 0,
    }
    return tuple(method for method, can in able.items() if can)
