"""Pending sign-ins: what a browser holds between its first step and the gate. They open nothing."""

from datetime import timedelta

from app import crypto
from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.storage import pending_logins
from app.storage.unit import Units
from app.tenancy import Tenant

LIFE = timedelta(hours=1)


class PendingLogins:
    """Begins, reads and forgets pending sign-ins."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def begin(self, tenant: Tenant, *, email: str) -> str:
        """Remember who is meant, known or not. Returns the secret that the browser keeps."""
        secret, now = crypto.mint(), self._clock()
        with self._units.begin(tenant.id) as unit:
            pending_logins.add(
                unit.db,
                tenant_id=tenant.id,
                new_id=uuid7(),
                secret_digest=crypto.digest(secret),
                email=email,
                now=now,
                expires_at=now + LIFE,
            )
        return secret

    def read(self, tenant: Tenant, secret: str | None) -> str | None:
        """The address that was typed in the pending sign-in behind a cookie, or ``None``."""
        if not secret:
            return None
        with self._units.read(tenant.id) as db:
            row = pending_logins.by_secret(
                db, tenant_id=tenant.id, secret_digest=crypto.digest(secret), now=self._clock()
            )
        return row.email if row else None

    def end(self, tenant: Tenant, secret: str | None) -> None:
        if secret:
            with self._units.begin(tenant.id) as unit:
                pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=crypto.digest(secret))
