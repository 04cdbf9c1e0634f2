"""The code by mail for those who show again that it is them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app import crypto
from app.auth import reauthentication, requests
from app.auth.codes import Codes
from app.auth.telling import Telling
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.ids import uuid7
from app.storage import links, sessions, users
from app.storage.sessions import Session
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

LIFE = timedelta(minutes=10)
_REASON = "You are about to change something important in your account."


class ReauthenticationMail:
    """Mints and mails the code. Runs in the worker, so that it rests nowhere."""

    def __init__(self, units: Units, *, post: Post, codes: Codes, telling: Telling, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._codes = codes
        self._telling = telling
        self._clock = clock

    def send_now(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Nothing where the session has ended meanwhile, or the account is gone."""
        secret, session_id = crypto.mint(), UUID(payload["session_id"])
        with self._units.begin(tenant.id) as unit:
            session = sessions.by_id(unit.db, tenant_id=tenant.id, session_id=session_id)
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=session.user_id) if session else None
            if session is None or user is None or session.revoked_at or user.disabled_at or user.leaving_at:
                return
            self._mint(unit, tenant, user, session_id, secret)
        self._post.send(tenant, self._letter(user, session, self._codes.of(secret)))

    def _mint(self, unit: Unit, tenant: Tenant, user: User, session_id: UUID, secret: str) -> None:
        now, bound = self._clock(), reauthentication.bound_to(session_id)
        links.mint(
            unit.db,
            tenant_id=tenant.id,
            new_id=uuid7(),
            user_id=user.id,
            purpose=reauthentication.PURPOSE,
            secret_digest=crypto.digest(secret),
            challenge_digest=bound,
            sent_to=user.email,
            now=now,
            expires_at=now + LIFE,
            code_digest=self._codes.digest(self._codes.of(secret), bound),
        )

    def _letter(self, user: User, session: Session, code: str) -> Letter:
        """Where it is asked for: the session's own facts, as the promise carries none."""
        where = self._telling.where(
            ip=str(session.ip) if session.ip else None,
            user_agent=session.user_agent,
            at=self._clock(),
            browser=session.token_digest is not None,
        )
        return Letter(
            template="email_code",
            to=user.email,
            name=user.name,
            code=code,
            expires_in=requests.in_words(int(LIFE.total_seconds() // 60)),
            reason=_REASON,
            client=where.client,
            place=where.place,
            ip=where.ip,
            at=where.at,
        )
