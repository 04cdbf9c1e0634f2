"""Accounts that operators make, disable and unlock; and the little that people change about themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app import events
from app.auth.ending import Ending
from app.auth.errors import EmailTaken
from app.auth.lockout import Lockout
from app.auth.new_passwords import Accepted, NewPasswords
from app.auth.registration import clean_name
from app.clock import Clock, wall_clock
from app.email import addresses
from app.errors import NotFound, refuse
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Origin, Scope
from app.storage import roles, users
from app.storage.base import Db
from app.storage.unit import Units
from app.storage.users import User
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """An account as its owner and administrators see it. ``status``: active, unverified or disabled."""

    id: UUID
    email: str
    email_verified: bool
    name: str
    roles: tuple[str, ...]
    status: Literal["active", "unverified", "disabled"]
    created_at: datetime
    last_sign_in_at: datetime | None


class Users:
    """Accounts."""

    def __init__(
        self,
        units: Units,
        *,
        new_passwords: NewPasswords,
        lockout: Lockout,
        ending: Ending,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._new_passwords = new_passwords
        self._lockout = lockout
        self._ending = ending
        self._clock = clock

    def create(
        self,
        tenant: Tenant,
        *,
        email: str,
        password: str | None,
        name: str = "",
        role_names: Sequence[str] = (),
        check: bool = True,
    ) -> UserView:
        """Make an account whose address the operator vouches for. Raises ``EmailTaken``, ``InvalidInput``.

        ``check=False`` leaves the password policy out: for the demo's seed alone.
        """
        address, shown_name = addresses.parse(email), clean_name(name)
        accepted = self._accepted(tenant, password, own_words=[shown_name, address.shown], check=check)
        now, origin = self._clock(), Origin()
        with self._units.begin(tenant.id) as unit:
            user = users.add_verified(
                unit.db,
                tenant_id=tenant.id,
                new_id=uuid7(),
                email=address.shown,
                email_key=address.key,
                name=shown_name,
                password_hash=accepted.hash if accepted else None,
                now=now,
            )
            if user is None:
                raise EmailTaken
            if accepted:
                self._new_passwords.remember(unit, tenant, user.id, accepted)
            rows = [events.row(Event.USER_REGISTERED, now=now, actor=SYSTEM, origin=origin, subject_id=user.id)]
            for role in role_names:
                if not roles.assign(unit.db, tenant_id=tenant.id, user_id=user.id, name=role, now=now):
                    raise refuse("role", "unknown_role", f"There is no role called {role}.")
                rows.append(
                    events.row(Event.ROLE_ASSIGNED, now=now, actor=SYSTEM, origin=origin, subject_id=user.id, role=role)
                )
            events.record(unit, tenant_id=tenant.id, rows=rows)
        return _view(user, tuple(sorted(role_names)))

    def _accepted(
        self, tenant: Tenant, password: str | None, *, own_words: Sequence[str], check: bool
    ) -> Accepted | None:
        if password is None:
            return None
        if not check:
            return self._new_passwords.unchecked(password)
        return self._new_passwords.check(tenant, password, field="password", own_words=own_words, user=None)

    def disable(self, tenant: Tenant, *, email: str) -> bool:
        """Nobody signs in as them, and wherever they are signed in ends. ``False`` when it was so already."""
        now, origin = self._clock(), Origin()
        with self._units.begin(tenant.id) as unit:
            found = self._find(unit.db, tenant, email)
            if users.disable(unit.db, tenant_id=tenant.id, user_id=found.id, at=now, now=now) is None:
                return False
            ended = self._ending.end(
                unit, tenant, found.id, now=now, reason="user_disabled", actor=SYSTEM, origin=origin
            )
            self._ending.cut(unit, tenant, found.id, now=now)
            row = events.row(
                Event.USER_DISABLED, now=now, actor=SYSTEM, origin=origin, subject_id=found.id, sessions=ended
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return True

    def enable(self, tenant: Tenant, *, email: str) -> bool:
        """They may sign in again. ``False`` when it was so already."""
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            found = self._find(unit.db, tenant, email)
            if users.disable(unit.db, tenant_id=tenant.id, user_id=found.id, at=None, now=now) is None:
                return False
            row = events.row(Event.USER_ENABLED, now=now, actor=SYSTEM, origin=Origin(), subject_id=found.id)
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return True

    def unlock(self, tenant: Tenant, *, email: str) -> bool:
        """Forget failed sign-ins from unknown origins, and wrong codes. ``False`` when there were none."""
        with self._units.read(tenant.id) as db:
            found = self._find(db, tenant, email)
        return self._lockout.unlock(tenant, user_id=found.id, email_key=found.email_key, actor=SYSTEM, origin=Origin())

    @staticmethod
    def _find(db: Db, tenant: Tenant, email: str) -> User:
        user = users.by_email_key(db, tenant_id=tenant.id, email_key=addresses.key_of(email))
        if user is None:
            raise NotFound("There is no account with this address.")
        return user


def view_of(scope: Scope) -> UserView:
    """The caller's own account."""
    if scope.created_at is None:
        raise TypeError("this scope is not a person's")
    return UserView(
        id=scope.user_id,
        email=scope.email,
        email_verified=scope.email_verified,
        name=scope.name,
        roles=scope.roles,
        status="active",
        created_at=scope.created_at,
        last_sign_in_at=scope.last_sign_in_at,
    )


def _view(user: User, role_names: tuple[str, ...]) -> UserView:
    status: Literal["active", "unverified", "disabled"] = (
        "disabled" if user.disabled_at else "active" if user.email_verified_at else "unverified"
    )
    return UserView(
        id=user.id,
        email=user.email,
        email_verified=user.email_verified_at is not None,
        name=user.name,
        roles=role_names,
        status=status,
        created_at=user.created_at,
        last_sign_in_at=user.last_sign_in_at,
    )
