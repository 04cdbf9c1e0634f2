"""Wrong codes of each account, of whichever kind, wherever they were typed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, delete, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class CodeGuesses(OfTenant, Base):
    __tablename__ = "code_guesses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_code_guesses_user"
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    recent: Mapped[list[datetime]] = mapped_column(server_default="{}")
    in_a_row: Mapped[int] = mapped_column(server_default="0")
    locks: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]


# Counted as wrong before it is looked at, so that parallel guesses cannot beat the counter; a right one forgets them
# all. The last of those that are allowed locks: it is still looked at, and nothing after it is.
_BEGIN = text("""
    INSERT INTO code_guesses AS g (tenant_id, user_id, recent, in_a_row, touched_at)
    VALUES (:tenant_id, :user_id, ARRAY[CAST(:now AS timestamptz)], 1, :now)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET
        recent = CASE WHEN cardinality(stamps_since(g.recent, CAST(:since AS timestamptz))) + 1 < :attempts
            THEN stamps_since(g.recent, CAST(:since AS timestamptz)) || CAST(:now AS timestamptz) ELSE '{}' END,
        locks = g.locks + CASE WHEN cardinality(stamps_since(g.recent, CAST(:since AS timestamptz))) + 1 < :attempts
            THEN 0 ELSE 1 END,
        locked_until = CASE WHEN cardinality(stamps_since(g.recent, CAST(:since AS timestamptz))) + 1 < :attempts
            THEN NULL ELSE CAST(:now AS timestamptz)
                + least(CAST(:lock AS interval) * power(2, least(g.locks, 20)), CAST(:longest AS interval)) END,
        in_a_row = g.in_a_row + 1,
        touched_at = :now
    WHERE (g.locked_until IS NULL OR g.locked_until <= CAST(:now AS timestamptz))
        AND (g.in_a_row < :most OR CAST(:recovery AS boolean))
    RETURNING g.user_id
""")


def begin(
    db: Db,
    *,
    tenant_id: UUID,
    user_id: UUID,
    now: datetime,
    attempts: int,
    window: timedelta,
    lock: timedelta,
    longest: timedelta,
    most: int,
    recovery: bool,
) -> bool:
    """Count one guess. ``False``: it may not be looked at.

    ``most`` in a row shut the account to all guesses but those of ``recovery``.
    """
    counted = db.scalar(
        _BEGIN,
        {
            "tenant_id": tenant_id,
            "user_id": user_id,
            "now": now,
            "since": now - window,
            "attempts": attempts,
            "lock": lock,
            "longest": longest,
            "most": most,
            "recovery": recovery,
        },
    )
    return counted is not None


def told(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, again_after: timedelta) -> bool:
    """Whether the owner is to be told now: not when they were told lately."""
    return (
        db.scalar(
            update(CodeGuesses)
            .where(
                CodeGuesses.tenant_id == tenant_id,
                CodeGuesses.user_id == user_id,
                or_(CodeGuesses.told_at.is_(None), CodeGuesses.told_at <= now - again_after),
            )
            .values(told_at=now)
            .returning(CodeGuesses.user_id)
        )
        is not None
    )


def find(db: Db, *, tenant_id: UUID, user_id: UUID) -> CodeGuesses | None:
    return db.scalar(select(CodeGuesses).where(CodeGuesses.tenant_id == tenant_id, CodeGuesses.user_id == user_id))


def forget(db: Db, *, tenant_id: UUID, user_id: UUID) -> bool:
    """A right code, or a recovery: nothing counts any more. ``False`` where nothing did."""
    gone = db.scalar(
        delete(CodeGuesses)
        .where(CodeGuesses.tenant_id == tenant_id, CodeGuesses.user_id == user_id)
        .returning(CodeGuesses.user_id)
    )
    return gone is not None
