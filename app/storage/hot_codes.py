"""A code for an application, in one round trip over the driver: every sign-in that needs no page ends with one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import scalar_row

from app.storage.pool import Pool

Outcome = Literal["given", "signed_out", "gone", "answered", "taken_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A code before it rests: what its row will say. ``claims``: the parameter of that name."""

    id: UUID
    secret_digest: bytes
    application_id: UUID
    session_id: UUID
    user_id: UUID
    grant_id: UUID
    redirect_uri: str
    scopes: Sequence[str]
    resources: Sequence[str]
    claims: Mapping[str, Any]
    nonce: str | None
    verifier_digest: str | None
    dpop_jkt: str | None
    auth_time: datetime
    acr: str
    amr: Sequence[str]
    created_at: datetime
    expires_at: datetime


def give(pool: Pool, *, tenant_id: UUID, code: NewCode, flow_id: UUID | None, by_consent: bool) -> Outcome:
    """Write the code down, and say whether it counts. Nothing is written otherwise, but for ``taken_back``.

    1. ``signed_out``: the session has ended, or is there no more.
    2. ``gone``: the application is not there, or switched off.
    3. ``answered``: the flow ``flow_id`` has had its answer or is over; of many who try at once, one gives it.
    4. ``taken_back``: ``by_consent``, and the person does not allow these scopes now. The flow has had its answer.
    5. ``given``.
    """
    said_of_it = {each.name: getattr(code, each.name) for each in fields(code)}
    row = {**said_of_it, "tenant_id": tenant_id, "secret_digest": f"\\x{code.secret_digest.hex()}"}
    with pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        said: Outcome | None = cursor.execute(
            "SELECT hot_give_code(%s, %s, %s, %s)", (tenant_id, flow_id, by_consent, json.dumps(row, default=str))
        ).fetchone()
    if said is None:
        raise RuntimeError("hot_give_code always answers")
    return said
