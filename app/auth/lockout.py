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
from app.email import addresses
from app.events import Event
from app.metrics import SIGN_INS
from app.outbox import Outbox
from app.scope import ANYBODY, Actor, Origin, Scope
from app.storage import code_guesses, hot, lockout_lanes
from app.storage.base import Db
from app.storage.hot import Arrival, Knock
from app.storage.lockout_lanes import LockoutLane
from app.storage.pool import Pool
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

# A guess whose process died stops counting after this long.
_STALE = timedelta(seconds=20)
# As many guesses are being checked as are left: wait for one to end, this long at the most.
_BUSY_PATIENCE_S = 10.0
_BUSY_PAUSE_S = 0.03
_TOLD_AGAIN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A guess that was let through (``open``) or not, and whom it was about.

    ``shared``: it was made in the lane of unknown origins, which too many of them close until a mailed link opens it.
    """

    knock: Knock
    lane: bytes
    stamp: datetime
    open: bool
    shared: bool


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
        device = crypto.digest(origin.device) if origin.device else None
        lanes = (device_lane(email_key, device or b""), common_lane(email_key))
        return self._patiently(tenant, email_key=email_key, device=device, lanes=lanes)

    def begin_own(self, tenant: Tenant, scope: Scope) -> Guess:
        """Count one guess of somebody signed in at their own password: a lane of its own, as no stranger is in it."""
        lane = crypto.digest(f"reauthentication:{scope.user_id}")
        email_key = addresses.key_of(scope.email)
        return self._patiently(tenant, email_key=email_key, device=None, lanes=(lane, lane), shared=False)

    def arrive(self, tenant: Tenant, *, user_id: UUID, origin: Origin) -> tuple[Arrival, bool]:
        """Somebody who comes in by other means than a password, and whether their lane is open."""
        device, now = crypto.digest(origin.device) if origin.device else None, self._clock()
        arrival = hot.person(self._pool, tenant_id=tenant.id, user_id=user_id, device_digest=device, now=now)
        email_key = arrival.email_key or ""
        lane = device_lane(email_key, device or b"") if arrival.known_device else common_lane(email_key)
        with self._units.read(tenant.id) as db:
            found = lockout_lanes.find(db, tenant_id=tenant.id, lane=lane)
        return arrival, found is None or not is_locked(found, now=now)

    def right(self, tenant: Tenant, guess: Guess) -> None:
        """The guess was right, and nothing else comes of it."""
        with self._units.begin(tenant.id) as unit:
            lockout_lanes.release(unit.db, tenant_id=tenant.id, lane=guess.lane, stamp=guess.stamp)

    def _patiently(
        self, tenant: Tenant, *, email_key: str, device: bytes | None, lanes: tuple[bytes, bytes], shared: bool = True
    ) -> Guess:
        deadline = time.monotonic() + _BUSY_PATIENCE_S
        while True:
            guess = self._begin(tenant, email_key=email_key, device=device, lanes=lanes, shared=shared)
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
                if guess.shared and subject:
                    self._tell(unit, tenant, lane, subject, now=now)
            events.record(unit, tenant_id=tenant.id, rows=rows)

    def unlock(
        self,
        tenant: Tenant,
        *,
        user_id: UUID,
        email_key: str,
        actor: Actor,
        origin: Origin,
        impersonator_id: UUID | None = None,
    ) -> bool:
        """Open the lane that unknown origins share, and let codes be tried again, as an administrator says.

        ``False`` when nothing was counted.
        """
        with self._units.begin(tenant.id) as unit:
            codes = code_guesses.forget(unit.db, tenant_id=tenant.id, user_id=user_id)
            return self.open(
                unit,
                tenant,
                user_id=user_id,
                email_key=email_key,
                actor=actor,
                origin=origin,
                impersonator_id=impersonator_id,
                forgotten=codes,
            )

    def open(
        self,
        unit: Unit,
        tenant: Tenant,
        *,
        user_id: UUID,
        email_key: str,
        actor: Actor,
        origin: Origin,
        impersonator_id: UUID | None = None,
        forgotten: bool = False,
    ) -> bool:
        """Open the lane alone, within the unit of whatever opens it. ``forgotten``: something else was, already.

        Codes stay as they are: whoever reads the mail of an account has not shown its second factor.
        """
        forgotten |= lockout_lanes.forget(unit.db, tenant_id=tenant.id, lane=common_lane(email_key))
        if forgotten:
            row = events.row(
                Event.ACCOUNT_UNLOCKED,
                now=self._clock(),
                actor=actor,
                origin=origin,
                subject_id=user_id,
                impersonator_id=impersonator_id,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return forgotten

    def _begin(
        self, tenant: Tenant, *, email_key: str, device: bytes | None, lanes: tuple[bytes, bytes], shared: bool
    ) -> Guess:
        now, limits = self._clock(), tenant.settings
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
        return Guess(
            knock=knock,
            lane=lane,
            stamp=now,
            open=knock.lane_state == "open",
            shared=shared and not knock.known_device,
        )

    def _tell(self, unit: Unit, tenant: Tenant, lane: LockoutLane, subject: UUID, *, now: datetime) -> None:
        """Tell the owner, once a day for short locks, and always when only a mailed link opens the lane again."""
        closed = lane.closed_at == now
        pause = timedelta() if closed else _TOLD_AGAIN_AFTER
        if lockout_lanes.told(unit.db, tenant_id=tenant.id, lane=lane.lane, now=now, again_after=pause):
            self._outbox.put(
                unit,
                tenant_id=tenant.id,
                kind="mail.account_locked",
                user_id=subject,
                reason="closed" if closed else "paused",
            )

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
            day_attempts=limits.lockout_day_attempts if guess.shared else None,
        )


def _lock(tenant: Tenant) -> timedelta:
    return timedelta(minutes=tenant.settings.lockout_minutes)


def is_locked(lane: LockoutLane, *, now: datetime) -> bool:
    """Whether a lane lets nobody through now."""
    return lane.closed_at is not None or (lane.locked_until is not None and lane.locked_until > now)


def common_lane(email_key: str) -> bytes:
    """The lane of every origin that has not signed in to this address before."""
    return crypto.digest(f"password:{email_key}")


def device_lane(email_key: str, device: bytes) -> bytes:
    """The lane of one known device of this address."""
    return crypto.digest(f"password:{email_key}:{device.hex()}")


def _happened(
    event: Event, *, now: datetime, origin: Origin, subject: UUID | None, reason: str | None = None
) -> events.Row:
    return events.row(
        event, now=now, actor=ANYBODY, origin=origin, subject_id=subject, outcome="refused", reason=reason
    )
