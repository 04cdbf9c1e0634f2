"""A person, as applications ask about them: one round trip, over the driver."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.storage.pool import Pool
from app.tenancy import SessionLives


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody who may sign in. ``asked``: the claims that were asked for with the grant, if there is one."""

    id: UUID
    email: str
    email_verified: bool
    name: str
    profile: dict[str, Any]
    updated_at: datetime
    roles: list[str]
    asked: dict[str, Any]


def person(pool: Pool, *, tenant_id: UUID, user_id: UUID) -> KnownPerson | None:
    """Somebody by their id; ``None`` where they are not there any more, or disabled, or about to leave."""
    return _person(pool, (tenant_id, user_id, None, None, None, None, None, None))


def person_behind(
    pool: Pool,
    *,
    tenant_id: UUID,
    user_id: UUID,
    session_id: UUID,
    grant_id: UUID | None,
    now: datetime,
    lives: SessionLives,
) -> KnownPerson | None:
    """The same, where their session counts too, and the grant if there is one."""
    return _person(pool, (tenant_id, user_id, session_id, grant_id, now, lives.life, lives.remembered, lives.idle))


def _person(pool: Pool, arguments: tuple[Any, ...]) -> KnownPerson | None:
    with pool.connection() as connection, connection.cursor(row_factory=class_row(KnownPerson)) as cursor:
        return cursor.execute("SELECT * FROM hot_claims(%s, %s, %s, %s, %s, %s, %s, %s)", arguments).fetchone()
