"""Who is asking, on whose behalf, and from where: plain values that outlive any transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.ids import uuid7


class ActorKind(StrEnum):
    """What kind of caller acts."""

    USER = "user"
    API_KEY = "api_key"
    APPLICATION = "application"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who acts: a kind, and an id where there is one."""

    kind: ActorKind
    id: UUID | None = None


ANYBODY = Actor(kind=ActorKind.ANONYMOUS)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from.

    ``device`` is the known-device secret that the client presented, if any. ``session_id`` is the session that this
    browser has already: one that begins now replaces it. ``flow_id``: the application's sign-in that this belongs to.
    """

    ip: str | None = None
    user_agent: str = ""
    request_id: str = field(default_factory=lambda: str(uuid7()))
    device: str | None = None
    session_id: UUID | None = None
    flow_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The caller of a use case, looked up for this request and never read from a token."""

    tenant_id: UUID
    actor: Actor
    origin: Origin
    permissions: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    session_id: UUID | None = None
    impersonator_id: UUID | None = None
    acr: str = "0"
    amr: tuple[str, ...] = ()
    auth_time: datetime | None = None
    email: str = ""
    name: str = ""
    email_verified: bool = False
    created_at: datetime | None = None
    last_sign_in_at: datetime | None = None

    @property
    def user_id(self) -> UUID:
        """The id of the person signed in; a scope that is not a person's has none and may not ask."""
        if self.actor.kind is not ActorKind.USER or self.actor.id is None:
            raise TypeError("this scope is not a person's")
        return self.actor.id
