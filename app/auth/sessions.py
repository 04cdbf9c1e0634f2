"""Sessions: who is asking now, where somebody is signed in, and ending it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app import crypto, events
from app.auth.blacklist import Blacklist
from app.auth.ending import Ending
from app.auth.errors import InvalidToken
from app.auth.rbac import permissions_of
from app.auth.signing import Signer
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import hot, sessions
from app.storage.hot import LiveSession
from app.storage.pool import Pool
from app.storage.sessions import Session
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


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
        self,
        pool: Pool,
        units: Units,
        *,
        signer: Signer,
        blacklist: Blacklist,
        ending: Ending,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._units = units
        self._signer = signer
        self._blacklist = blacklist
        self._ending = ending
        self._clock = clock

    def by_cookie(self, tenant: Tenant, secret: str, *, origin: Origin) -> Scope | None:
        """The caller behind a session cookie of this tenant, or ``None``."""
        live = hot.session_by_digest(
            self._pool,
            tenant_id=tenant.id,
            digest=crypto.digest(secret),
            now=self._clock(),
            lives=tenant.settings.lives,
        )
        return _scope(tenant, live, origin) if live else None

    def by_token(self, tenant: Tenant, token: str, *, origin: Origin) -> Scope:
        """The caller behind an access token of this tenant. Raises ``InvalidToken``.

        What they may do is looked up now, whatever the token says. But a token proves no more than what was shown when
        it was issued: one from before a step-up does not gain by it (RFC 9470, section 5).
        """
        claims = self._claims(tenant, token)
        live = hot.session_by_id(
            self._pool,
            tenant_id=tenant.id,
            session_id=UUID(str(claims["sid"])),
            now=self._clock(),
            lives=tenant.settings.lives,
        )
        if live is None or str(live.user_id) != claims["sub"]:
            raise InvalidToken(log="session gone")
        shown_at = min(live.auth_time, datetime.fromtimestamp(int(str(claims["auth_time"])), UTC))
        acr = min(live.acr, str(claims["acr"]))
        return replace(_scope(tenant, live, origin), auth_time=shown_at, acr=acr)

    def introspect(self, tenant: Tenant, token: str) -> Introspection:
        """What a token says, if it is in force (RFC 7662)."""
        try:
            claims = self._claims(tenant, token)
        except InvalidToken:
            return Introspection(active=False, claims={})
        active = self.outlasts(tenant, claims)
        return Introspection(active=active, claims=claims if active else {})

    def outlasts(self, tenant: Tenant, claims: Mapping[str, object]) -> bool:
        """Whether the session behind a token that is in force counts still: asked for only where it may have aged."""
        return not self._may_have_aged(tenant, claims) or self._counts(tenant, claims)

    def list(self, tenant: Tenant, scope: Scope) -> list[SessionView]:
        """Where the caller is signed in: this session first, then by last activity."""
        with self._units.read(tenant.id) as db:
            rows = sessions.live_of(
                db, tenant_id=tenant.id, user_id=scope.user_id, now=self._clock(), lives=tenant.settings.lives
            )
        views = [_view(row, scope.session_id) for row in rows]
        return sorted(views, key=lambda view: not view.current)

    def cookie_life(self, tenant: Tenant, scope: Scope) -> timedelta | None:
        """How long the browser keeps the secret of the caller's session; ``None``: until it is closed."""
        if scope.session_id is None:
            return None
        with self._units.read(tenant.id) as db:
            row = sessions.by_id(db, tenant_id=tenant.id, session_id=scope.session_id)
        return row.expires_at - self._clock() if row and row.remember else None

    def end(self, tenant: Tenant, scope: Scope, session_id: UUID, *, reason: str = "revoked_by_owner") -> None:
        """End one of the caller's own sessions. Raises ``NotFound`` when it is not theirs or has ended."""
        with self._units.begin(tenant.id) as unit:
            if not self._end(unit, tenant, scope, reason=reason, session_id=session_id):
                raise NotFound

    def end_all(self, tenant: Tenant, scope: Scope, *, current_too: bool) -> int:
        """End all of the caller's sessions, or all but this one. Returns how many ended."""
        with self._units.begin(tenant.id) as unit:
            if current_too:
                self._ending.cut(unit, tenant, scope.user_id, now=self._clock())
            keep = None if current_too else scope.session_id
            return self._end(unit, tenant, scope, reason="revoked_by_owner", keep=keep)

    def logout(self, tenant: Tenant, scope: Scope, *, token: str | None = None) -> None:
        """End this session; with ``token``, refuse that access token by its own name too. Twice is once."""
        if scope.session_id is None:
            return
        names = [UUID(str(self._signer.verify(tenant, token)["jti"]))] if token else []
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            self._end(unit, tenant, scope, reason="logout", session_id=scope.session_id)
            self._ending.refuse(unit, tenant, kind="jti", subjects=names, now=now)
            row = events.row(
                Event.LOGOUT_COMPLETED,
                now=now,
                actor=scope.actor,
                origin=scope.origin,
                subject_id=scope.user_id,
                session_id=scope.session_id,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    def _end(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        *,
        reason: str,
        session_id: UUID | None = None,
        keep: UUID | None = None,
    ) -> int:
        return self._ending.end(
            unit,
            tenant,
            scope.user_id,
            now=self._clock(),
            reason=reason,
            actor=scope.actor,
            origin=scope.origin,
            session_id=session_id,
            keep=keep,
        )

    def _may_have_aged(self, tenant: Tenant, claims: Mapping[str, object]) -> bool:
        """Whether the session behind a token that is in force may have ended by its age, which nobody announces."""
        lives = tenant.settings.lives
        # The id says when it began (RFC 9562, section 5.7); after a step-up, ``auth_time`` does not any more.
        began = min(UUID(str(claims["sid"])).int >> 80, int(str(claims["auth_time"])) * 1000)
        return lives.idle is not None or datetime.fromtimestamp(began / 1000, UTC) + lives.life <= self._clock()

    def _counts(self, tenant: Tenant, claims: Mapping[str, object]) -> bool:
        live = hot.session_by_id(
            self._pool,
            tenant_id=tenant.id,
            session_id=UUID(str(claims["sid"])),
            now=self._clock(),
            lives=tenant.settings.lives,
        )
        return live is not None

    def _claims(self, tenant: Tenant, token: str) -> dict[str, object]:
        claims = self._signer.verify(tenant, token)
        if tenant.suspended or self._blacklist.is_revoked(
            tenant_id=tenant.id,
            names={"jti": UUID(claims["jti"]), "sid": UUID(claims["sid"]), "user": UUID(claims["sub"])},
            issued_at=claims["iat"],
        ):
            raise InvalidToken(log="revoked")
        return claims


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
