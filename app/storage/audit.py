"""What happened: rows that are written and read, never changed."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, select, text, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, Inet

_WRITE = text("SELECT audit_write(:tenant_id, CAST(:rows AS jsonb))")
_PARTITIONS = text("SELECT ensure_audit_partitions(:now)")


class AuditEvent(Base):
    __tablename__ = "audit_events"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "at", "id", name="pk_audit_events"),
        Index("ix_audit_events_subject", "tenant_id", "subject_id", "at", "id"),
        Index(
            "ix_audit_events_acted",
            "tenant_id",
            "actor_id",
            postgresql_where=text("actor_id IS DISTINCT FROM subject_id"),
        ),
        Index(
            "ix_audit_events_impersonator",
            "tenant_id",
            "impersonator_id",
            postgresql_where=text("impersonator_id IS NOT NULL"),
        ),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    tenant_id: Mapped[UUID]
    id: Mapped[UUID]
    at: Mapped[datetime]
    event: Mapped[str]
    outcome: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    impersonator_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    ip: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str] = mapped_column(server_default="")
    request_id: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    # What is personal (address, user agent) can be erased; its salted digest stays, for whatever seals the trail.
    personal_salt: Mapped[bytes | None]
    personal_digest: Mapped[bytes | None]


def write(db: Db, *, tenant_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows, as ``events`` builds them."""
    db.execute(_WRITE, {"tenant_id": tenant_id, "rows": json.dumps(rows)})


def newest(db: Db, *, tenant_id: UUID, most: int = 50) -> list[AuditEvent]:
    """The newest rows, newest first."""
    return list(
        db.scalars(
            select(AuditEvent)
            .where(AuditEvent.tenant_id == tenant_id)
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(most)
        )
    )


def of_subject(
    db: Db,
    *,
    tenant_id: UUID,
    subject_id: UUID,
    after: tuple[datetime, UUID] | None,
    most: int,
    shown: Collection[tuple[str, str]] | None = None,
) -> list[AuditEvent]:
    """What happened to a person, newest first, beginning ``after`` a row (its time and id).

    With ``shown``, only these kinds: (event, outcome).
    """
    wanted = select(AuditEvent).where(AuditEvent.tenant_id == tenant_id, AuditEvent.subject_id == subject_id)
    if shown is not None:
        wanted = wanted.where(tuple_(AuditEvent.event, AuditEvent.outcome).in_(shown))
    if after:
        wanted = wanted.where(tuple_(AuditEvent.at, AuditEvent.id) < after)
    return list(db.scalars(wanted.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(most)))


def latest(db: Db, *, tenant_id: UUID, subject_id: UUID, event: str) -> AuditEvent | None:
    """The last time that this happened to somebody."""
    return db.scalar(
        select(AuditEvent)
        .where(AuditEvent.tenant_id == tenant_id, AuditEvent.subject_id == subject_id, AuditEvent.event == event)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(1)
    )


def prepare_months_unscoped(db: Db, *, now: datetime) -> int:
    """Make the partitions of this month and the next two; returns how many were missing."""
    return db.scalar(_PARTITIONS, {"now": now}) or 0
