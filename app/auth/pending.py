"""Pending sign-ins: what a browser holds between its first step and the gate. They open nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from app import crypto
from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.storage import pending_logins
from app.storage.unit import Units
from app.tenancy import Tenant

LIFE = timedelta(hours=1)
PendingStep = Literal["password", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Who is meant, as typed, and what this browser was told to do next."""

    email: str
    step: PendingStep


class PendingLogins:
    """Begins, reads and forgets pending sign-ins."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def begin(self, tenant: Tenant, *, email: str, step: PendingStep) -> str:
        """Remember who is meant, known or not. Returns the secret that the browser keeps."""
        secret, now = crypto.mint(), self._clock()
        with self._units.begin(tenant.id) as unit:
            pending_logins.add(
                unit.db,
                tenant_id=tenant.id,
                new_id=uuid7(),
                secret_digest=crypto.digest(secret),
                email=email,
                step=step,
                now=now,
                expires_at=now + LIFE,
            )
        return secret

    def read(self, tenant: Tenant, secret: str | None) -> Pending | None:
        """The pending sign-in behind a cookie, or ``None``."""
        if not secret:
            return None
        with self._units.read(tenant.id) as db:
            row = pending_logins.by_secret(
                db, tenant_id=tenant.id, secret_digest=crypto.digest(secret), now=self._clock()
            )
        return Pending(email=row.email, step="verify" if row.step == "verify" else "password") if row else None

    def end(self, tenant: Tenant, secret: str | None) -> None:
        if secret:
            with self._units.begin(tenant.id) as unit:
                pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=crypto.digest(secret))
