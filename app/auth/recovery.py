"""A forgotten password: asked for here, the link minted and mailed by the worker, a new one set by whoever has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app import crypto, events
from app.auth import requests, verification
from app.auth.ending import Ending
from app.auth.errors import LinkExpired, MethodDisabled, TenantSuspended
from app.auth.freshness import Freshness
from app.auth.lockout import Lockout
from app.auth.new_passwords import Accepted, NewPasswords
from app.clock import Clock, wall_clock
from app.email import addresses
from app.email.post import Letter, Post
from app.events import Event
from app.outbox import Outbox
from app.scope import SYSTEM, Actor, ActorKind, Origin, Scope
from app.storage import links, users
from app.storage.base import Db
from app.storage.links import OneTimeToken
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

PURPOSE = "password_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoverable:
    """Whose password a link sets."""

    email: str
    name: str


def promise(unit: Unit, tenant: Tenant, *, outbox: Outbox, email: str, origin: Origin, clock: Clock) -> None:
    """Write down that a reset was asked for; the same for every address."""
    requests.ask(
        unit,
        tenant,
        outbox=outbox,
        purpose=PURPOSE,
        email=email,
        life=timedelta(minutes=tenant.settings.reset_minutes),
        origin=origin,
        now=clock(),
    )


class Recovery:
    """Asks for links, and sets the new password."""

    def __init__(
        self,
        units: Units,
        *,
        new_passwords: NewPasswords,
        freshness: Freshness,
        lockout: Lockout,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._new_passwords = new_passwords
        self._freshness = freshness
        self._lockout = lockout
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def ask(self, tenant: Tenant, *, email: str, origin: Origin) -> None:
        """Ask for a link. Says nothing about the address. Raises ``InvalidInput`` for what cannot be one."""
        _allowed(tenant)
        address = addresses.parse(email)
        with self._units.begin(tenant.id) as unit:
            promise(unit, tenant, outbox=self._outbox, email=address.shown, origin=origin, clock=self._clock)

    def ask_own(self, tenant: Tenant, scope: Scope) -> None:
        """Somebody who is signed in sets a first password, by a link too. Raises ``StepUpRequired``."""
        self._freshness.require(tenant, scope)
        self.ask(tenant, email=scope.email, origin=scope.origin)

    def look(self, tenant: Tenant, *, token: str) -> Recoverable:
        """Whose password a link sets. Looking changes nothing. Raises ``LinkExpired``."""
        _allowed(tenant)
        with self._units.read(tenant.id) as db:
            user = self._owner(db, tenant, token)
        return Recoverable(email=user.email, name=user.name)

    def reset(self, tenant: Tenant, *, token: str, new_password: str, origin: Origin) -> str:
        """Set a new password. Returns the address.

        1. Unknown, stale, used or replaced link, or one sent to an address they have left: ``LinkExpired``.
        2. A password that the policy refuses: ``InvalidInput``; the link stays good.
        3. Otherwise every session ends, the lane of unknown origins opens (the link was mailed), and they are told. It
           signs nobody in: whatever else the gate owes is owed still.
        """
        _allowed(tenant)
        with self._units.read(tenant.id) as db:
            user = self._owner(db, tenant, token)
        accepted = self._new_passwords.check(
            tenant, new_password, field="new_password", own_words=[user.name, user.email], user=user
        )
        with self._units.begin(tenant.id) as unit:
            # The lane before the person, as a sign-in does, and the person before the link, as everybody who needs both
            # does: then nobody waits for whom they block.
            actor = Actor(kind=ActorKind.USER, id=user.id)
            self._lockout.open(unit, tenant, user_id=user.id, email_key=user.email_key, actor=actor, origin=origin)
            users.lock(unit.db, tenant_id=tenant.id, user_id=user.id)
            return self._reset(unit, tenant, token, accepted, origin=origin)

    def _reset(self, unit: Unit, tenant: Tenant, token: str, accepted: Accepted, *, origin: Origin) -> str:
        now = self._clock()
        spent = links.spend(unit.db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=now)
        user = spent and users.by_id(unit.db, tenant_id=tenant.id, user_id=spent.user_id)
        if not user or not spent or not _fits(spent, user):
            raise LinkExpired
        self._new_passwords.keep(unit, tenant, user, accepted, now=now)
        actor = Actor(kind=ActorKind.USER, id=user.id)
        self._ending.end(unit, tenant, user.id, now=now, reason="password_reset", actor=actor, origin=origin)
        self._ending.cut(unit, tenant, user.id, now=now)
        row = events.row(Event.USER_PASSWORD_RESET, now=now, actor=actor, origin=origin, subject_id=user.id)
        events.record(unit, tenant_id=tenant.id, rows=[row])
        self._outbox.put(
            unit, tenant_id=tenant.id, kind="mail.password_changed", user_id=user.id, event=Event.USER_PASSWORD_RESET
        )
        return user.email

    def _owner(self, db: Db, tenant: Tenant, token: str) -> User:
        found = links.peek(
            db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=self._clock()
        )
        user = found and users.by_id(db, tenant_id=tenant.id, user_id=found.user_id)
        if not user or not found or not _fits(found, user):
            raise LinkExpired
        return user


class RecoveryMail:
    """Decides, mints and sends. Runs in the worker, so that the secret rests nowhere."""

    def __init__(self, units: Units, *, post: Post, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._outbox = outbox
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Keep the promise of ``promise``.

        1. A verified address: a link; those before it die.
        2. One that nobody has verified: a link to verify it, which lets them choose a password as well.
        3. Unknown, disabled, too late: nothing.
        """
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            letter = self._decide(unit, tenant, payload["request_id"], secret)
        if letter:
            self._post.send(tenant, letter)

    def _decide(self, unit: Unit, tenant: Tenant, request_id: str, secret: str) -> Letter | None:
        now = self._clock()
        asked = requests.asked(unit.db, tenant, request_id, now=now)
        if asked is None or not tenant.settings.allows("password"):
            return None
        found = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=addresses.key_of(asked.email))
        user = users.lock(unit.db, tenant_id=tenant.id, user_id=found.id) if found else None
        if user is None or user.disabled_at or user.leaving_at:
            return None
        if user.password_changed_at and asked.created_at < user.password_changed_at:
            # Asked for before the password changed: a link that was minted in time would be dead by now.
            return None
        if not user.email_verified_at:
            verification.promise(unit, tenant, outbox=self._outbox, asked=asked, now=now)
            return None
        requests.answer(unit, asked, user, secret=secret, now=now)
        row = events.row(
            Event.USER_PASSWORD_RESET_REQUESTED, now=now, actor=SYSTEM, origin=Origin(), subject_id=user.id
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        return Letter(
            template=PURPOSE,
            to=user.email,
            name=user.name,
            link=f"{tenant.origin}/reset-password?token={secret}",
            expires_in=requests.in_words(tenant.settings.reset_minutes),
        )


def _fits(token: OneTimeToken, user: User) -> bool:
    """Whether the link still goes to the person's address, and they may use it."""
    same = addresses.key_of(token.sent_to) == user.email_key
    return same and user.disabled_at is None and user.leaving_at is None


def _allowed(tenant: Tenant) -> None:
    if tenant.suspended:
        raise TenantSuspended
    if not tenant.settings.allows("password"):
        raise MethodDisabled
