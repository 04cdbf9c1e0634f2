"""What happens to resets of factors in the end: they take effect, once, or turn out not to be needed."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog

from app import events
from app.auth.ending import Ending
from app.auth.factor_changes import FactorChanges
from app.clock import Clock, wall_clock
from app.events import Event
from app.outbox import Outbox
from app.scope import SYSTEM, Origin
from app.storage import backup_codes, code_guesses, factor_resets, passkeys, totp_authenticators, users
from app.storage.base import Db
from app.storage.factor_resets import FactorReset
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

_log = structlog.get_logger()
TenantOf = Callable[[UUID], Tenant | None]
Spared = Literal["disabled", "leaving", "factor_used"]


class FactorResetEffects:
    """Takes factors away when the time has come."""

    def __init__(
        self,
        units: Units,
        *,
        tenant_of: TenantOf,
        changes: FactorChanges,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._tenant_of = tenant_of
        self._changes = changes
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def effect_due(self) -> int:
        """Deal with every reset whose time has come, a bounded number at a time. Returns how many took effect.

        Each in a transaction of its own: what fails for one does not keep the others.
        """
        with self._units.platform() as unit:
            due = factor_resets.due_unscoped(unit.db, now=self._clock())
        return sum(self._try(tenant_id, reset_id) for tenant_id, reset_id in due)

    def effect(self, tenant: Tenant, reset_id: UUID) -> bool:
        """Let a reset take effect. All of it or nothing, so that whoever is interrupted leaves it to the next round.

        1. Called off, done, not due, or nobody there any more: ``False``.
        2. They are switched off or leaving, or have used a factor since it began: it is called off. ``False``.
        3. Otherwise their apps, passkeys and backup codes go, no device is trusted, every session ends, and they are
           told. Of many who try at once, one does it.
        """
        with self._units.begin(tenant.id) as unit:
            now = self._clock()
            reset = factor_resets.by_id(unit.db, tenant_id=tenant.id, reset_id=reset_id)
            # The person first: whoever calls it off at this moment is waited for, or waits.
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=reset.user_id) if reset else None
            if reset is None or user is None or reset.takes_effect_at > now:
                return False
            if why := _spared(unit.db, tenant, user, reset):
                self._call_off(unit, tenant, reset, why, now=now)
                return False
            if factor_resets.finish(unit.db, tenant_id=tenant.id, reset_id=reset_id, now=now) is None:
                return False
            self._take_away(unit, tenant, user.id, now=now)
        return True

    def _try(self, tenant_id: UUID, reset_id: UUID) -> bool:
        try:
            tenant = self._tenant_of(tenant_id)
            return tenant is not None and not tenant.suspended and self.effect(tenant, reset_id)
        except Exception:  # noqa: BLE001 - see above; the next round tries again
            _log.exception("factors could not be taken away", tenant=str(tenant_id), reset=str(reset_id))
            return False

    def _call_off(self, unit: Unit, tenant: Tenant, reset: FactorReset, why: Spared, *, now: datetime) -> None:
        if factor_resets.cancel(unit.db, tenant_id=tenant.id, reset_id=reset.id, by=None, now=now):
            row = events.row(
                Event.USER_UPDATED,
                now=now,
                actor=SYSTEM,
                origin=Origin(),
                subject_id=reset.user_id,
                changed="factor_reset_cancelled",
                reason=why,
                reset_id=str(reset.id),
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def _take_away(self, unit: Unit, tenant: Tenant, user_id: UUID, *, now: datetime) -> None:
        apps = totp_authenticators.remove(unit.db, tenant_id=tenant.id, user_id=user_id)
        keys = passkeys.remove(unit.db, tenant_id=tenant.id, user_id=user_id)
        backup_codes.void(unit.db, tenant_id=tenant.id, user_id=user_id)
        code_guesses.forget(unit.db, tenant_id=tenant.id, user_id=user_id)
        happened = [Event.SECOND_FACTOR_REMOVED for app in apps if app.confirmed_at]
        happened += [Event.PASSKEY_REMOVED for _ in keys]
        rows = [
            events.row(event, now=now, actor=SYSTEM, origin=Origin(), subject_id=user_id, reason="reset")
            for event in happened
        ]
        events.record(unit, tenant_id=tenant.id, rows=rows)
        self._changes.distrust(unit, tenant, user_id, actor=SYSTEM, origin=Origin())
        self._ending.end(unit, tenant, user_id, now=now, reason="factor_reset", actor=SYSTEM, origin=Origin())
        self._ending.cut(unit, tenant, user_id, now=now)
        self._outbox.put(
            unit, tenant_id=tenant.id, kind="mail.second_factor_disabled", user_id=user_id, factor="all", name=""
        )


def _spared(db: Db, tenant: Tenant, user: User, reset: FactorReset) -> Spared | None:
    """Why a reset is not to take effect although nobody has called it off.

    Whoever is switched off may be so because somebody else is after the account: it does not lose its protection
    meanwhile. Whoever has used an app or a passkey since has not lost it. A backup code says nothing of that kind.
    """
    if user.disabled_at:
        return "disabled"
    if user.leaving_at:
        return "leaving"
    used = [one.last_used_at for one in totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user.id)]
    used += [one.last_used_at or one.created_at for one in passkeys.of_user(db, tenant_id=tenant.id, user_id=user.id)]
    return "factor_used" if any(at and at > reset.started_at for at in used) else None
