"""Sessions: who is asking now, where somebody is signed in, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.auth.blacklist import Blacklist
from app.auth.errors import InvalidToken
from app.auth.rbac import permissions_of
from app.auth.signing import Signer
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import hot, sessions, users
from app.storage.hot import LiveSession
from app.storage.pool import Pool
from app.storage.sessions import Session
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

# Tokens are refused a little longer than they could live: clocks differ.
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session as its owner sees it."""

    id: UUID
    current: bool
    browser: bool
    ip: str | None
    user_agent: str
    remember: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Introspection:
    """RFC 7662, section 2.2: ``claims`` of a token in force, or nothing."""

    active: bool
    claims: dict[str, object]


class Sessions:
    """Looks sessions up, lists them and ends them."""

    def __init__(
        self, pool: Pool, units: Units, *, signer: Signer, blacklist: Blacklist, clock: Clock = wall_clock
    ) -> None:
        self._pool = pool
        self._units = units
        self._signer = signer
        self._blacklist = blacklist
        self._clock = clock

    def by_cookie(self, tenant: Tenant, secret: str, *, origin: Origin) -> Scope | None:
        """The caller behind a session cookie of this tenant, or ``None``."""
        live = hot.session_by_digest(self._pool, tenant_id=tenant.id, digest=crypto.digest(secret), now=self._clock())
        return _scope(tenant, live, origin) if live else None

    def by_token(self, tenant: Tenant, token: str, *, origin: Origin) -> Scope:
        """The caller behind an access token of this tenant. Raises ``InvalidToken``.

        What they may do is looked up now, whatever the token says.
        """
        claims = self._claims(tenant, token)
        live = hot.session_by_id(
            self._pool, tenant_id=tenant.id, session_id=UUID(str(claims["sid"])), now=self._clock()
        )
        if live is None or str(live.user_id) != claims["sub"]:
            raise InvalidToken(log="session gone")
        return _scope(tenant, live, origin)

    def introspect(self, tenant: Tenant, token: str) -> Introspection:
        """What a token says, if it is in force (RFC 7662)."""
        try:
            return Introspection(active=True, claims=self._claims(tenant, token))
        except InvalidToken:
            return Introspection(active=False, claims={})

    def list(self, scope: Scope) -> list[SessionView]:
        """Where the caller is signed in: this session first, then by last activity."""
        with self._units.read(scope.tenant_id) as db:
            rows = sessions.live_of(db, tenant_id=scope.tenant_id, user_id=scope.user_id, now=self._clock())
        views = [_view(row, scope.session_id) for row in rows]
        return sorted(views, key=lambda view: not view.current)

    def end(self, tenant: Tenant, scope: Scope, session_id: UUID, *, reason: str = "revoked_by_owner") -> None:
        """End one of the caller's own sessions. Raises ``NotFound`` when it is not theirs or has ended."""
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            ended = sessions.revoke(
                unit.db, tenant_id=tenant.id, user_id=scope.user_id, session_id=session_id, now=now, reason=reason
            )
            if not ended:
                raise NotFound
            self._ended(unit, tenant, scope, ended, now=now, reason=reason)

    def end_all(self, tenant: Tenant, scope: Scope, *, current_too: bool) -> int:
        """End all of the caller's sessions, or all but this one. Returns how many ended."""
        now, reason = self._clock(), "revoked_by_owner"
        with self._units.begin(tenant.id) as unit:
            if current_too:
                users.end_tokens_before(unit.db, tenant_id=tenant.id, user_id=scope.user_id, moment=now)
                self._blacklist.revoke(
                    unit, tenant_id=tenant.id, kind="user", subjects=[scope.user_id], at=now, life=_life(tenant)
                )
            ended = sessions.revoke(
                unit.db,
                tenant_id=tenant.id,
                user_id=scope.user_id,
                now=now,
                reason=reason,
                keep=None if current_too else scope.session_id,
            )
            self._ended(unit, tenant, scope, ended, now=now, reason=reason)
        return len(ended)

    def logout(self, tenant: Tenant, scope: Scope, *, token: str | None = None) -> None:
        """End this session; with ``token``, refuse that access token by its own name too. Twice is once."""
        if scope.session_id is None:
            return
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            ended = sessions.revoke(
                unit.db,
                tenant_id=tenant.id,
                user_id=scope.user_id,
                session_id=scope.session_id,
                now=now,
                reason="logout",
            )
            if token:
                jti = UUID(str(self._signer.verify(tenant, token)["jti"]))
                self._blacklist.revoke(
                    unit, tenant_id=tenant.id, kind="jti", subjects=[jti], at=now, life=_life(tenant)
                )
            self._ended(unit, tenant, scope, ended, now=now, reason="logout")
            row = events.row(
                Event.LOGOUT_COMPLETED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def _claims(self, tenant: Tenant, token: str) -> dict[str, object]:
        claims = self._signer.verify(tenant, token)
        if tenant.suspended or self._blacklist.is_revoked(
            tenant_id=tenant.id,
            jti=UUID(claims["jti"]),
            sid=UUID(claims["sid"]),
            user_id=UUID(claims["sub"]),
            issued_at=claims["iat"],
        ):
            raise InvalidToken(log="revoked")
        return claims

    def _ended(
        self, unit: Unit, tenant: Tenant, scope: Scope, ended: Sequence[Session], *, now: datetime, reason: str
    ) -> None:
        rows = [
            events.row(
                Event.SESSION_REVOKED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=session.id,
                reason=reason,
            )
            for session in ended
        ]
        if rows:
            self._blacklist.revoke(
                unit,
                tenant_id=tenant.id,
                kind="sid",
                subjects=[session.id for session in ended],
                at=now,
                life=_life(tenant),
            )
            events.record(unit, tenant_id=tenant.id, rows=rows)


def _life(tenant: Tenant) -> timedelta:
    return tenant.settings.access_token_life + _SKEW


def _scope(tenant: Tenant, live: LiveSession, origin: Origin) -> Scope:
    return Scope(
        tenant_id=tenant.id,
        actor=Actor(kind=ActorKind.USER, id=live.user_id),
        origin=origin,
        permissions=permissions_of(live.roles, live.granted),
        roles=tuple(live.roles),
        session_id=live.session_id,
        acr=live.acr,
        amr=tuple(live.amr),
        auth_time=live.auth_time,
        email=live.email,
        name=live.name,
        email_verified=live.email_verified,
        created_at=live.created_at,
        last_sign_in_at=live.last_sign_in_at,
    )


def _view(row: Session, current: UUID | None) -> SessionView:
    return SessionView(
        id=row.id,
        current=row.id == current,
        browser=row.token_digest is not None,
        ip=str(row.ip) if row.ip else None,
        user_agent=row.user_agent,
        remember=row.remember,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        amr=tuple(row.amr),
    )
