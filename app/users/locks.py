"""Whether an account is shut to those who come from somewhere new, and how an administrator opens it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.auth.freshness import Freshness
from app.auth.lockout import Lockout, common_lane, is_locked
from app.auth.rbac import Permission, require
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.scope import Scope
from app.storage import lockout_lanes, users
from app.storage.base import Db
from app.storage.unit import Units
from app.storage.users import User
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class LockView:
    """The lane that all unknown origins share; browsers that are known have lanes of their own.

    ``locked``: nobody gets in by it now. ``closed``: nor later, until somebody opens it. ``locked_until``: by itself.
    """

    locked: bool
    closed: bool
    locked_until: datetime | None


class Locks:
    """Locks of accounts, for administrators."""

    def __init__(self, units: Units, *, lockout: Lockout, freshness: Freshness, clock: Clock = wall_clock) -> None:
        self._units = units
        self._freshness = freshness
        self._lockout = lockout
        self._clock = clock

    def show(self, scope: Scope, user_id: UUID) -> LockView:
        """Whether somebody is locked. Raises ``Forbidden``, ``NotFound``."""
        require(scope, Permission.USERS_READ)
        with self._units.read(scope.tenant_id) as db:
            user = _find(db, scope, user_id)
            lane = lockout_lanes.find(db, tenant_id=scope.tenant_id, lane=common_lane(user.email_key))
        locked, closed = (
            lane is not None and is_locked(lane, now=self._clock()),
            lane is not None and bool(lane.closed_at),
        )
        return LockView(
            locked=locked, closed=closed, locked_until=lane.locked_until if lane and locked and not closed else None
        )

    def open(self, tenant: Tenant, scope: Scope, user_id: UUID) -> bool:
        """Forget failed sign-ins and wrong codes; ``False`` if there were none.

        Raises ``Forbidden``, ``NotFound``, and ``StepUpRequired``: it gives whoever guesses new guesses.
        """
        require(scope, Permission.USERS_WRITE)
        self._freshness.require(tenant, scope)
        with self._units.read(scope.tenant_id) as db:
            user = _find(db, scope, user_id)
        return self._lockout.unlock(
            tenant,
            user_id=user.id,
            email_key=user.email_key,
            actor=scope.actor,
            origin=scope.origin,
            impersonator_id=scope.impersonator_id,
        )


def _find(db: Db, scope: Scope, user_id: UUID) -> User:
    user = users.by_id(db, tenant_id=scope.tenant_id, user_id=user_id)
    if user is None:
        raise NotFound
    return user
