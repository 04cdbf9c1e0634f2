"""What a person has granted an application, from when it is decided until tokens say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A grant. ``resources``: the audiences it is for; ``claims``: the parameter of that name, as it was asked for.

    ``auth_time``, ``acr``, ``amr``: how its person had signed in. ``dpop_jkt``: the key that its refresh tokens are
    bound to. ``grant_id`` is the family's that it becomes.
    """

    user_id: UUID
    session_id: UUID
    scopes: tuple[str, ...]
    resources: tuple[str, ...]
    claims: Mapping[str, Any]
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    nonce: str | None = None
    dpop_jkt: str | None = None
    grant_id: UUID = field(default_factory=uuid7)
