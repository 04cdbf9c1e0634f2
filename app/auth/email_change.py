"""Another address for an account: asked for by its owner, proven at the new address, told to the old one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app import crypto, events
from app.auth import one_time, requests, verification
from app.auth.ending import Ending
from app.auth.errors import LinkExpired
from app.auth.freshness import Freshness
from app.auth.lock_down import LockDown
from app.clock import Clock, wall_clock
from app.email import addresses
from app.email.post import Letter, Post
from app.errors import refuse
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import links, users
from app.storage.base import Db
from app.storage.link_requests import LinkRequest
from app.storage.links import OneTimeToken
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

PURPOSE = "email_change"
_UNDO: one_time.Purpose = "email_undo"
_LIFE = timedelta(hours=24)
_REASON = "You have asked for this to be the address of your account."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that waits to be confirmed, or to be undone."""

    old_email: str
    new_email: str


class EmailChange:
    """Asks, confirms and undoes."""

    def __init__(
        self,
        units: Units,
        *,
        freshness: Freshness,
        lock_down: LockDown,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._freshness = freshness
        self._lock_down = lock_down
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def ask(self, tenant: Tenant, scope: Scope, *, email: str) -> str:
        """Ask for another address. Returns it as it will be shown; nothing has changed yet.

        The answer is the same whether or not somebody has that address. Raises ``StepUpRequired``, and ``InvalidInput``
        for what cannot be one and for the address they have.
        """
        self._freshness.require(tenant, scope)
        address = addresses.parse(email)
        if address.key == addresses.key_of(scope.email):
            raise refuse("email", "same_email", "This is your address already.")
        with self._units.begin(tenant.id) as unit:
            requests.ask(
                unit,
                tenant,
                outbox=self._outbox,
                purpose=PURPOSE,
                email=address.shown,
                life=_LIFE,
                origin=scope.origin,
                now=self._clock(),
                user_id=scope.user_id,
            )
        return address.shown

    def look(self, tenant: Tenant, scope: Scope, *, token: str) -> Change:
        """What a link would change. Only for the person who asked: for anybody else ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            found = self._find(db, tenant, scope, token)
        return Change(old_email=scope.email, new_email=found.sent_to)

    def confirm(self, tenant: Tenant, scope: Scope, *, token: str) -> str:
        """Change it. Returns the new address.

        1. Unknown, stale, used or replaced link, another person's, or an address that is taken: ``LinkExpired``.
        2. Otherwise the account has the new address, other open links die, and the old address is told, with a link
           that undoes it. Whoever registered the new one without ever proving it makes way.
        """
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
            found = self._find(unit.db, tenant, scope, token)
            now = self._clock()
            spent = links.spend_by_id(unit.db, tenant_id=tenant.id, token_id=found.id, now=now)
            if user is None or spent is None:
                raise LinkExpired
            old, proven = user.email, user.email_verified_at is not None
            changed = self._move(unit, tenant, user, found.sent_to, actor=scope.actor, origin=scope.origin)
            links.void(unit.db, tenant_id=tenant.id, user_id=user.id, now=now, keep=one_time.LASTING)
            row = events.row(
                Event.USER_EMAIL_CHANGED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=user.id,
                session_id=scope.session_id,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
            # An address that was never shown to be theirs gets no way back, and no more does one that is left again.
            if proven and not self._went_back(unit, tenant, changed):
                token_id = self._undoable(unit, tenant, changed, old)
                self._outbox.put(unit, tenant_id=tenant.id, kind="mail.email_changed", token_id=token_id)
        return changed.email

    def look_back(self, tenant: Tenant, *, token: str) -> Change:
        """What a link of the old address would put back. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            followed = one_time.look(db, tenant, token, _UNDO, now=self._clock(), anywhere=True)
        return Change(old_email=followed.token.sent_to, new_email=followed.user.email)

    def undo(self, tenant: Tenant, *, token: str, origin: Origin) -> str:
        """Put the old address back, and lock the account down: somebody may know its password. Returns the address.

        Raises ``LinkExpired``, also when somebody else has proven the old address to be theirs since.
        """
        with self._units.begin(tenant.id) as unit:
            now = self._clock()
            followed = one_time.look(unit.db, tenant, token, _UNDO, now=now, anywhere=True)
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=followed.user.id) or followed.user
            one_time.spend(unit.db, tenant, followed, now=now)
            # What was changed after this change goes back with it, and so do the links that would undo only that. Those
            # of earlier changes stay: whoever took the account over may be undoing their own.
            links.void(
                unit.db,
                tenant_id=tenant.id,
                user_id=user.id,
                now=now,
                purpose=_UNDO,
                made_after=followed.token.created_at,
            )
            actor = Actor(kind=ActorKind.USER, id=user.id)
            back = self._move(unit, tenant, user, followed.token.sent_to, actor=actor, origin=origin)
            row = events.row(
                Event.USER_EMAIL_CHANGED, now=now, actor=actor, origin=origin, subject_id=user.id, reason="undone"
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
            # Mails about factors that were added since went to the other address.
            self._lock_down.shut(
                unit,
                tenant,
                back,
                since=followed.token.created_at,
                reason="email_undone",
                actor=actor,
                origin=origin,
            )
        return back.email

    def _move(self, unit: Unit, tenant: Tenant, user: User, email: str, *, actor: Actor, origin: Origin) -> User:
        address, now = addresses.parse(email), self._clock()
        squatter = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=address.key)
        if squatter and not squatter.email_verified_at:
            self._ending.end(unit, tenant, squatter.id, now=now, reason="unproven", actor=actor, origin=origin)
        gone = users.remove_unverified(unit.db, tenant_id=tenant.id, email_key=address.key)
        rows = [
            events.row(Event.USER_DELETED, now=now, actor=actor, origin=origin, subject_id=one, reason="unproven")
            for one in gone
        ]
        events.record(unit, tenant_id=tenant.id, rows=rows)
        moved = users.change_email(
            unit.db,
            tenant_id=tenant.id,
            user_id=user.id,
            from_key=user.email_key,
            email=address.shown,
            email_key=address.key,
            now=now,
        )
        if moved is None:
            raise LinkExpired(log="taken")
        return moved

    def _went_back(self, unit: Unit, tenant: Tenant, user: User) -> bool:
        """Whether this puts an earlier change right: then the links that would undo what came after it die."""
        for link in links.open_ones(unit.db, tenant_id=tenant.id, user_id=user.id, purpose=_UNDO, now=self._clock()):
            if addresses.key_of(link.sent_to) == user.email_key:
                links.void(
                    unit.db,
                    tenant_id=tenant.id,
                    user_id=user.id,
                    now=self._clock(),
                    purpose=_UNDO,
                    made_after=link.created_at,
                )
                return True
        return False

    def _undoable(self, unit: Unit, tenant: Tenant, user: User, old: str) -> UUID:
        """The link that undoes it, without its secret: the worker mints that when it writes the mail."""
        token_id, now = uuid7(), self._clock()
        links.mint(
            unit.db,
            tenant_id=tenant.id,
            new_id=token_id,
            user_id=user.id,
            purpose=_UNDO,
            secret_digest=crypto.digest(crypto.mint()),
            challenge_digest=None,
            sent_to=old,
            now=now,
            expires_at=now + one_time.LIVES[_UNDO],
            newest_only=False,
        )
        return token_id

    def _find(self, db: Db, tenant: Tenant, scope: Scope, token: str) -> OneTimeToken:
        found = links.peek(
            db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=self._clock()
        )
        if found is None or found.user_id != scope.user_id:
            raise LinkExpired
        return found


class EmailChangeMail:
    """Writes to the new address, and to the old one. Runs in the worker, so that the links rest nowhere."""

    def __init__(self, units: Units, *, post: Post, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._clock = clock

    def prove(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Mail the link that proves the new address; where somebody has that address, they are told instead."""
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            letter = self._decide(unit, tenant, payload, secret)
        if letter:
            self._post.send(tenant, letter)

    def tell(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Tell the old address, with a link that undoes the change."""
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            token = links.renew_secret(
                unit.db,
                tenant_id=tenant.id,
                token_id=UUID(payload["token_id"]),
                secret_digest=crypto.digest(secret),
            )
            user = token and users.by_id(unit.db, tenant_id=tenant.id, user_id=token.user_id)
        if not token or not user:
            return
        self._post.send(
            tenant,
            Letter(
                template="email_changed",
                to=token.sent_to,
                name=user.name,
                address=user.email,
                link=f"{tenant.origin}/undo-email-change?token={secret}",
                expires_in="7 days",
            ),
        )

    def _decide(self, unit: Unit, tenant: Tenant, payload: Mapping[str, Any], secret: str) -> Letter | None:
        now = self._clock()
        asked: LinkRequest | None = requests.asked(unit.db, tenant, payload["request_id"], now=now)
        user = users.lock(unit.db, tenant_id=tenant.id, user_id=UUID(payload["user_id"])) if asked else None
        if asked is None or user is None or user.disabled_at or user.leaving_at:
            return None
        owner = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=addresses.key_of(asked.email))
        if owner and owner.email_verified_at:
            return verification.account_exists(tenant, owner)
        requests.answer(unit, asked, user, secret=secret, now=now, sent_to=asked.email)
        return Letter(
            template="verification",
            to=asked.email,
            name=user.name,
            link=f"{tenant.origin}/account/email/confirmation?token={secret}",
            expires_in="24 hours",
            reason=_REASON,
        )
