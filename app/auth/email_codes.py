"""A code by mail: where a sign-in looked unusual and there is no other factor, or as one where the tenant says so."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app import crypto
from app.auth import requests
from app.auth.codes import MOST_TRIES, Codes
from app.auth.pending import PROVEN_LIFE
from app.auth.telling import Telling
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.ids import uuid7
from app.storage import links, pending_logins, users
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

PURPOSE = "email_code"


class EmailCodes:
    """Compares what was typed with what was mailed."""

    def __init__(self, *, codes: Codes, clock: Clock = wall_clock) -> None:
        self._codes = codes
        self._clock = clock

    def spend(self, unit: Unit, tenant: Tenant, challenge: str, code: str) -> bool:
        """Whether this is the code that was mailed for the challenge: once, and for five tries, which are counted."""
        now, bound = self._clock(), crypto.digest(challenge)
        held = links.hold_code(
            unit.db, tenant_id=tenant.id, purpose=PURPOSE, challenge_digest=bound, now=now, most=MOST_TRIES
        )
        right = self._codes.matches(code, bound, held.code_digest if held and held.code_digest else b"")
        if held:
            links.tried(unit.db, tenant_id=tenant.id, token_id=held.id, used_at=now if right else None)
        return held is not None and right


class EmailCodeMail:
    """Mints and mails the code. Runs in the worker, so that it rests nowhere."""

    def __init__(self, units: Units, *, post: Post, codes: Codes, telling: Telling, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._codes = codes
        self._telling = telling
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Keep the promise of a gate that asked for a code. Nothing where the sign-in is over, or the account gone."""
        secret = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            letter = self._mint(unit, tenant, UUID(payload["pending_id"]), secret)
        if letter:
            self._post.send(tenant, letter)

    def _mint(self, unit: Unit, tenant: Tenant, pending_id: UUID, secret: str) -> Letter | None:
        now, code = self._clock(), self._codes.of(secret)
        pending = pending_logins.by_id(unit.db, tenant_id=tenant.id, pending_id=pending_id, now=now)
        user = (
            users.lock(unit.db, tenant_id=tenant.id, user_id=pending.user_id) if pending and pending.user_id else None
        )
        if pending is None or user is None or user.disabled_at:
            return None
        links.mint(
            unit.db,
            tenant_id=tenant.id,
            new_id=uuid7(),
            user_id=user.id,
            purpose=PURPOSE,
            secret_digest=crypto.digest(secret),
            challenge_digest=pending.secret_digest,
            sent_to=user.email,
            now=now,
            expires_at=pending.expires_at,
            code_digest=self._codes.digest(code, pending.secret_digest),
        )
        asked = (pending.proof or {}).get("assessment") or {}
        where = self._telling.where(
            ip=asked.get("ip"),
            user_agent=asked.get("user_agent", ""),
            at=pending.created_at,
            browser=not (pending.proof or {}).get("wants_tokens"),
        )
        return Letter(
            template="email_code",
            to=user.email,
            name=user.name,
            code=code,
            expires_in=requests.in_words(int(PROVEN_LIFE.total_seconds() // 60)),
            client=where.client,
            place=where.place,
            ip=where.ip,
            at=where.at,
        )
