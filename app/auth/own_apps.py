"""One's own authentication apps: added, named and removed by whoever is signed in, once it is sure that it is them."""

from uuid import UUID

from app import events
from app.auth import factor_names
from app.auth.backup_codes import BackupCodes
from app.auth.factor_changes import FactorChanges
from app.auth.freshness import Freshness
from app.auth.totp import NewTotp, Totp
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.scope import Scope
from app.storage import totp_authenticators, users
from app.storage.totp_authenticators import TotpAuthenticator
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class OwnApps:
    """What the account page and ``/me/second-factors`` do. What changes or shows a factor asks for a fresh proof."""

    def __init__(
        self,
        units: Units,
        *,
        totp: Totp,
        backup_codes: BackupCodes,
        changes: FactorChanges,
        freshness: Freshness,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._totp = totp
        self._backup_codes = backup_codes
        self._changes = changes
        self._freshness = freshness
        self._clock = clock

    def begin(self, tenant: Tenant, scope: Scope, *, name: str = "") -> NewTotp:
        """Begin to enrol an app. Raises ``StepUpRequired``, and what ``Totp.begin`` raises."""
        self._freshness.require(tenant, scope)
        return self._totp.begin(tenant, user_id=scope.user_id, email=scope.email, name=name)

    def look(self, tenant: Tenant, scope: Scope, totp_id: UUID) -> NewTotp:
        """The enrolment under way, once more. Raises ``NotFound`` where it is over, too old or somebody else's."""
        self._freshness.require(tenant, scope)
        shown = self._totp.shown(tenant, user_id=scope.user_id, email=scope.email)
        if shown is None or shown.id != totp_id:
            raise NotFound
        return shown

    def confirm(self, tenant: Tenant, scope: Scope, totp_id: UUID, *, code: str, with_codes: bool = False) -> bool:
        """The app's first code. Raises ``StepUpRequired``, and what ``Totp.confirm`` raises.

        ``with_codes``: whoever has no backup codes gets some at once, and ``True`` says so.
        """
        self._freshness.require(tenant, scope)
        self._totp.confirm(
            tenant,
            user_id=scope.user_id,
            totp_id=totp_id,
            code=code,
            actor=scope.actor,
            origin=scope.origin,
            session_id=scope.session_id,
        )
        if not with_codes or self._backup_codes.state(tenant, scope.user_id):
            return False
        self._backup_codes.make_for(
            tenant, scope.user_id, actor=scope.actor, origin=scope.origin, session_id=scope.session_id
        )
        return True

    def rename(self, tenant: Tenant, scope: Scope, totp_id: UUID, *, name: str) -> None:
        """Call an app something else. Raises ``InvalidInput`` and ``NotFound``."""
        wanted, now = factor_names.clean(name), self._clock()
        with self._units.begin(tenant.id) as unit:
            if not totp_authenticators.rename(
                unit.db, tenant_id=tenant.id, user_id=scope.user_id, totp_id=totp_id, name=wanted
            ):
                raise NotFound
            row = events.row(
                Event.USER_UPDATED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
                changed="factor_name",
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def name_of(self, tenant: Tenant, scope: Scope, totp_id: UUID) -> str:
        """What an app of the caller's is called. Raises ``NotFound``."""
        name = next((app.name for app in self._totp.list(tenant, scope.user_id) if app.id == totp_id), None)
        if name is None:
            raise NotFound
        return name

    def remove(self, tenant: Tenant, scope: Scope, totp_id: UUID) -> None:
        """Remove an app.

        1. They have to confirm first that it is them: ``StepUpRequired``. None of theirs: ``NotFound``.
        2. Their tenant asks for a second factor, and this is the last: ``SecondFactorNeeded``.
        3. Otherwise it is gone, and with the last factor the backup codes; they are told by mail.
        """
        self._freshness.require(tenant, scope)
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            apps = totp_authenticators.of_user(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            going = next((app for app in apps if app.id == totp_id), None)
            if user is None or going is None:
                raise NotFound
            if going.confirmed_at:
                self._changes.guard_last(unit.db, tenant, user, kind="totp")
            self._remove(unit, tenant, scope, going)

    def _remove(self, unit: Unit, tenant: Tenant, scope: Scope, app: TotpAuthenticator) -> None:
        name, counted = app.name, app.confirmed_at is not None
        totp_authenticators.remove(unit.db, tenant_id=tenant.id, user_id=scope.user_id, totp_id=app.id)
        if counted:
            self._changes.removed(
                unit,
                tenant,
                scope.user_id,
                kind="totp",
                name=name,
                actor=scope.actor,
                origin=scope.origin,
                session_id=scope.session_id,
            )
