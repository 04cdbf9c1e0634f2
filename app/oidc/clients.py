"""Applications as clients: looked up with every request, so remembered for a short while and forgotten on news."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from app.auth.published_keys import Algorithm
from app.storage import applications
from app.storage.hot_applications import KnownApplication, application
from app.storage.news import News
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import SessionLives, Tenant

ClientType = Literal["web", "spa", "native", "machine"]
AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
NEWS = "application"
# While the news' pulse is heard, a change reaches us by it; without it, a memory this old is not trusted.
_REMEMBERED_S = 60.0
_REMEMBERED_DEAF_S = 0.5
_MOST = 10_000
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What one of a client's secrets is known by (SHA-256), and until when it counts."""

    id: UUID
    digest: bytes
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An application that is switched on. ``resources`` it may ask tokens for; ``serves``: the audiences that it is."""

    id: UUID
    name: str
    type: ClientType
    auth_method: AuthMethod
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str | None
    scopes: frozenset[str]
    resources: frozenset[str]
    serves: frozenset[str]
    signing_algorithm: Algorithm
    jwks: Mapping[str, Any] | None
    require_pkce: bool
    require_pushed_requests: bool
    require_dpop: bool
    first_party: bool
    access_token_minutes: int | None
    refresh_token_days: int | None
    home_uri: str | None
    policy_uri: str | None
    terms_uri: str | None
    has_logo: bool
    secrets: tuple[Secret, ...]

    @property
    def client_id(self) -> str:
        return str(self.id)

    @property
    def is_public(self) -> bool:
        """It cannot keep a secret (RFC 6749, section 2.1)."""
        return self.auth_method == "none"

    def access_token_life(self, tenant: Tenant) -> timedelta:
        """Never longer than the tenant lets tokens live: its setting says how long the blacklist has to remember."""
        life = tenant.settings.access_token_life
        return min(life, timedelta(minutes=self.access_token_minutes)) if self.access_token_minutes else life

    def family_lives(self, tenant: Tenant) -> SessionLives:
        """How long its refresh tokens last, from sign-in, however often they are rotated."""
        lives = tenant.settings.family_lives
        if not self.refresh_token_days:
            return lives
        own = timedelta(days=self.refresh_token_days)
        return SessionLives(life=min(lives.life, own), remembered=min(lives.remembered, own), idle=None)


class Clients:
    """Looks clients up."""

    def __init__(self, pool: Pool, units: Units, *, news: News) -> None:
        self._pool = pool
        self._units = units
        self._news = news
        self._heard = 0
        self._known: dict[tuple[UUID, UUID], tuple[Client | None, float]] = {}
        self._origins: dict[UUID, tuple[frozenset[str], float]] = {}
        news.on(NEWS, self._hear, catch_up=self._forget)

    def by_id(self, tenant: Tenant, client_id: str) -> Client | None:
        """The client that names itself so, if it is one of this tenant's and switched on."""
        try:
            named = UUID(client_id)
        except ValueError:
            return None
        # One spelling only: what is compared elsewhere is the text.
        return self._find(tenant.id, named) if str(named) == client_id else None

    def origins(self, tenant: Tenant) -> frozenset[str]:
        """From where browsers may call us for an application: the origins of what is registered (RFC 6454)."""
        known, at = self._origins.get(tenant.id, (frozenset(), 0.0))
        if at and time.monotonic() - at < self._trusted_for():
            return known
        heard = self._heard
        with self._units.read(tenant.id) as db:
            found = frozenset(
                _origin(parts)
                for parts in map(urlsplit, applications.redirect_uris(db, tenant_id=tenant.id))
                if parts.scheme in _DEFAULT_PORTS
            )
        if heard == self._heard:
            self._origins[tenant.id] = (found, time.monotonic())
        return found

    def changed(self, tenant_id: UUID, application_id: UUID) -> None:
        """Forget what was known of it, in every process. Called after the commit of the change."""
        self._forget()
        self._news.spread(NEWS, tenant_id=str(tenant_id), application_id=str(application_id))

    def _find(self, tenant_id: UUID, application_id: UUID) -> Client | None:
        name = (tenant_id, application_id)
        known, at = self._known.get(name, (None, 0.0))
        now = time.monotonic()
        if at and now - at < self._trusted_for():
            return known
        heard = self._heard
        row = application(self._pool, tenant_id=tenant_id, application_id=application_id)
        found = _client(row) if row and row.disabled_at is None else None
        if len(self._known) >= _MOST:
            self._known.clear()
        if heard == self._heard:  # else it may have changed while we read
            self._known[name] = (found, now)
        return found

    def _trusted_for(self) -> float:
        return _REMEMBERED_S if self._news.fresh else _REMEMBERED_DEAF_S

    def _hear(self, _: Mapping[str, Any]) -> None:
        self._forget()

    def _forget(self) -> None:
        self._heard += 1
        self._known.clear()
        self._origins.clear()


def _origin(parts: SplitResult) -> str:
    """As browsers spell it: lower case, and without the port that goes without saying (RFC 6454, section 6.2)."""
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])}"


def _client(row: KnownApplication) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        type=cast(ClientType, row.type),
        auth_method=cast(AuthMethod, row.auth_method),
        grant_types=frozenset(row.grant_types),
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        backchannel_logout_uri=row.backchannel_logout_uri,
        scopes=frozenset(row.scopes),
        resources=frozenset(row.resources),
        serves=frozenset(row.serves),
        signing_algorithm=cast(Algorithm, row.signing_algorithm),
        jwks=row.jwks,
        require_pkce=row.require_pkce,
        require_pushed_requests=row.require_pushed_requests,
        require_dpop=row.require_dpop,
        first_party=row.first_party,
        access_token_minutes=row.access_token_minutes,
        refresh_token_days=row.refresh_token_days,
        home_uri=row.home_uri,
        policy_uri=row.policy_uri,
        terms_uri=row.terms_uri,
        has_logo=row.has_logo,
        secrets=tuple(
            Secret(
                id=UUID(secret["id"]),
                digest=bytes.fromhex(secret["digest"]),
                expires_at=_time(secret["expires_at"]),
                last_used_at=_time(secret["last_used_at"]),
            )
            for secret in row.secrets
        ),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
