"""A session that is as good as new: its owner has shown again who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import crypto, events
from app.auth import factors
from app.auth.ending import Ending
from app.auth.errors import InvalidToken
from app.auth.signing import Signer
from app.auth.tokens import Tokens
from app.clock import Clock, wall_clock
from app.events import Event
from app.scope import Scope
from app.storage import sessions
from app.storage.sessions import Session
from app.storage.unit import Unit
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the caller came with: the cookie of a browser, or the access token of an API client, by its name."""

    cookie: str = ""
    token_name: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What they go on with. One of ``cookie`` and ``access_token`` is set; what they came with is dead."""

    expires_at: datetime
    remember: bool
    cookie: str = ""
    access_token: str = ""
    expires_in: int = 0


class Renewals:
    """Renews sessions, within the unit of whatever was shown."""

    def __init__(self, *, tokens: Tokens, signer: Signer, ending: Ending, clock: Clock = wall_clock) -> None:
        self._tokens = tokens
        self._signer = signer
        self._ending = ending
        self._clock = clock

    def held(self, tenant: Tenant, *, cookie: str | None, token: str | None) -> Held:
        """What they came with. Asked before the unit: looking up the keys of tokens is one of its own."""
        name = UUID(str(self._signer.verify(tenant, token)["jti"])) if token else None
        return Held(cookie=cookie or "", token_name=name)

    def renew(self, unit: Unit, tenant: Tenant, scope: Scope, held: Held, *, amr: Sequence[str]) -> tuple[Session, str]:
        """The session says from now on what was shown and when; the secret it was known by opens nothing any more.

        Returns it with its new secret, if it is a browser's. Raises ``InvalidToken`` where it has ended meanwhile, or
        somebody was faster with the same secret.
        """
        now, fresh = self._clock(), crypto.mint() if held.cookie else ""
        mail_counts = tenant.settings.second_factor_email
        session = scope.session_id and sessions.renew(
            unit.db,
            tenant_id=tenant.id,
            user_id=scope.user_id,
            session_id=scope.session_id,
            shown=crypto.digest(held.cookie) if held.cookie else None,
            fresh=crypto.digest(fresh) if fresh else None,
            amr=factors.in_full(tuple(amr), mail_counts=mail_counts),
            acr=factors.acr_of(amr, mail_counts=mail_counts),
            now=now,
        )
        if not session:
            raise InvalidToken(log="ended or renewed meanwhile")
        if held.token_name:
            self._ending.refuse(unit, tenant, kind="jti", subjects=[held.token_name], now=now)
        self._record(unit, tenant, scope, session, now=now)
        return session, fresh

    def answer(self, tenant: Tenant, scope: Scope, session: Session, cookie: str) -> Renewed:
        """What the caller gets: the new secret, or an access token that says what was shown."""
        if cookie:
            return Renewed(expires_at=session.expires_at, remember=session.remember, cookie=cookie)
        access, expires_in = self._tokens.access(
            tenant,
            session_id=session.id,
            user_id=scope.user_id,
            roles=scope.roles,
            amr=session.amr,
            acr=session.acr,
            auth_time=session.auth_time,
            now=self._clock(),
            session_ends=session.expires_at,
        )
        return Renewed(
            expires_at=session.expires_at, remember=session.remember, access_token=access, expires_in=expires_in
        )

    @staticmethod
    def _record(unit: Unit, tenant: Tenant, scope: Scope, session: Session, *, now: datetime) -> None:
        row = events.row(
            Event.LOGIN_SUCCEEDED,
            now=now,
            actor=scope.actor,
            origin=scope.origin,
            subject_id=scope.user_id,
            session_id=session.id,
            stage="reauthenticated",
            method="+".join(session.amr),
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
