"""Clients and their families, as every request asks for them: one round trip, over the driver."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.storage.pool import Pool
from app.tenancy import SessionLives


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownApplication:
    """An application and what its secrets are known by: ``secrets`` is [{id, digest, expires_at, last_used_at}]."""

    id: UUID
    name: str
    type: str
    auth_method: str
    grant_types: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    scopes: list[str]
    resources: list[str]
    serves: list[str]
    signing_algorithm: str
    jwks: dict[str, Any] | None
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
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None
    version: int
    secrets: list[dict[str, Any]]


def application(pool: Pool, *, tenant_id: UUID, application_id: UUID) -> KnownApplication | None:
    """The application, also one that is switched off."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(KnownApplication)) as cursor:
        return cursor.execute("SELECT * FROM hot_application(%s, %s)", (tenant_id, application_id)).fetchone()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFamily:
    """A family that would be rotated now, and whose it is."""

    generation: int
    rotated_at: datetime
    expires_at: datetime
    scopes: list[str]
    dpop_jkt: str | None
    session_id: UUID
    user_id: UUID


def live_family(
    pool: Pool,
    *,
    tenant_id: UUID,
    family_id: UUID,
    application_id: UUID,
    now: datetime,
    lives: SessionLives,
    family_lives: SessionLives,
) -> LiveFamily | None:
    """The family of this application's, while it and its session count."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(LiveFamily)) as cursor:
        return cursor.execute(
            "SELECT * FROM hot_live_family(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                family_id,
                application_id,
                now,
                lives.life,
                lives.remembered,
                lives.idle,
                family_lives.life,
                family_lives.remembered,
            ),
        ).fetchone()
