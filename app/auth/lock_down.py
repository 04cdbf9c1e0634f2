"""Locking an account down: when something happened that its owner did not do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import events
from app.auth import one_time, recovery
from app.auth.ending import Ending
from app.auth.errors import LinkExpired
from app.auth.factor_changes import FactorChanges, came_at
from app.auth.one_time import Followed
from app.auth.pending import PROVEN_LIFE
from app.clock import Clock, wall_clock
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import known_devices, leaving, links, password_history, sessions, users
from app.storage.base import Db
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

# A mail may have waited so long before it was written, while what it is about had happened already.
_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What somebody says was not them: when, on what, from where; ``None`` where nothing is known of it any more."""

    email: str
    at: datetime | None
    ip: str | None
    user_agent: str


class LockDown:
    """Ends sessions, forgets devices and starts a reset."""

    def __init__(
        self, units: Units, *, ending: Ending, changes: FactorChanges, outbox: Outbox, clock: Clock = wall_clock
    ) -> None:
        self._units = units
        self._ending = ending
        self._changes = changes
        self._outbox = outbox
        self._clock = clock

    def look(self, tenant: Tenant, *, token: str) -> Reported:
        """What a link of a warning is about. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            followed = one_time.look(db, tenant, token, "not_me", now=self._clock())
            began = _session(db, tenant, followed.subject_id)
        return Reported(
            email=followed.user.email,
            at=began.created_at if began else None,
            ip=str(began.ip) if began and began.ip else None,
            user_agent=began.user_agent if began else "",
        )

    def by_link(self, tenant: Tenant, *, token: str, origin: Origin) -> str:
        """Lock the account down on the word of whoever reads its mail. Returns the address.

        Every session ends, every device is forgotten, the password stops working, the second factors and backup codes
        that have come since go, and a link to set another password is mailed: whoever knows the password, or has added
        an app or a passkey of their own, is shut out, and the owner has the way back.
        """
        with self._units.begin(tenant.id) as unit:
            followed: Followed = one_time.look(unit.db, tenant, token, "not_me", now=self._clock())
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=followed.user.id) or followed.user
            if not one_time.fits(followed.token, user):
                # The address moved while we waited: whoever has this mail is not whom the account writes to any more.
                raise LinkExpired
            one_time.spend(unit.db, tenant, followed, now=self._clock())
            actor = Actor(kind=ActorKind.USER, id=user.id)
            since = _since(unit.db, tenant, followed)
            self.shut(unit, tenant, user, since=since, reason="not_me", actor=actor, origin=origin)
        return user.email

    def from_inside(self, tenant: Tenant, scope: Scope) -> None:
        """Lock the own account down, from a session of one's own: that one stays, and the password is changed next."""
        with self._units.begin(tenant.id) as unit:
            users.lock(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            now = self._clock()
            self._ending.end(
                unit,
                tenant,
                scope.user_id,
                now=now,
                reason="not_me",
                actor=scope.actor,
                origin=scope.origin,
                keep=scope.session_id,
            )
            self._forget_devices(unit, tenant, scope.user_id, now=now, actor=scope.actor, origin=scope.origin)
            links.void(unit.db, tenant_id=tenant.id, user_id=scope.user_id, now=now, keep=one_time.LASTING)
            _locked_down(unit, tenant, scope.user_id, now=now, actor=scope.actor, origin=scope.origin)

    def shut(
        self, unit: Unit, tenant: Tenant, user: User, *, since: datetime, reason: str, actor: Actor, origin: Origin
    ) -> None:
        """The whole of it, within the unit of whatever calls for it. The caller holds the person's row.

        ``since``: what has been added since then may be somebody else's.
        """
        now = self._clock()
        self._changes.taken_back(unit, tenant, user.id, since=since, reason=reason, actor=actor, origin=origin)
        self._ending.end(unit, tenant, user.id, now=now, reason=reason, actor=actor, origin=origin)
        self._ending.cut(unit, tenant, user.id, now=now)
        self._forget_devices(unit, tenant, user.id, now=now, actor=actor, origin=origin)
        # Somebody else may know it: it is remembered, so that it is not chosen again.
        password_history.add_current(unit.db, tenant_id=tenant.id, new_id=uuid7(), user_id=user.id, now=now)
        users.scrub_password(unit.db, tenant_id=tenant.id, user_id=user.id, now=now)
        # Whoever it was may have asked for the account to be deleted as well.
        leaving.stay(unit.db, tenant_id=tenant.id, user_id=user.id, now=now)
        links.void(unit.db, tenant_id=tenant.id, user_id=user.id, now=now, keep=one_time.LASTING)
        _locked_down(unit, tenant, user.id, now=now, actor=actor, origin=origin)
        if tenant.settings.allows("password"):
            recovery.promise(unit, tenant, outbox=self._outbox, email=user.email, origin=origin, clock=self._clock)

    @staticmethod
    def _forget_devices(
        unit: Unit, tenant: Tenant, user_id: UUID, *, now: datetime, actor: Actor, origin: Origin
    ) -> None:
        count = known_devices.forget_all(unit.db, tenant_id=tenant.id, user_id=user_id)
        if count:
            row = events.row(
                Event.DEVICE_FORGOTTEN, now=now, actor=actor, origin=origin, subject_id=user_id, devices=count
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])


def _locked_down(unit: Unit, tenant: Tenant, user_id: UUID, *, now: datetime, actor: Actor, origin: Origin) -> None:
    row = events.row(Event.USER_UPDATED, now=now, actor=actor, origin=origin, subject_id=user_id, changed="lock_down")
    events.record(unit, tenant_id=tenant.id, rows=[row])


def _since(db: Db, tenant: Tenant, followed: Followed) -> datetime:
    """Since when somebody else may have been at work in the account.

    The link names a factor: since that came. A session: since the sign-in began, on the way of which a factor may have
    been set up. Nothing: since the mail, and a while before.
    """
    if session := _session(db, tenant, followed.subject_id):
        return session.created_at - PROVEN_LIFE
    about = followed.subject_id
    came = came_at(db, tenant, followed.user.id, about) if about else None
    return came or followed.token.created_at - _LATE


def _session(db: Db, tenant: Tenant, session_id: UUID | None) -> sessions.Session | None:
    return sessions.by_id(db, tenant_id=tenant.id, session_id=session_id) if session_id else None
