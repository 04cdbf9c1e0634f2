"""Leaving: an account is closed at once, and erased after two weeks in which its owner may change their mind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.auth.ending import Ending
from app.auth.errors import LinkExpired
from app.auth.freshness import Freshness
from app.auth.one_time import LASTING
from app.clock import Clock, wall_clock
from app.email import addresses
from app.errors import Problem, refuse
from app.events import Event
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import leaving, links, users
from app.storage.base import Db
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

PURPOSE = "undelete"
DAYS = 14
# Somebody has to hold each of these: whoever is the last to do so may not leave.
_NEEDED = ("owner", "operator")


class LastOwner(Problem):
    code = "last_owner"
    status = 409
    title = "Nobody else looks after this place. Please make somebody else an owner first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """An account that is about to be erased, as whoever holds its link is told."""

    email: str
    erase_at: datetime


class Farewell:
    """Closes accounts, and opens them again."""

    def __init__(
        self,
        units: Units,
        *,
        freshness: Freshness,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._freshness = freshness
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def leave(self, tenant: Tenant, scope: Scope, *, confirmation: str) -> None:
        """Close the caller's account.

        1. They have to confirm first that it is them: ``StepUpRequired``. Another address than theirs typed:
           ``InvalidInput``.
        2. The last owner (or operator): ``LastOwner``.
        3. Otherwise every session ends, open links die but those against a stranger, and a mail says how to come
           back. Twice is once.
        """
        self._freshness.require(tenant, scope)
        if addresses.key_of(confirmation) != addresses.key_of(scope.email):
            raise refuse("confirmation", "does_not_match", "Type the email address of this account.")
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            holders = leaving.hold_holders(unit.db, tenant_id=tenant.id, roles=_NEEDED)
            if {scope.user_id} in holders.values():
                raise LastOwner
            erase_at = now + timedelta(days=DAYS)
            if leaving.leave(unit.db, tenant_id=tenant.id, user_id=scope.user_id, now=now, erase_at=erase_at):
                self._close(unit, tenant, scope, now=now)

    def look(self, tenant: Tenant, *, token: str) -> Leaver:
        """Whose account a link keeps. Looking changes nothing. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            return self._leaver(db, tenant, token)[0]

    def stay(self, tenant: Tenant, *, token: str, origin: Origin) -> None:
        """Follow the link: the account is as it was, signed in nowhere. Raises ``LinkExpired``.

        Of many who follow it at once, one does; and none, once the account is erased.
        """
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            user_id = self._leaver(unit.db, tenant, token)[1]
            # The person first, as everybody who needs both does: then nobody waits for whom they block.
            users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
            spent = links.spend(
                unit.db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=now
            )
            if not spent or not leaving.stay(unit.db, tenant_id=tenant.id, user_id=user_id, now=now):
                raise LinkExpired
            actor = Actor(kind=ActorKind.USER, id=user_id)
            row = events.row(
                Event.USER_UPDATED, now=now, actor=actor, origin=origin, subject_id=user_id, changed="kept"
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def _close(self, unit: Unit, tenant: Tenant, scope: Scope, *, now: datetime) -> None:
        user_id, actor, origin = scope.user_id, scope.actor, scope.origin
        self._ending.end(unit, tenant, user_id, now=now, reason="leaving", actor=actor, origin=origin)
        self._ending.cut(unit, tenant, user_id, now=now)
        # Who has taken over an account and closes it does not take away its owner's way to say so.
        links.void(unit.db, tenant_id=tenant.id, user_id=user_id, now=now, keep=LASTING)
        row = events.row(
            Event.USER_UPDATED,
            now=now,
            actor=actor,
            origin=origin,
            subject_id=user_id,
            session_id=scope.session_id,
            impersonator_id=scope.impersonator_id,
            changed="leaving",
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        self._outbox.put(unit, tenant_id=tenant.id, kind="mail.account_deleted", user_id=user_id)

    def _leaver(self, db: Db, tenant: Tenant, token: str) -> tuple[Leaver, UUID]:
        digest = crypto.digest(token)
        found = links.peek(db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=digest, now=self._clock())
        user: User | None = users.by_id(db, tenant_id=tenant.id, user_id=found.user_id) if found else None
        if user is None or user.erase_at is None:
            raise LinkExpired
        return Leaver(email=user.email, erase_at=user.erase_at), user.id
