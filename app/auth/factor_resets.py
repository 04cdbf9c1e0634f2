"""Taking somebody's second factors away because they have lost them: started by an administrator, told at once.

It takes effect after a delay in which the owner can say no (``factor_reset_effects``). Nobody is let in by it, and no
password is touched: whoever it is about still has to show theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import events
from app.auth import one_time
from app.auth.errors import AccountDisabled, AccountLeaving, LinkExpired, ResetUnderWay, SecondFactorNeeded
from app.auth.factor_changes import is_enrolled
from app.auth.factor_overview import Overview, ResetView, overview, view_of
from app.auth.freshness import Freshness
from app.auth.one_time import Followed
from app.auth.rbac import Permission, require, require_over
from app.clock import Clock, wall_clock
from app.email import addresses
from app.errors import Forbidden, NotFound, refuse
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import SYSTEM, Actor, ActorKind, Origin, Scope
from app.storage import factor_resets, roles, users
from app.storage.base import Db
from app.storage.factor_resets import FactorReset
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

_SHORTEST, _LONGEST = 10, 500
_PURPOSE: one_time.Purpose = "keep_factors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A reset as whoever holds the link of its warning is told of it."""

    email: str
    reason: str
    started_at: datetime
    takes_effect_at: datetime


class FactorResets:
    """Starts resets, shows them and calls them off."""

    def __init__(self, units: Units, *, freshness: Freshness, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._freshness = freshness
        self._outbox = outbox
        self._clock = clock

    def start(self, tenant: Tenant, scope: Scope, user_id: UUID, *, reason: str) -> ResetView:
        """Start to take another person's factors away.

        1. Without the permission, upon oneself, or upon somebody who may do more than the caller: ``Forbidden``.
        2. Not signed in lately enough: ``StepUpRequired``. Nobody of this tenant: ``NotFound``.
        3. A reason that is too short or too long: ``InvalidInput``.
        4. Switched off or leaving: ``AccountDisabled``, ``AccountLeaving``. Without a factor: ``SecondFactorNeeded``.
           With a reset under way: ``ResetUnderWay``.
        5. Otherwise they are told by mail, with a link that calls it off, and it waits.
        """
        require(scope, Permission.USERS_WRITE)
        self._freshness.require(tenant, scope)
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
            if user is None:
                raise NotFound
            _require_over(unit.db, tenant, scope, user_id)
            said = clean_reason(reason)
            return self._start(unit, tenant, user, said, started_by=scope.actor.id, actor=scope.actor, scope=scope)

    def start_as_operator(self, tenant: Tenant, *, email: str, reason: str) -> ResetView:
        """The same by whoever runs the installation, upon anybody. Raises ``NotFound`` and as in 3 and 4 above."""
        with self._units.begin(tenant.id) as unit:
            found = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=addresses.key_of(email))
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=found.id) if found else None
            if user is None:
                raise NotFound("There is no account with this address.")
            return self._start(unit, tenant, user, clean_reason(reason), started_by=None, actor=SYSTEM, scope=None)

    def show(self, tenant: Tenant, scope: Scope, user_id: UUID) -> Overview:
        """What another person has, and whether it is being taken away. Raises ``Forbidden``, ``NotFound``."""
        require(scope, Permission.USERS_READ)
        with self._units.read(tenant.id) as db:
            if users.by_id(db, tenant_id=tenant.id, user_id=user_id) is None:
                raise NotFound
            return overview(db, tenant, user_id)

    def own(self, tenant: Tenant, scope: Scope) -> ResetView | None:
        """The reset that is under way against the caller."""
        with self._units.read(tenant.id) as db:
            found = factor_resets.open_of(db, tenant_id=tenant.id, user_id=scope.user_id)
        return view_of(found) if found else None

    def cancel(self, tenant: Tenant, scope: Scope, user_id: UUID) -> None:
        """An administrator calls it off. Raises ``Forbidden``; ``NotFound`` where none is under way."""
        require(scope, Permission.USERS_WRITE)
        self._cancel_open(tenant, scope, user_id)

    def cancel_own(self, tenant: Tenant, scope: Scope) -> None:
        """Whoever it is about says no, signed in. Raises ``NotFound`` where none is under way."""
        self._cancel_open(tenant, scope, scope.user_id)

    def look(self, tenant: Tenant, *, token: str) -> Warned:
        """What a link calls off. Looking changes nothing. Raises ``LinkExpired``, also once it is too late."""
        with self._units.read(tenant.id) as db:
            followed, reset = self._find(db, tenant, token)
            return Warned(
                email=followed.user.email,
                reason=reset.reason,
                started_at=reset.started_at,
                takes_effect_at=reset.takes_effect_at,
            )

    def cancel_by_link(self, tenant: Tenant, *, token: str, origin: Origin) -> None:
        """Whoever reads their mail says no. Raises ``LinkExpired``, also when it has taken effect meanwhile."""
        with self._units.begin(tenant.id) as unit:
            followed, reset = self._find(unit.db, tenant, token)
            # The person first, as everybody who needs both does: then nobody waits for whom they block.
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=followed.user.id)
            if user is None or not one_time.fits(followed.token, user):
                raise LinkExpired
            one_time.spend(unit.db, tenant, followed, now=self._clock())
            actor = Actor(kind=ActorKind.USER, id=user.id)
            if not self._call_off(unit, tenant, reset, actor=actor, origin=origin):
                raise LinkExpired

    def _start(
        self,
        unit: Unit,
        tenant: Tenant,
        user: User,
        reason: str,
        *,
        started_by: UUID | None,
        actor: Actor,
        scope: Scope | None,
    ) -> ResetView:
        _require_something_to_take(unit.db, tenant, user)
        now = self._clock()
        reset = factor_resets.start(
            unit.db,
            tenant_id=tenant.id,
            new_id=uuid7(),
            user_id=user.id,
            started_by=started_by,
            reason=reason,
            now=now,
            takes_effect_at=now + timedelta(hours=tenant.settings.factor_reset_hours),
        )
        if reset is None:
            raise ResetUnderWay
        row = events.row(
            Event.USER_UPDATED,
            now=now,
            actor=actor,
            origin=scope.origin if scope else Origin(),
            subject_id=user.id,
            session_id=scope.session_id if scope else None,
            impersonator_id=scope.impersonator_id if scope else None,
            changed="factor_reset_started",
            # Not the reason: it may be about the person, and what is personal does not outlive them in the trail.
            reset_id=str(reset.id),
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        self._outbox.put(unit, tenant_id=tenant.id, kind="mail.factor_reset", user_id=user.id, reset_id=reset.id)
        return view_of(reset)

    def _cancel_open(self, tenant: Tenant, scope: Scope, user_id: UUID) -> None:
        with self._units.begin(tenant.id) as unit:
            users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
            reset = factor_resets.open_of(unit.db, tenant_id=tenant.id, user_id=user_id)
            done = reset and self._call_off(unit, tenant, reset, actor=scope.actor, origin=scope.origin, scope=scope)
            if not done:
                raise NotFound

    def _call_off(
        self,
        unit: Unit,
        tenant: Tenant,
        reset: FactorReset,
        *,
        actor: Actor,
        origin: Origin,
        scope: Scope | None = None,
    ) -> bool:
        now = self._clock()
        done = factor_resets.cancel(unit.db, tenant_id=tenant.id, reset_id=reset.id, by=actor.id, now=now)
        if done:
            row = events.row(
                Event.USER_UPDATED,
                now=now,
                actor=actor,
                origin=origin,
                subject_id=reset.user_id,
                session_id=scope.session_id if scope else None,
                impersonator_id=scope.impersonator_id if scope else None,
                changed="factor_reset_cancelled",
                reset_id=str(reset.id),
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
        return done is not None

    def _find(self, db: Db, tenant: Tenant, token: str) -> tuple[Followed, FactorReset]:
        followed = one_time.look(db, tenant, token, _PURPOSE, now=self._clock())
        about = followed.subject_id
        reset = factor_resets.by_id(db, tenant_id=tenant.id, reset_id=about) if about else None
        if reset is None or reset.cancelled_at or reset.done_at:
            raise LinkExpired
        return followed, reset


def clean_reason(typed: str) -> str:
    """A reason as it will be shown. Raises ``InvalidInput`` for ``/reason``."""
    reason = " ".join(typed.split())
    if len(reason) < _SHORTEST:
        raise refuse("reason", "too_short", f"Say why, in at least {_SHORTEST} characters.")
    if len(reason) > _LONGEST:
        raise refuse("reason", "too_long", f"Use at most {_LONGEST} characters.")
    if not reason.isprintable():
        raise refuse("reason", "invalid_reason", "Use letters, digits and ordinary signs.")
    return reason


def _require_over(db: Db, tenant: Tenant, scope: Scope, user_id: UUID) -> None:
    if user_id in {scope.actor.id, scope.impersonator_id}:
        raise Forbidden("Look after your own second step on the pages of your account.")
    held = roles.held_by(db, tenant_id=tenant.id, user_id=user_id)
    granted = [permission for role in held for permission in role.permissions or ()]
    require_over(scope, roles=[role.name for role in held], granted=granted)


def _require_something_to_take(db: Db, tenant: Tenant, user: User) -> None:
    if user.disabled_at:
        raise AccountDisabled("This account is switched off. Switch it on first.")
    if user.leaving_at:
        raise AccountLeaving("This account is about to be deleted.")
    if not is_enrolled(db, tenant, user.id):
        raise SecondFactorNeeded("They have no second step that could be taken away.")
