"""Devices on which somebody is not asked for a second factor: the gate trusts them, here their owner ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.scope import Scope
from app.storage import known_devices
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedDevice:
    """Where somebody said "don't ask here", and when. ``current``: it is the browser that asks now."""

    id: UUID
    user_agent: str
    ip: str | None
    trusted_at: datetime
    trusted_until: datetime
    current: bool


class TrustedDevices:
    """The caller's own."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def list(self, tenant: Tenant, scope: Scope) -> list[TrustedDevice]:
        """Those that are trusted now, newest first: for as many days as the tenant says today, at the most."""
        now, days = self._clock(), timedelta(days=tenant.settings.trusted_device_days)
        with self._units.read(tenant.id) as db:
            rows = known_devices.trusted(db, tenant_id=tenant.id, user_id=scope.user_id, now=now)
        here = crypto.digest(scope.origin.device) if scope.origin.device else None
        return [
            TrustedDevice(
                id=row.id,
                user_agent=row.trusted_agent,
                ip=row.trusted_ip,
                trusted_at=row.trusted_at,
                trusted_until=min(row.trusted_until, row.trusted_at + days),
                current=row.digest == here,
            )
            for row in rows
            if row.trusted_at and row.trusted_until and now < row.trusted_at + days
        ]

    def forget(self, tenant: Tenant, scope: Scope, device_id: UUID) -> None:
        """Ask there again. Raises ``NotFound`` for another's, and for one that is not trusted."""
        with self._units.begin(tenant.id) as unit:
            if not self._distrust(unit, tenant, scope, device_id):
                raise NotFound

    def forget_all(self, tenant: Tenant, scope: Scope) -> int:
        """Ask everywhere again. Returns on how many devices that is new; none is well, too."""
        with self._units.begin(tenant.id) as unit:
            return self._distrust(unit, tenant, scope, None)

    def _distrust(self, unit: Unit, tenant: Tenant, scope: Scope, device_id: UUID | None) -> int:
        count = known_devices.distrust(unit.db, tenant_id=tenant.id, user_id=scope.user_id, device_id=device_id)
        if count:
            row = events.row(
                Event.DEVICE_FORGOTTEN,
                now=self._clock(),
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
                impersonator_id=scope.impersonator_id,
                devices=count,
                reason="distrusted",
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return count
