"""The few hot statements: one round trip each, straight over the driver, prepared at once (see the migration)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from app.storage.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """A session that counts now, with its person. ``granted``: permissions of roles that are not the system's."""

    session_id: UUID
    user_id: UUID
    email: str
    name: str
    email_verified: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    acr: str
    amr: list[str]
    auth_time: datetime
    roles: list[str]
    granted: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Who was meant by a sign-in, and whether their lane lets one more guess through."""

    user_id: UUID | None
    email: str | None
    name: str | None
    password_hash: str | None
    email_verified: bool | None
    disabled: bool | None
    suspended: bool
    created_at: datetime | None
    last_sign_in_at: datetime | None
    password_changed_at: datetime | None
    roles: list[str]
    known_device: bool
    lane_state: Literal["open", "locked", "busy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What came of presenting a refresh token. All but ``outcome`` may be ``None`` when it is ``invalid``."""

    outcome: Literal["rotated", "grace", "reused", "invalid"]
    generation: int | None
    session_id: UUID | None
    user_id: UUID | None
    email_verified: bool | None
    acr: str | None
    amr: list[str] | None
    auth_time: datetime | None
    expires_at: datetime | None
    roles: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What ``open_session`` writes. ``family`` (id, encrypted secret, end) is for those who get tokens."""

    id: UUID
    user_id: UUID
    token_digest: bytes | None
    expires_at: datetime
    amr: tuple[str, ...]
    acr: str
    remember: bool
    ip: str | None
    user_agent: str
    device_digest: bytes
    family: tuple[UUID, bytes, datetime] | None


def session_by_digest(pool: Pool, *, tenant_id: UUID, digest: bytes, now: datetime) -> LiveSession | None:
    return _session(pool, (tenant_id, digest, None, now))


def session_by_id(pool: Pool, *, tenant_id: UUID, session_id: UUID, now: datetime) -> LiveSession | None:
    return _session(pool, (tenant_id, None, session_id, now))


def _session(pool: Pool, arguments: tuple[Any, ...]) -> LiveSession | None:
    with pool.connection() as connection, connection.cursor(row_factory=class_row(LiveSession)) as cursor:
        return cursor.execute("SELECT * FROM hot_session(%s, %s, %s, %s)", arguments).fetchone()


def begin_sign_in(
    pool: Pool,
    *,
    tenant_id: UUID,
    email_key: str,
    device_digest: bytes | None,
    device_lane: bytes,
    common_lane: bytes,
    now: datetime,
    attempts: int,
    window: timedelta,
    stale: timedelta,
) -> Knock:
    """Read the person and count the guess before it is checked, in one statement."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Knock)) as cursor:
        row = cursor.execute(
            "SELECT * FROM hot_begin_sign_in(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (tenant_id, email_key, device_digest, device_lane, common_lane, now, attempts, window, stale),
        ).fetchone()
    if row is None:
        raise RuntimeError("hot_begin_sign_in always answers")
    return row


def known_device(pool: Pool, *, tenant_id: UUID, email_key: str, device_digest: bytes) -> bool:
    """Whether this browser has signed in to this address before."""
    with pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        return bool(
            cursor.execute("SELECT hot_known_device(%s, %s, %s)", (tenant_id, email_key, device_digest)).fetchone()
        )


def open_session(
    pool: Pool,
    *,
    tenant_id: UUID,
    session: NewSession,
    now: datetime,
    password_changed_at: datetime | None,
    new_hash: str | None,
    lane: bytes | None,
    stamp: datetime | None,
    relieve: bool,
    audit: Sequence[dict[str, Any]],
) -> bool:
    """The gate's one write. ``False``: the person was disabled or changed their password meanwhile."""
    family = session.family or (None, None, None)
    facts = {
        "id": str(session.id),
        "expires_at": session.expires_at.isoformat(),
        "amr": session.amr,
        "acr": session.acr,
        "remember": session.remember,
        "ip": session.ip,
        "user_agent": session.user_agent,
    }
    with pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        opened = cursor.execute(
            "SELECT hot_open_session(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                session.user_id,
                now,
                password_changed_at,
                new_hash,
                json.dumps(facts),
                session.token_digest,
                *family,
                session.device_digest,
                lane,
                stamp,
                relieve,
                json.dumps(audit),
            ),
        ).fetchone()
    return bool(opened)


def family_secret(pool: Pool, *, tenant_id: UUID, family_id: UUID) -> bytes | None:
    """The encrypted secret of a family; ``None`` when there is no such family."""
    with pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("SELECT hot_family_secret(%s, %s)", (tenant_id, family_id)).fetchone()


def rotate(
    pool: Pool,
    *,
    tenant_id: UUID,
    family_id: UUID,
    generation: int,
    grace: timedelta,
    now: datetime,
    audit: Sequence[dict[str, Any]],
) -> Rotation:
    """One generation on; of many who try at once, one rotates and the others see what it made."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Rotation)) as cursor:
        row = cursor.execute(
            "SELECT * FROM hot_rotate(%s, %s, %s, %s, %s, %s)",
            (tenant_id, family_id, generation, grace, now, json.dumps(audit)),
        ).fetchone()
    if row is None:
        raise RuntimeError("hot_rotate always answers")
    return row
