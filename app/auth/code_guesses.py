"""Guesses at the codes of an account, whichever kind and wherever they are typed: one counter for all of them.

A guess is counted as wrong before it is looked at, so that parallel guesses cannot beat the counter; a right one
forgets them. Passkeys cannot be guessed and are not counted.
"""

from datetime import timedelta
from uuid import UUID

from app import events
from app.clock import Clock, wall_clock
from app.events import Event
from app.outbox import Outbox
from app.scope import ANYBODY, Actor, Origin
from app.storage import code_guesses
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

_WINDOW = timedelta(minutes=5)
_LONGEST_LOCK = timedelta(hours=24)
_TOLD_AGAIN_AFTER = timedelta(hours=24)


class CodeGuesses:
    """Lets guesses through, and counts those that failed."""

    def __init__(self, units: Units, *, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._outbox = outbox
        self._clock = clock

    def begin(self, tenant: Tenant, user_id: UUID, *, recovery: bool = False) -> bool:
        """Count one guess. ``False``: it may not be looked at, and reads like a wrong one.

        After too many in a row only codes of ``recovery`` (backup codes) are looked at, and they no faster than others.
        """
        limits = tenant.settings
        with self._units.begin(tenant.id) as unit:
            return code_guesses.begin(
                unit.db,
                tenant_id=tenant.id,
                user_id=user_id,
                now=self._clock(),
                attempts=limits.second_factor_attempts,
                window=_WINDOW,
                lock=timedelta(minutes=limits.second_factor_lock_minutes),
                longest=_LONGEST_LOCK,
                most=limits.second_factor_most_failures,
                recovery=recovery,
            )

    def right(self, unit: Unit, tenant: Tenant, user_id: UUID) -> None:
        """The code was right: nothing counts any more. In the unit that spends the code."""
        code_guesses.forget(unit.db, tenant_id=tenant.id, user_id=user_id)

    def failed(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID | None,
        *,
        method: str,
        origin: Origin,
        actor: Actor = ANYBODY,
        let_in: bool = True,
    ) -> None:
        """The code was wrong, or was not looked at (``let_in``). The owner is told of a lock, once a day."""
        now = self._clock()
        rows = [
            events.row(
                Event.LOGIN_SECOND_FACTOR_FAILED,
                now=now,
                actor=actor,
                origin=origin,
                subject_id=user_id,
                outcome="refused",
                reason=None if let_in else "locked",
                method=method,
            )
        ]
        if user_id and let_in and self._has_locked(unit, tenant, user_id):
            rows.append(
                events.row(
                    Event.ACCOUNT_LOCKED,
                    now=now,
                    actor=actor,
                    origin=origin,
                    subject_id=user_id,
                    outcome="refused",
                    reason="second_factor",
                )
            )
            again = _TOLD_AGAIN_AFTER
            if code_guesses.told(unit.db, tenant_id=tenant.id, user_id=user_id, now=now, again_after=again):
                self._outbox.put(
                    unit, tenant_id=tenant.id, kind="mail.security_alert", user_id=user_id, reason="code_guesses"
                )
        events.record(unit, tenant_id=tenant.id, rows=rows)

    def _has_locked(self, unit: Unit, tenant: Tenant, user_id: UUID) -> bool:
        """Whether the guess that has just failed was the last one for now."""
        found = code_guesses.find(unit.db, tenant_id=tenant.id, user_id=user_id)
        shut = found is not None and found.in_a_row >= tenant.settings.second_factor_most_failures
        return shut or (found is not None and found.locked_until is not None and found.locked_until > self._clock())
