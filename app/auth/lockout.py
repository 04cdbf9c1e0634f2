"""Guesses, counted by lane: each known device of an account is one, all unknown origins together another.

A guess is counted before it is checked, so that parallel guesses cannot beat the counter. A closed lane reads like a
wrong password. Lanes are named by what the caller sent, so that an unknown address behaves like a known one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.clock import Clock, wall_clock
from app.events import Event
from app.metrics import SIGN_INS
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import hot, lockout_lanes
from app.storage.base import Db
from app.storage.hot import Knock
from app.storage.lockout_lanes import LockoutLane
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import Tenant

# A guess whose process died stops counting after this long.
_STALE = timedelta(seconds=20)
# As many guesses are being checked as are left: wait for one to end, this long at the most.
_BUSY_PATIENCE_S = 10.0
_BUSY_PAUSE_S = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A guess that was let through (``open``) or not, and whom it was about."""

    knock: Knock
    lane: bytes
    stamp: datetime
    open: bool


class Lockout:
    """Lets guesses through, and counts those that failed."""

    def __init__(
        self,
        pool: Pool,
        units: Units,
        *,
        outbox: Outbox,
        clock: Clock = wall_clock,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pool = pool
        self._units = units
        self._outbox = outbox
        self._clock = clock
        self._pause = pause

    def begin(self, tenant: Tenant, *, email_key: str, origin: Origin) -> Guess:
        """Count one guess at this address, and read whom it is about."""
        deadline = time.monotonic() + _BUSY_PATIENCE_S
        while True:
            guess = self._begin(tenant, email_key=email_key, origin=origin)
            if guess.knock.lane_state != "busy" or time.monotonic() > deadline:
                return guess
            self._pause(_BUSY_PAUSE_S)

    def knows(self, tenant: Tenant, *, email_key: str, device: str) -> bool:
        """Whether this browser has signed in to this address before."""
        return hot.known_device(
            self._pool, tenant_id=tenant.id, email_key=email_key, device_digest=crypto.digest(device)
        )

    def fail(self, tenant: Tenant, guess: Guess, *, origin: Origin) -> None:
        """The guess was wrong, or was not let through. Written outside anything that is rolled back."""
        now, subject = self._clock(), guess.knock.user_id
        reason = "wrong" if guess.open else "locked"
        SIGN_INS.labels("pwd", reason).inc()
        rows = [_happened(Event.LOGIN_FAILED, now=now, origin=origin, subject=subject, reason=reason)]
        with self._units.begin(tenant.id) as unit:
            lane = self._count(unit.db, tenant, guess, now=now) if guess.open else None
            if lane and (lane.closed_at == now or lane.locked_until == now + _lock(tenant)):
                rows.append(_happened(Event.ACCOUNT_LOCKED, now=now, origin=origin, subject=subject, reason="password"))
            events.record(unit, tenant_id=tenant.id, rows=rows)
            if lane and lane.closed_at == now and subject:
                self._outbox.put(unit, tenant_id=tenant.id, kind="mail.account_locked", user_id=subject)

    def blocked(self, tenant: Tenant, guess: Guess, *, origin: Origin, reason: str) -> None:
        """The guess was right, but the gate owes something: it does not count as a failure."""
        now = self._clock()
        SIGN_INS.labels("pwd", reason).inc()
        row = _happened(Event.LOGIN_BLOCKED, now=now, origin=origin, subject=guess.knock.user_id, reason=reason)
        with self._units.begin(tenant.id) as unit:
            if guess.open:
                lockout_lanes.release(unit.db, tenant_id=tenant.id, lane=guess.lane, stamp=guess.stamp)
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def unlock(self, tenant: Tenant, *, user_id: UUID, email_key: str, origin: Origin) -> bool:
        """Open the lane that unknown origins share. ``False`` when nothing was counted there."""
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            forgotten = lockout_lanes.forget(unit.db, tenant_id=tenant.id, lane=common_lane(email_key))
            if forgotten:
                row = _happened(Event.ACCOUNT_UNLOCKED, now=now, origin=origin, subject=user_id, outcome="success")
                events.record(unit, tenant_id=tenant.id, rows=[row])
        return forgotten

    def _begin(self, tenant: Tenant, *, email_key: str, origin: Origin) -> Guess:
        now, limits = self._clock(), tenant.settings
        device = crypto.digest(origin.device) if origin.device else None
        lanes = (device_lane(email_key, device or b""), common_lane(email_key))
        knock = hot.begin_sign_in(
            self._pool,
            tenant_id=tenant.id,
            email_key=email_key,
            device_digest=device,
            device_lane=lanes[0],
            common_lane=lanes[1],
            now=now,
            attempts=limits.lockout_attempts,
            window=timedelta(minutes=limits.lockout_window_minutes),
            stale=_STALE,
        )
        lane = lanes[0] if knock.known_device else lanes[1]
        return Guess(knock=knock, lane=lane, stamp=now, open=knock.lane_state == "open")

    @staticmethod
    def _count(db: Db, tenant: Tenant, guess: Guess, *, now: datetime) -> LockoutLane | None:
        """The lane, with this failure in it."""
        limits = tenant.settings
        return lockout_lanes.fail(
            db,
            tenant_id=tenant.id,
            lane=guess.lane,
            stamp=guess.stamp,
            now=now,
            attempts=limits.lockout_attempts,
            window=timedelta(minutes=limits.lockout_window_minutes),
            lock=_lock(tenant),
            # A known device stays open but for its short lock: only strangers can be shut out for good.
            day_attempts=None if guess.knock.known_device else limits.lockout_day_attempts,
        )


def _lock(tenant: Tenant) -> timedelta:
    return timedelta(minutes=tenant.settings.lockout_minutes)


def common_lane(email_key: str) -> bytes:
    """The lane of every origin that has not signed in to this address before."""
    return crypto.digest(f"password:{email_key}")


def device_lane(email_key: str, device: bytes) -> bytes:
    """The lane of one known device of this address."""
    return crypto.digest(f"password:{email_key}:{device.hex()}")


def _happened(
    event: Event,
    *,
    now: datetime,
    origin: Origin,
    subject: UUID | None,
    reason: str | None = None,
    outcome: str = "refused",
) -> events.Row:
    return events.row(
        event,
        now=now,
        actor=ANYBODY,
        origin=origin,
        subject_id=subject,
        outcome="success" if outcome == "success" else "refused",
        reason=reason,
    )
