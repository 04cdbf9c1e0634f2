"""Pending sign-ins: what a browser or client holds between its first step and the gate. They open nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from app import crypto
from app.auth.arriving import Assessed, Proof
from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.storage import pending_logins
from app.storage.base import Db
from app.storage.hot import Arrival
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

LIFE = timedelta(hours=1)
# A first factor that was right does not stay right for longer (product.md, section 5).
PROVEN_LIFE = timedelta(minutes=10)
PendingStep = Literal["password", "verify", "magic_link", "reset", "email_code", "second_factor", "enrolment"]
# What keeps a proof until the rest of it is shown.
ProvenStep = Literal["email_code", "second_factor", "enrolment"]
_ENROLLING = "enrolling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Who is meant, as typed, and what they were told to do next.

    Once something is shown: ``user_id``, ``proof``, and the time of the password that counted then. ``enrolling``: the
    authentication app that is being set up on the way. ``flow_id``: the application's sign-in that it belongs to.
    """

    id: UUID
    email: str
    step: PendingStep
    remember: bool
    user_id: UUID | None
    proof: Proof | None
    password_changed_at: datetime | None
    enrolling: UUID | None = None
    flow_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A pending sign-in that has begun: its id, and the secret that the caller keeps."""

    id: UUID
    secret: str

    @property
    def digest(self) -> bytes:
        return crypto.digest(self.secret)


class PendingLogins:
    """Begins, reads and forgets pending sign-ins."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def begin(self, tenant: Tenant, *, email: str, step: PendingStep, flow_id: UUID | None = None) -> str:
        """Remember who is meant, known or not. Returns the secret that the browser keeps."""
        with self._units.begin(tenant.id) as unit:
            return self.start(unit, tenant, email=email, step=step, life=LIFE, flow_id=flow_id).secret

    def start(
        self,
        unit: Unit,
        tenant: Tenant,
        *,
        email: str,
        step: PendingStep,
        life: timedelta,
        remember: bool = False,
        flow_id: UUID | None = None,
    ) -> Challenge:
        """The same, within the unit of whatever it belongs to."""
        facts = {"remember": True} if remember else None
        return self._add(unit.db, tenant, email=email, step=step, user_id=None, proof=facts, life=life, flow_id=flow_id)

    def keep(
        self,
        unit: Unit,
        tenant: Tenant,
        arrival: Arrival,
        proof: Proof,
        *,
        step: ProvenStep,
        outcome: str,
        flow_id: UUID | None,
    ) -> Challenge:
        """Keep what somebody has shown until they have shown the rest. ``outcome``: of the assessment that asked."""
        shown = {**_to_json(proof, outcome), "password_changed_at": _text(arrival.password_changed_at)}
        return self._add(
            unit.db,
            tenant,
            email=arrival.email or "",
            step=step,
            user_id=arrival.user_id,
            proof=shown,
            life=PROVEN_LIFE,
            flow_id=flow_id,
        )

    def read(self, tenant: Tenant, secret: str | None) -> Pending | None:
        """The pending sign-in behind a cookie or challenge, or ``None``."""
        if not secret:
            return None
        with self._units.read(tenant.id) as db:
            return self.find(db, tenant, secret)

    def find(self, db: Db, tenant: Tenant, secret: str) -> Pending | None:
        """The same, within a unit."""
        row = pending_logins.by_secret(db, tenant_id=tenant.id, secret_digest=crypto.digest(secret), now=self._clock())
        return _pending(row) if row else None

    def enrolling(self, tenant: Tenant, secret: str, totp_id: UUID) -> None:
        """Remember which app is being set up here: the secret of no other one is shown or confirmed."""
        with self._units.begin(tenant.id) as unit:
            pending_logins.note(
                unit.db,
                tenant_id=tenant.id,
                secret_digest=crypto.digest(secret),
                fact={_ENROLLING: str(totp_id)},
            )

    def end(self, tenant: Tenant, secret: str | None) -> None:
        if secret:
            with self._units.begin(tenant.id) as unit:
                pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=crypto.digest(secret))

    def _add(
        self,
        db: Db,
        tenant: Tenant,
        *,
        email: str,
        step: PendingStep,
        user_id: UUID | None,
        proof: dict[str, Any] | None,
        life: timedelta,
        flow_id: UUID | None,
    ) -> Challenge:
        challenge, now = Challenge(id=uuid7(), secret=crypto.mint()), self._clock()
        pending_logins.add(
            db,
            tenant_id=tenant.id,
            new_id=challenge.id,
            secret_digest=challenge.digest,
            email=email,
            step=step,
            user_id=user_id,
            proof=proof,
            flow_id=flow_id,
            now=now,
            expires_at=now + life,
        )
        return challenge


def _pending(row: pending_logins.PendingLogin) -> Pending:
    shown = row.proof or {}
    return Pending(
        id=row.id,
        email=row.email,
        step=cast(PendingStep, row.step),
        remember=bool(shown.get("remember")),
        user_id=row.user_id,
        proof=_from_json(shown) if row.user_id else None,
        password_changed_at=_time(shown.get("password_changed_at")),
        enrolling=UUID(shown[_ENROLLING]) if _ENROLLING in shown else None,
        flow_id=row.flow_id,
    )


def _to_json(proof: Proof, outcome: str) -> dict[str, Any]:
    return {
        "amr": list(proof.amr),
        "remember": proof.remember,
        "wants_tokens": proof.wants_tokens,
        "trust": proof.trust,
        "postponed": proof.postponed,
        "assessment": {**proof.assessed.row, "outcome": outcome} if proof.assessed else None,
        "level": proof.assessed.level if proof.assessed else "low",
    }


def _from_json(shown: dict[str, Any]) -> Proof:
    row = shown["assessment"]
    return Proof(
        amr=tuple(shown["amr"]),
        remember=shown["remember"],
        wants_tokens=shown["wants_tokens"],
        trust=shown["trust"],
        postponed=shown["postponed"],
        assessed=Assessed(level=shown["level"], row=row) if row else None,
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
