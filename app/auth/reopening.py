"""Ways back in that are mailed: opening a lane that strangers closed, and vouching for a sign-in that was stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import crypto, events
from app.auth import one_time
from app.auth.errors import LinkExpired
from app.auth.lockout import Lockout
from app.clock import Clock, wall_clock
from app.events import Event
from app.scope import Actor, ActorKind, Origin
from app.storage import known_devices, risk_assessments, users
from app.storage.base import Db
from app.storage.unit import Units
from app.tenancy import Tenant

# How long a browser that was vouched for may try again.
CLEARED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A sign-in that was stopped, as its owner is asked about it."""

    email: str
    at: datetime
    ip: str | None
    user_agent: str


class Reopening:
    """Follows those links."""

    def __init__(self, units: Units, *, lockout: Lockout, clock: Clock = wall_clock) -> None:
        self._units = units
        self._lockout = lockout
        self._clock = clock

    def look_locked(self, tenant: Tenant, *, token: str) -> str:
        """Whose account the link opens: the address. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            return one_time.look(db, tenant, token, "unlock", now=self._clock()).user.email

    def unlock(self, tenant: Tenant, *, token: str, origin: Origin) -> str:
        """Open the lane of unknown origins. Returns the address. Raises ``LinkExpired``."""
        with self._units.begin(tenant.id) as unit:
            followed = one_time.look(unit.db, tenant, token, "unlock", now=self._clock())
            one_time.spend(unit.db, tenant, followed, now=self._clock())
            user = followed.user
            actor = Actor(kind=ActorKind.USER, id=user.id)
            self._lockout.open(unit, tenant, user_id=user.id, email_key=user.email_key, actor=actor, origin=origin)
        return user.email

    def look_stopped(self, tenant: Tenant, *, token: str) -> Stopped:
        """Which sign-in the link is about. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            followed = one_time.look(db, tenant, token, "allow", now=self._clock())
            stopped = followed.subject_id and risk_assessments.by_id(
                db, tenant_id=tenant.id, assessment_id=followed.subject_id
            )
        if not stopped:
            raise LinkExpired
        return Stopped(
            email=followed.user.email,
            at=stopped.at,
            ip=str(stopped.ip) if stopped.ip else None,
            user_agent=stopped.user_agent,
        )

    def allow(self, tenant: Tenant, *, token: str, origin: Origin) -> tuple[str, str]:
        """Make this browser one that its owner has vouched for: for an hour it is not stopped, only asked for more.

        Returns the address, and the secret by which the browser is known. Raises ``LinkExpired``.
        """
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            followed = one_time.look(unit.db, tenant, token, "allow", now=now)
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=followed.user.id) or followed.user
            one_time.spend(unit.db, tenant, followed, now=now)
            device = self._device(unit.db, tenant, origin.device)
            known_devices.clear(
                unit.db,
                tenant_id=tenant.id,
                user_id=user.id,
                digest=crypto.digest(device),
                now=now,
                until=now + CLEARED_FOR,
            )
            row = events.row(
                Event.USER_UPDATED,
                now=now,
                actor=Actor(kind=ActorKind.USER, id=user.id),
                origin=origin,
                subject_id=user.id,
                changed="sign_in_allowed",
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return user.email, device

    @staticmethod
    def _device(db: Db, tenant: Tenant, shown: str | None) -> str:
        """The secret that the browser has, if it is one of ours; else a new one."""
        known = shown and known_devices.is_known(db, tenant_id=tenant.id, digest=crypto.digest(shown))
        return shown if shown and known else crypto.mint()
