"""Somebody at the gate: who they are, what they have shown, and what is known of how they come."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.auth.stages import PendingLogin, RiskLevel
from app.storage.hot import Arrival
from app.tenancy import Tenant

# What a single factor proves (OpenID Connect Core 1.0, section 2). A mailbox is one, a password is one.
ACR = "1"
PASSWORD = "pwd"  # noqa: S105 - RFC 8176's word
# RFC 8176 has no word for a link or a code by mail.
EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The one who signs in, as the caller is told about them."""

    id: UUID
    email: str
    name: str
    email_verified: bool
    roles: tuple[str, ...]
    created_at: datetime
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """How risky a sign-in is. ``level`` is what the gate acts upon; ``row`` what is stored."""

    level: RiskLevel
    row: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody has shown, and how they want to come in.

    ``amr``: by which means. ``wants_tokens``: an API client; else a browser, which gets a cookie. ``new_hash`` renews
    the hash of a right password. ``lane`` and ``stamp`` name the guess that turned out right. ``assessed``: what was
    thought of this sign-in when it began, where it goes on now.
    """

    amr: tuple[str, ...]
    proven: bool = True
    lane_open: bool = True
    remember: bool = False
    wants_tokens: bool = False
    new_hash: str | None = None
    lane: bytes | None = None
    stamp: datetime | None = None
    assessed: Assessed | None = None

    @property
    def email_proven(self) -> bool:
        return EMAIL in self.amr

    def with_factor(self, means: str) -> "Proof":
        """The same, and something else shown."""
        return replace(self, amr=(*self.amr, means))


def facts(tenant: Tenant, arrival: Arrival, proof: Proof, *, risk: RiskLevel) -> PendingLogin:
    """What the stages ask about."""
    return PendingLogin(
        tenant_suspended=arrival.suspended,
        lane_open=proof.lane_open,
        proven=proof.proven and arrival.user_id is not None,
        disabled=bool(arrival.disabled),
        leaving=bool(arrival.leaving),
        email_verified=bool(arrival.email_verified),
        verification_required=tenant.settings.email_verification_required,
        risk=risk,
        email_proven=proof.email_proven,
    )


def person_of(arrival: Arrival) -> Person:
    """The person who has arrived. There has to be one."""
    if arrival.user_id is None or arrival.email is None or arrival.created_at is None:
        raise RuntimeError("what was proven has an owner")
    return Person(
        id=arrival.user_id,
        email=arrival.email,
        name=arrival.name or "",
        email_verified=bool(arrival.email_verified),
        roles=tuple(arrival.roles),
        created_at=arrival.created_at,
        last_sign_in_at=arrival.last_sign_in_at,
    )
