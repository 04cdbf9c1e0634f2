"""A code by mail, asked for where a sign-in looked unusual and there is no other factor."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app import crypto, events
from app.auth import requests
from app.auth.arriving import EMAIL
from app.auth.codes import MOST_TRIES, Codes, is_code
from app.auth.errors import InvalidCode, TenantSuspended
from app.auth.gate import Gate, SignedIn
from app.auth.lockout import Lockout
from app.auth.pending import PROVEN_LIFE, Pending, PendingLogins
from app.auth.telling import Telling
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.errors import Problem, settle
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import links, pending_logins, users
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

PURPOSE = "email_code"


class EmailCodes:
    """Takes the code, and lets the sign-in go on."""

    def __init__(
        self,
        units: Units,
        *,
        gate: Gate,
        lockout: Lockout,
        pending: PendingLogins,
        codes: Codes,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._gate = gate
        self._lockout = lockout
        self._pending = pending
        self._codes = codes
        self._outbox = outbox
        self._clock = clock

    def waiting(self, tenant: Tenant, challenge: str | None) -> Pending | None:
        """The sign-in that waits for a code, or ``None``."""
        pending = self._pending.read(tenant, challenge)
        return pending if pending and pending.step == "email_code" else None

    def resend(self, tenant: Tenant, challenge: str | None) -> None:
        """Mail another code; the one before it dies. Nothing happens where no sign-in waits."""
        pending = self.waiting(tenant, challenge)
        if pending:
            with self._units.begin(tenant.id) as unit:
                self._outbox.put(unit, tenant_id=tenant.id, kind="mail.email_code", pending_id=pending.id)

    def redeem(self, tenant: Tenant, *, challenge: str | None, code: str, for_api: bool, origin: Origin) -> SignedIn:
        """Go on with the sign-in.

        1. No such challenge, too late, wrong code, tried too often, or begun on the other channel: ``InvalidCode``.
        2. Locked, disabled, or another password since it began: refused, as if it began now.
        3. Otherwise a session. Of many who try at once, one gets it.
        """
        if tenant.suspended:
            raise TenantSuspended
        with self._units.begin(tenant.id) as unit:
            outcome = self._spend(unit, tenant, challenge or "", code, for_api=for_api, origin=origin)
        pending = settle(outcome)
        if pending.user_id is None or pending.proof is None:
            raise RuntimeError("a sign-in that waits for a code has shown something")
        arrival, lane_open = self._lockout.arrive(tenant, user_id=pending.user_id, origin=origin)
        if not lane_open or arrival.password_changed_at != pending.password_changed_at:
            with self._units.begin(tenant.id) as unit:
                self._failed(unit, tenant, pending.user_id, origin=origin)
            raise InvalidCode(log="locked or changed meanwhile")
        return self._gate.admit(tenant, arrival, pending.proof.with_factor(EMAIL), origin=origin)

    def _spend(
        self, unit: Unit, tenant: Tenant, challenge: str, code: str, *, for_api: bool, origin: Origin
    ) -> Pending | Problem:
        now, bound = self._clock(), crypto.digest(challenge)
        pending = self._pending.find(unit.db, tenant, challenge)
        if pending is None or pending.proof is None or pending.proof.wants_tokens is not for_api:
            return InvalidCode()
        held = links.hold_code(
            unit.db, tenant_id=tenant.id, purpose=PURPOSE, challenge_digest=bound, now=now, most=MOST_TRIES
        )
        right = self._codes.matches(code, bound, held.code_digest if held and held.code_digest else b"")
        if held and is_code(code):
            links.tried(unit.db, tenant_id=tenant.id, token_id=held.id, used_at=now if right else None)
        if not held or not right or not pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=bound):
            self._failed(unit, tenant, pending.user_id, origin=origin)
            return InvalidCode()
        return pending

    def _failed(self, unit: Unit, tenant: Tenant, subject: UUID | None, *, origin: Origin) -> None:
        row = events.row(
            Event.LOGIN_SECOND_FACTOR_FAILED,
            now=self._clock(),
            actor=ANYBODY,
            origin=origin,
            subject_id=subject,
            outcome="refused",
            reason=PURPOSE,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])


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
