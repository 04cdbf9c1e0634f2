"""Sessions that end by their age: nobody ends them, so applications that are told of ends would never hear of it."""

from datetime import timedelta
from uuid import UUID

from app.clock import Clock, wall_clock
from app.outbox import Outbox
from app.storage import application_sessions, applications
from app.storage.unit import Units
from app.tenancy import TenantSettings

# At once, for each tenant: the rest is for the next time.
_MOST = 1000
# What is over for longer than this is no news: so nobody hears of a month of sessions when they begin to listen.
_STALE = timedelta(days=1)


class Aging:
    """Ends them, so that the database promises what it does whenever a session ends."""

    def __init__(self, units: Units, *, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._outbox = outbox
        self._clock = clock

    def end_aged(self) -> int:
        """Those of all tenants that are waited for; the others just count no more. Returns how many ended."""
        with self._units.platform() as unit:
            told = applications.told_unscoped(unit.db)
        return sum(self._of(tenant_id, TenantSettings.model_validate(settings)) for tenant_id, settings in told)

    def _of(self, tenant_id: UUID, settings: TenantSettings) -> int:
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            ended = application_sessions.end_aged(
                unit.db, tenant_id=tenant_id, now=now, lives=settings.lives, since=now - _STALE, most=_MOST
            )
            if ended:
                self._outbox.promised(unit)
        return ended
