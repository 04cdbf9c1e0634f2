"""Somebody at the gate: who they are, what they have shown, and what is known of how they come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.auth import factors
from app.auth.factors import EMAIL
from app.auth.stages import PendingLogin, RiskLevel
from app.storage.hot import Arrival
from app.tenancy import Tenant


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
    thought of this sign-in when it began, where it goes on now. ``trust``: ask for no second factor here for a while.
    ``postponed``: they would rather enrol a second factor later.
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
    trust: bool = False
    postponed: bool = False

    @property
    def email_proven(self) -> bool:
        return EMAIL in self.amr

    def with_factor(self, *means: str) -> "Proof":
        """The same, and something else shown."""
        return replace(self, amr=(*self.amr, *means))


def facts(tenant: Tenant, arrival: Arrival, proof: Proof, *, risk: RiskLevel, now: datetime) -> PendingLogin:
    """What the stages ask about."""
    settings = tenant.settings
    due = enrolment_due(tenant, arrival, now=now)
    return PendingLogin(
        tenant_suspended=arrival.suspended,
        lane_open=proof.lane_open,
        proven=proof.proven and arrival.user_id is not None,
        disabled=bool(arrival.disabled),
        leaving=bool(arrival.leaving),
        email_verified=bool(arrival.email_verified),
        verification_required=settings.email_verification_required,
        risk=risk,
        email_proven=proof.email_proven,
        second_factor_available=bool(factors.methods_for(arrival, proof.amr, settings)),
        second_factor_given=acr_of(tenant, proof) == factors.TWO,
        second_factor_required=settings.requires_second_factor(arrival.roles),
        device_trusted=_is_trusted(tenant, arrival, now=now),
        # Programs have no page on which to put it off.
        enrolment_postponed=now < due and (proof.postponed or proof.wants_tokens),
    )


def _is_trusted(tenant: Tenant, arrival: Arrival, *, now: datetime) -> bool:
    """Whether this device is, by the days of today: a tenant that shortens them means those that it has, too."""
    days = timedelta(days=tenant.settings.trusted_device_days)
    return arrival.trusted_at is not None and now < arrival.trusted_at + days


def acr_of(tenant: Tenant, proof: Proof) -> str:
    """What was shown, as the sessions and tokens say it (OpenID Connect Core 1.0, section 2)."""
    return factors.acr_of(proof.amr, mail_counts=tenant.settings.second_factor_email)


def enrolment_due(tenant: Tenant, arrival: Arrival, *, now: datetime) -> datetime:
    """Until when they may put off having a second factor. The days are counted from when they were first asked."""
    return arrival.second_factor_due_at or now + timedelta(days=tenant.settings.second_factor_grace_days)


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
