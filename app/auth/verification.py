"""Proof that an address is theirs: asked for here, minted and mailed by the worker, followed by a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import crypto, events
from app.auth import requests
from app.auth.ending import Ending
from app.auth.errors import LinkExpired, PasswordRequired, TenantSuspended
from app.auth.new_passwords import Accepted, NewPasswords
from app.auth.passwords import Passwords
from app.auth.rbac import NEWCOMER
from app.clock import Clock, wall_clock
from app.email import addresses
from app.email.post import Letter, Post
from app.errors import FieldError
from app.events import Event
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin
from app.storage import links, roles, users
from app.storage.base import Db
from app.storage.link_requests import LinkRequest
from app.storage.links import OneTimeToken
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

PURPOSE = "verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a link is for, to whoever holds it. ``needs_password``: it was opened elsewhere than it was asked for."""

    email: str
    needs_password: bool


def life(tenant: Tenant) -> timedelta:
    """How long a link to verify an address is good."""
    return timedelta(hours=tenant.settings.verification_hours)


def promise(unit: Unit, tenant: Tenant, *, outbox: Outbox, asked: LinkRequest, now: datetime) -> None:
    """Answer a request for another kind of link with one that verifies the address, because that is owed first."""
    requests.ask(
        unit,
        tenant,
        outbox=outbox,
        purpose=PURPOSE,
        email=asked.email,
        life=life(tenant),
        origin=Origin(ip=str(asked.ip) if asked.ip else None, user_agent=asked.user_agent),
        now=now,
    )


class Verification:
    """Asks for links again, and follows them."""

    def __init__(
        self,
        units: Units,
        *,
        passwords: Passwords,
        new_passwords: NewPasswords,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._passwords = passwords
        self._new_passwords = new_passwords
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def resend(self, tenant: Tenant, *, email: str, origin: Origin) -> None:
        """Ask for another link. Says nothing about the address. Raises ``InvalidInput`` for what cannot be one."""
        if tenant.suspended:
            raise TenantSuspended
        address = addresses.parse(email)
        with self._units.begin(tenant.id) as unit:
            requests.ask(
                unit,
                tenant,
                outbox=self._outbox,
                purpose=PURPOSE,
                email=address.shown,
                life=life(tenant),
                origin=origin,
                now=self._clock(),
            )

    def look(self, tenant: Tenant, *, token: str, challenges: Collection[bytes]) -> Followed:
        """What a link is for. Looking changes nothing. Raises ``LinkExpired``."""
        with self._units.read(tenant.id) as db:
            found = self._find(db, tenant, token)
        return Followed(email=found.sent_to, needs_password=not _bound(found, challenges))

    def verify(
        self,
        tenant: Tenant,
        *,
        token: str,
        challenges: Collection[bytes],
        new_password: str | None,
        origin: Origin,
    ) -> str:
        """Follow a link. ``challenges``: digests of what the follower registered with. Returns the address.

        1. Unknown, stale, used or replaced: ``LinkExpired``. So is one sent to an address they have left.
        2. In the browser (or with the challenge) that registered: the address is verified.
        3. Elsewhere, without a password: ``PasswordRequired``; the link stays good.
        4. Elsewhere, with the password chosen at registration: verified.
        5. Elsewhere, with another one: it replaces the first, and every session ends. So nobody keeps a way into an
           address that they do not own.
        """
        with self._units.read(tenant.id) as db:
            found = self._find(db, tenant, token)
            user = users.by_id(db, tenant_id=tenant.id, user_id=found.user_id)
        if user is None:
            raise LinkExpired
        replacement = None
        if not _bound(found, challenges):
            if not new_password:
                raise PasswordRequired(
                    errors=(
                        FieldError(
                            pointer="/new_password",
                            code="password_required",
                            detail="Type the password for this account.",
                        ),
                    )
                )
            replacement = self._replacement(tenant, user, new_password)
        with self._units.begin(tenant.id) as unit:
            # The person first, as everybody who needs both does: then nobody waits for whom they block.
            users.lock(unit.db, tenant_id=tenant.id, user_id=user.id)
            return self._spend(unit, tenant, token, replacement, origin=origin)

    def _replacement(self, tenant: Tenant, user: User, password: str) -> Accepted | None:
        """A new password; ``None`` when it is the one they have."""
        if self._passwords.match(user.password_hash, password):
            return None
        own_words = [user.name, user.email]
        return self._new_passwords.check(tenant, password, field="new_password", own_words=own_words, user=user)

    def _spend(self, unit: Unit, tenant: Tenant, token: str, replacement: Accepted | None, *, origin: Origin) -> str:
        now = self._clock()
        spent = links.spend(unit.db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=now)
        user = spent and users.verify_email(
            unit.db,
            tenant_id=tenant.id,
            user_id=spent.user_id,
            email_key=addresses.key_of(spent.sent_to),
            now=now,
        )
        if not user:
            raise LinkExpired
        roles.assign(unit.db, tenant_id=tenant.id, user_id=user.id, name=NEWCOMER, now=now)
        actor = Actor(kind=ActorKind.USER, id=user.id)
        happened = [Event.USER_EMAIL_VERIFIED]
        if replacement:
            self._new_passwords.keep(unit, tenant, user, replacement, now=now)
            happened.append(Event.USER_PASSWORD_CHANGED)
            self._ending.end(unit, tenant, user.id, now=now, reason="password_changed", actor=actor, origin=origin)
        rows = [events.row(event, now=now, actor=actor, origin=origin, subject_id=user.id) for event in happened]
        events.record(unit, tenant_id=tenant.id, rows=rows)
        self._outbox.put(unit, tenant_id=tenant.id, kind="mail.welcome", user_id=user.id)
        return user.email

    def _find(self, db: Db, tenant: Tenant, token: str) -> OneTimeToken:
        found = links.peek(
            db, tenant_id=tenant.id, purpose=PURPOSE, secret_digest=crypto.digest(token), now=self._clock()
        )
        if found is None:
            raise LinkExpired
        return found


class VerificationMail:
    """Decides, mints and sends. Runs in the worker, so that the secret rests nowhere."""

    def __init__(self, units: Units, *, post: Post, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Keep the promise of ``ask``.

        1. An unverified address: a link, and those before it die.
        2. A verified one that was registered again: ``account_exists``.
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
        if asked is None:
            return None
        found = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=addresses.key_of(asked.email))
        # Held from here on, so that no registration changes what this link will be bound to.
        user = users.lock(unit.db, tenant_id=tenant.id, user_id=found.id) if found else None
        if user is None or user.disabled_at:
            return None
        if user.email_verified_at:
            return account_exists(tenant, user) if asked.registration else None
        # Whoever asked, and in whatever order: it is bound to the newest registration, whose password counts.
        requests.answer(unit, asked, user, secret=secret, now=now, challenge=user.challenge_digest)
        return Letter(
            template="verification",
            to=user.email,
            name=user.name,
            link=f"{tenant.origin}/verify-email?token={secret}",
            expires_in=requests.in_words(60 * tenant.settings.verification_hours),
        )


def account_exists(tenant: Tenant, user: User) -> Letter:
    return Letter(template="account_exists", to=user.email, name=user.name, link=f"{tenant.origin}/login")


def _bound(token: OneTimeToken, challenges: Collection[bytes]) -> bool:
    """Whether whoever follows is the browser or client that registered: it holds the registration's challenge."""
    bound = token.challenge_digest
    return bound is not None and any(crypto.same(bound, challenge) for challenge in challenges)
