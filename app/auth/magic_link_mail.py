"""The mail with the link and the code, written by the worker."""

from collections.abc import Mapping
from typing import Any

from app import crypto, events
from app.auth import requests, verification
from app.auth.codes import Codes
from app.auth.telling import Telling
from app.clock import Clock, wall_clock
from app.email import addresses
from app.email.post import Letter, Post
from app.events import Event
from app.outbox import Outbox
from app.scope import SYSTEM, Origin
from app.storage import users
from app.storage.link_requests import LinkRequest
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant


class MagicLinkMail:
    """Decides, mints and sends, so that the secret rests nowhere."""

    def __init__(
        self, units: Units, *, post: Post, codes: Codes, telling: Telling, outbox: Outbox, clock: Clock = wall_clock
    ) -> None:
        self._units = units
        self._post = post
        self._codes = codes
        self._telling = telling
        self._outbox = outbox
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Keep the promise of ``MagicLinks.ask``.

        1. A verified address: a link and a code; those before them die.
        2. One that nobody has verified: a link to verify it. The gate would owe that first; and where it does not,
           whoever registered an address that is not theirs would keep a way in beside its owner.
        3. Unknown, disabled, too late, switched off meanwhile: nothing.
        """
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            letter = self._decide(unit, tenant, payload["request_id"], secret)
        if letter:
            self._post.send(tenant, letter)

    def _decide(self, unit: Unit, tenant: Tenant, request_id: str, secret: str) -> Letter | None:
        now = self._clock()
        asked = requests.asked(unit.db, tenant, request_id, now=now)
        if asked is None or not tenant.settings.allows("magic_link"):
            return None
        found = users.by_email_key(unit.db, tenant_id=tenant.id, email_key=addresses.key_of(asked.email))
        user = users.lock(unit.db, tenant_id=tenant.id, user_id=found.id) if found else None
        if user is None or user.disabled_at:
            return None
        if not user.email_verified_at:
            verification.promise(unit, tenant, outbox=self._outbox, asked=asked, now=now)
            return None
        return self._mint(unit, tenant, user, asked, secret)

    def _mint(self, unit: Unit, tenant: Tenant, user: User, asked: LinkRequest, secret: str) -> Letter:
        now, code = self._clock(), self._codes.of(secret)
        requests.answer(
            unit,
            asked,
            user,
            secret=secret,
            now=now,
            challenge=asked.challenge_digest,
            code_digest=self._codes.digest(code, asked.challenge_digest or b""),
        )
        row = events.row(Event.MAGIC_LINK_SENT, now=now, actor=SYSTEM, origin=Origin(), subject_id=user.id)
        events.record(unit, tenant_id=tenant.id, rows=[row])
        where = self._telling.where(
            ip=str(asked.ip) if asked.ip else None,
            user_agent=asked.user_agent,
            at=asked.created_at,
            browser=asked.channel == "page",
        )
        return Letter(
            template="magic_link",
            to=user.email,
            name=user.name,
            link=f"{tenant.origin}/magic-link?token={secret}",
            code=code,
            expires_in=requests.in_words(tenant.settings.magic_link_minutes),
            client=where.client,
            place=where.place,
            ip=where.ip,
            at=where.at,
        )
