"""Guesses that failed, by lane. How a guess is admitted stands in ``hot``."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, case, delete, func, null, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class LockoutLane(OfTenant, Base):
    __tablename__ = "lockout_lanes"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),)

    lane: Mapped[bytes] = mapped_column(primary_key=True)
    failed: Mapped[list[datetime]] = mapped_column(server_default="{}")
    pending: Mapped[list[datetime]] = mapped_column(server_default="{}")
    locked_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


def fail(
    db: Db,
    *,
    tenant_id: UUID,
    lane: bytes,
    stamp: datetime,
    now: datetime,
    attempts: int,
    window: timedelta,
    lock: timedelta,
    day_attempts: int | None,
) -> LockoutLane | None:
    """Count the guess that began at ``stamp`` as failed; lock the lane when it was the last one allowed.

    With ``day_attempts``, that many failures within 24 hours close the lane until a mailed link opens it.
    """
    failed = func.stamps_since(LockoutLane.failed, now - timedelta(hours=24))
    # What was counted before the last lock ended has been paid for.
    since = func.greatest(now - window, LockoutLane.locked_until)
    in_window = func.cardinality(func.stamps_since(LockoutLane.failed, since)) + 1
    in_day = func.cardinality(failed) + 1
    return db.scalar(
        update(LockoutLane)
        .where(LockoutLane.tenant_id == tenant_id, LockoutLane.lane == lane)
        .values(
            pending=func.stamps_without_one(LockoutLane.pending, stamp),
            failed=func.array_append(failed, now),
            locked_until=func.coalesce(case((in_window >= attempts, now + lock)), LockoutLane.locked_until),
            closed_at=func.coalesce(
                LockoutLane.closed_at, case((in_day >= day_attempts, now)) if day_attempts else null()
            ),
        )
        .returning(LockoutLane)
    )


def find(db: Db, *, tenant_id: UUID, lane: bytes) -> LockoutLane | None:
    return db.scalar(select(LockoutLane).where(LockoutLane.tenant_id == tenant_id, LockoutLane.lane == lane))


def told(db: Db, *, tenant_id: UUID, lane: bytes, now: datetime, again_after: timedelta) -> bool:
    """Note that the owner is told of this lane now; ``False`` when they were told not long ago."""
    return (
        db.scalar(
            update(LockoutLane)
            .where(
                LockoutLane.tenant_id == tenant_id,
                LockoutLane.lane == lane,
                LockoutLane.told_at.is_(None) | (LockoutLane.told_at < now - again_after),
            )
            .values(told_at=now)
            .returning(LockoutLane.told_at)
        )
        is not None
    )


def release(db: Db, *, tenant_id: UUID, lane: bytes, stamp: datetime) -> None:
    """Take back a guess that was right, or that was never checked."""
    db.execute(
        update(LockoutLane)
        .where(LockoutLane.tenant_id == tenant_id, LockoutLane.lane == lane)
        .values(pending=func.stamps_without_one(LockoutLane.pending, stamp))
    )


def forget(db: Db, *, tenant_id: UUID, lane: bytes) -> bool:
    """Open a lane as if nothing had happened; ``False`` when there is nothing to open."""
    return (
        db.scalar(
            delete(LockoutLane)
            .where(LockoutLane.tenant_id == tenant_id, LockoutLane.lane == lane)
            .returning(LockoutLane.touched_at)
        )
        is not None
    )
