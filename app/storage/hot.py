"""The few hot statements: one round trip each, straight over the driver, prepared at once (see the migration)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from app.storage.pool import Pool
from app.tenancy import SessionLives


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
class Arrival:
    """Somebody who is meant by a sign-in, and how they came in before.

    The first eleven may be ``None`` where there is no such person. ``history`` has their last sign-ins, newest first,
    ``recent`` counts those of the last hour. ``cleared``: the owner has vouched for this browser by mail. ``totp``,
    ``passkey``, ``backup_codes`` (how many are left): what they could show as a second factor. ``trusted_at``: since
    when it need not be asked for on this device.
    """

    user_id: UUID | None
    email: str | None
    name: str | None
    password_hash: str | None
    email_verified: bool | None
    disabled: bool | None
    leaving: bool | None
    created_at: datetime | None
    last_sign_in_at: datetime | None
    password_changed_at: datetime | None
    email_key: str | None
    suspended: bool
    roles: list[str]
    known_device: bool
    cleared: bool
    history: list[dict[str, Any]]
    recent: int
    totp: bool
    passkey: bool
    backup_codes: int
    trusted_at: datetime | None
    second_factor_due_at: datetime | None
    passkey_offered: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(Arrival):
    """An arrival that guesses, and whether its lane lets one more guess through."""

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
    scopes: list[str] | None
    resources: list[str] | None
    claims: dict[str, Any] | None
    dpop_jkt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What ``open_session`` writes. ``family`` (id, encrypted secret, end) is for those who get tokens.

    ``replaces``: the session that this browser has now; it makes room for the new one. ``trusted_until``: until when no
    second factor is asked for on this device. ``second_factor_due_at``: until when they may put off having one.
    """

    id: UUID
    user_id: UUID
    token_digest: bytes | None
    expires_at: datetime
    amr: tuple[str, ...]
    acr: str
    remember: bool
    ip: str | None
    user_agent: str
    replaces: UUID | None
    trusted_until: datetime | None
    second_factor_due_at: datetime | None
    family: tuple[UUID, bytes, datetime] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """How many sessions one person may have, and what gives way. ``token_life``: how long a token could be about."""

    most: int
    refuse_new: bool
    lives: SessionLives
    token_life: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of it: opened; changed (disabled, leaving, or another password meanwhile); or full (too many sessions).

    ``made_room``: the sessions that ended for this one. ``device_kept``: the browser keeps the secret that it showed.
    ``promised``: the outbox has something new.
    """

    outcome: Literal["opened", "changed", "full"]
    made_room: list[UUID]
    device_kept: bool
    promised: bool


def session_by_digest(
    pool: Pool, *, tenant_id: UUID, digest: bytes, now: datetime, lives: SessionLives
) -> LiveSession | None:
    return _session(pool, (tenant_id, digest, None, now, lives.life, lives.remembered, lives.idle))


def session_by_id(
    pool: Pool, *, tenant_id: UUID, session_id: UUID, now: datetime, lives: SessionLives
) -> LiveSession | None:
    return _session(pool, (tenant_id, None, session_id, now, lives.life, lives.remembered, lives.idle))


def _session(pool: Pool, arguments: tuple[Any, ...]) -> LiveSession | None:
    with pool.connection() as connection, connection.cursor(row_factory=class_row(LiveSession)) as cursor:
        return cursor.execute("SELECT * FROM hot_session(%s, %s, %s, %s, %s, %s, %s)", arguments).fetchone()


def person(pool: Pool, *, tenant_id: UUID, user_id: UUID, device_digest: bytes | None, now: datetime) -> Arrival:
    """Somebody by their id, as they arrive with this device."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Arrival)) as cursor:
        row = cursor.execute(
            "SELECT * FROM hot_person(%s, NULL, %s, %s, %s)", (tenant_id, user_id, device_digest, now)
        ).fetchone()
    if row is None:
        raise RuntimeError("hot_person always answers")
    return row


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
    policy: SessionPolicy,
    password_changed_at: datetime | None,
    new_hash: str | None,
    device_shown: bytes | None,
    device_new: bytes,
    lane: bytes | None,
    stamp: datetime | None,
    relieve: bool,
    assessment: Mapping[str, Any] | None,
    audit: Sequence[Mapping[str, Any]],
    audit_room: Sequence[Mapping[str, Any]],
) -> Opened:
    """The gate's one write. ``audit_room``: the rows for each session that makes room."""
    family = session.family or (None, None, None)
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Opened)) as cursor:
        opened = cursor.execute(
            "SELECT * FROM hot_open_session"
            "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                session.user_id,
                now,
                password_changed_at,
                new_hash,
                json.dumps(_facts(session)),
                session.token_digest,
                *family,
                device_shown,
                device_new,
                lane,
                stamp,
                relieve,
                json.dumps(_policy(policy)),
                json.dumps(assessment or {}),
                json.dumps(audit),
                json.dumps(audit_room),
            ),
        ).fetchone()
    if opened is None:
        raise RuntimeError("hot_open_session always answers")
    return opened


def _facts(session: NewSession) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "expires_at": session.expires_at.isoformat(),
        "amr": session.amr,
        "acr": session.acr,
        "remember": session.remember,
        "ip": session.ip,
        "user_agent": session.user_agent,
        "replaces": str(session.replaces) if session.replaces else None,
        "trusted_until": _moment(session.trusted_until),
        "second_factor_due_at": _moment(session.second_factor_due_at),
    }


def _policy(policy: SessionPolicy) -> dict[str, Any]:
    lives = policy.lives
    return {
        "most_sessions": policy.most,
        "refuse_new": policy.refuse_new,
        "life": _seconds(lives.life),
        "remembered": _seconds(lives.remembered),
        "idle": _seconds(lives.idle) if lives.idle else None,
        "token_life": _seconds(policy.token_life),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _seconds(span: timedelta) -> str:
    """As PostgreSQL reads an interval."""
    return f"{span.total_seconds()} seconds"


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
    lives: SessionLives,
    family_lives: SessionLives,
    application_id: UUID | None,
    audit: Sequence[Mapping[str, Any]],
    dpop_jkt: str | None = None,
) -> Rotation:
    """One generation on; of many who try at once, one rotates and the others see what it made.

    ``application_id``: whose family it has to be; none for those of the API. ``dpop_jkt``: the key that was shown; a
    family that is bound to another one is ``invalid``, and nothing happens to it.
    """
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Rotation)) as cursor:
        row = cursor.execute(
            "SELECT * FROM hot_rotate(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                family_id,
                generation,
                grace,
                now,
                lives.life,
                lives.remembered,
                lives.idle,
                family_lives.life,
                family_lives.remembered,
                application_id,
                dpop_jkt,
                json.dumps(audit),
            ),
        ).fetchone()
    if row is None:
        raise RuntimeError("hot_rotate always answers")
    return row
