"""Sessions that end by their age: nobody ends them, so applications that are told of ends would never hear of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError

from app.clock import Clock, wall_clock
from app.outbox import Outbox
from app.storage import application_sessions, applications
from app.storage.unit import Units
from app.tenancy import SessionLives, TenantSettings

# In one transaction.
_MOST = 1000
# What has expired longer ago is no news: so nobody hears of a month of sessions when they begin to listen.
_STALE = timedelta(days=1)
_log = structlog.get_logger()


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
        return sum(self._of(tenant_id, settings) for tenant_id, settings in told)

    def _of(self, tenant_id: UUID, settings: Mapping[str, Any]) -> int:
        try:
            lives = TenantSettings.model_validate(settings).lives
        except ValidationError:
            _log.exception("one tenant's settings cannot be read: the others' sessions end all the same")
            return 0
        ended, latest = 0, _MOST
        while latest == _MOST:
            latest = self._some(tenant_id, lives)
            ended += latest
        return ended

    def _some(self, tenant_id: UUID, lives: SessionLives) -> int:
        now = self._clock()
        with self._units.begin(tenant_id) as unit:
            ended = application_sessions.end_aged(
                unit.db, tenant_id=tenant_id, now=now, lives=lives, since=now - _STALE, most=_MOST
            )
            if ended:
                self._outbox.promised(unit)
        return ended
