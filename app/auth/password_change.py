"""Changing one's own password."""

from app import events
from app.auth.ending import Ending
from app.auth.errors import MethodDisabled
from app.auth.freshness import Freshness
from app.auth.new_passwords import NewPasswords
from app.auth.own_password import OwnPassword
from app.clock import Clock, wall_clock
from app.errors import NotFound, refuse
from app.events import Event
from app.outbox import Outbox
from app.scope import Scope
from app.storage import users
from app.storage.unit import Units
from app.storage.users import User
from app.tenancy import Tenant


class PasswordChange:
    """Sets another password for whoever knows the current one."""

    def __init__(
        self,
        units: Units,
        *,
        new_passwords: NewPasswords,
        own_password: OwnPassword,
        freshness: Freshness,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._new_passwords = new_passwords
        self._own_password = own_password
        self._freshness = freshness
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def change(self, tenant: Tenant, scope: Scope, *, password: str, new_password: str, keep_sessions: bool) -> None:
        """Change it.

        1. Where the tenant has switched passwords off: ``MethodDisabled``. A second factor that was not shown lately:
           ``StepUpRequired``.
        2. Not the current password, or one that the policy refuses: ``InvalidInput``.
        3. Otherwise the other sessions end, unless ``keep_sessions``; open links die; they are told by mail.
        """
        if not tenant.settings.allows("password"):
            raise MethodDisabled
        self._freshness.require_second(tenant, scope)
        self._own_password.check(tenant, scope, password)
        with self._units.read(tenant.id) as db:
            user = users.by_id(db, tenant_id=tenant.id, user_id=scope.user_id)
        if user is None:
            raise NotFound
        accepted = self._new_passwords.check(
            tenant, new_password, field="new_password", own_words=[user.name, user.email], user=user
        )
        with self._units.begin(tenant.id) as unit:
            locked = users.lock(unit.db, tenant_id=tenant.id, user_id=user.id)
            if locked is None or locked.password_changed_at != user.password_changed_at:
                # Somebody was faster: what was proven is not the current password any more.
                raise refuse("password", "wrong_password", "Your password has just been changed elsewhere.")
            now = self._clock()
            self._new_passwords.keep(unit, tenant, locked, accepted, now=now)
            if not keep_sessions:
                self._ending.end(
                    unit,
                    tenant,
                    user.id,
                    now=now,
                    reason="password_changed",
                    actor=scope.actor,
                    origin=scope.origin,
                    keep=scope.session_id,
                )
            row = events.row(
                Event.USER_PASSWORD_CHANGED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=user.id,
                session_id=scope.session_id,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
            self._outbox.put(
                unit,
                tenant_id=tenant.id,
                kind="mail.password_changed",
                user_id=user.id,
                event=Event.USER_PASSWORD_CHANGED,
            )

    def look(self, tenant: Tenant, scope: Scope) -> User:
        """The same as ``who``, for whoever is about to change it or to set a first one. Raises ``StepUpRequired``."""
        if not tenant.settings.allows("password"):
            raise MethodDisabled
        user = self.who(scope)
        if user.password_hash is None:
            self._freshness.require(tenant, scope)
        else:
            self._freshness.require_second(tenant, scope)
        return user

    def who(self, scope: Scope) -> User:
        """The caller's row: whether they have a password, how old it is, whether it has leaked."""
        with self._units.read(scope.tenant_id) as db:
            user = users.by_id(db, tenant_id=scope.tenant_id, user_id=scope.user_id)
        if user is None:
            raise NotFound
        return user
