"""People, as applications may be told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.storage import hot_people
from app.storage.hot_people import KnownPerson
from app.storage.pool import Pool
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody. ``profile``: what they say of themselves, by the names of OpenID Connect Core, section 5.1."""

    id: UUID
    email: str
    email_verified: bool
    name: str
    profile: Mapping[str, Any]
    roles: tuple[str, ...]
    updated_at: datetime


class People:
    """Looks them up."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def read(self, tenant: Tenant, user_id: UUID) -> Person | None:
        """Somebody of this tenant; ``None`` where there is no such person, or they may not sign in any more."""
        row = hot_people.person(self._pool, tenant_id=tenant.id, user_id=user_id)
        return person_of(row) if row else None


def person_of(row: KnownPerson) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        email_verified=row.email_verified,
        name=row.name,
        profile=row.profile,
        roles=tuple(row.roles),
        updated_at=row.updated_at,
    )
