"""Promises: rows written with the change, claimed by workers, kept at least once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, func, insert, or_, select, text, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId


class OutboxEntry(HasId, Base):
    __tablename__ = "outbox"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        Index("ix_outbox_due", "due_at", postgresql_where=text("delivered_at IS NULL AND failed_at IS NULL")),
    )

    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    claimed_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much waits, and since when the oldest is due."""

    waiting: int
    oldest_due_at: datetime | None


_OPEN = OutboxEntry.delivered_at.is_(None) & OutboxEntry.failed_at.is_(None)


def add(db: Db, *, tenant_id: UUID, new_id: UUID, kind: str, payload: dict[str, Any], now: datetime) -> None:
    db.execute(
        insert(OutboxEntry).values(
            tenant_id=tenant_id, id=new_id, kind=kind, payload=payload, created_at=now, due_at=now
        )
    )


def claim_unscoped(
    db: Db, *, most: int, now: datetime, until: datetime, kinds: Collection[str] = (), of_these: bool = False
) -> list[OutboxEntry]:
    """Take up to ``most`` that are due, of all tenants, for ourselves ``until`` then; others skip them meanwhile.

    Those of the ``kinds`` named, if ``of_these``, or else those of all others.
    """
    due = (
        select(OutboxEntry.tenant_id, OutboxEntry.id)
        .where(
            _OPEN,
            OutboxEntry.kind.in_(kinds) if of_these else OutboxEntry.kind.not_in(kinds),
            OutboxEntry.due_at <= now,
            or_(OutboxEntry.claimed_until.is_(None), OutboxEntry.claimed_until <= now),
        )
        .order_by(OutboxEntry.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    claimed = db.scalars(
        update(OutboxEntry)
        .where(OutboxEntry.tenant_id == due.c.tenant_id, OutboxEntry.id == due.c.id)
        .values(claimed_until=until, attempts=OutboxEntry.attempts + 1)
        .returning(OutboxEntry)
    )
    # An update returns rows in any order; of two mails to one person the newer is to come last.
    return sorted(claimed, key=lambda entry: (entry.due_at, entry.id))


def kept_unscoped(db: Db, *, entries: Sequence[tuple[UUID, UUID]], now: datetime) -> None:
    """These (tenant, id) were delivered."""
    db.execute(
        update(OutboxEntry)
        .where(tuple_(OutboxEntry.tenant_id, OutboxEntry.id).in_(entries))
        .values(delivered_at=now, claimed_until=None, last_error=None)
    )


def put_off(db: Db, *, tenant_id: UUID, entry_id: UUID, due_at: datetime, error: str) -> None:
    """It failed; try again then."""
    db.execute(
        update(OutboxEntry)
        .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.id == entry_id)
        .values(due_at=due_at, claimed_until=None, last_error=error)
    )


def let_go(db: Db, *, tenant_id: UUID, entry_id: UUID) -> None:
    """It was claimed and not tried."""
    db.execute(
        update(OutboxEntry)
        .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.id == entry_id, OutboxEntry.delivered_at.is_(None))
        .values(claimed_until=None, attempts=OutboxEntry.attempts - 1)
    )


def give_up(db: Db, *, tenant_id: UUID, entry_id: UUID, now: datetime, error: str) -> None:
    """It failed for the last time, or for good."""
    db.execute(
        update(OutboxEntry)
        .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.id == entry_id)
        .values(failed_at=now, claimed_until=None, last_error=error)
    )


def backlog_unscoped(db: Db, *, now: datetime) -> Backlog:
    """What is due and not delivered, of all tenants."""
    waiting, oldest = db.execute(
        select(func.count(), func.min(OutboxEntry.due_at)).where(_OPEN, OutboxEntry.due_at <= now)
    ).one()
    return Backlog(waiting=waiting, oldest_due_at=oldest)
