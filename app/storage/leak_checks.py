"""Passwords that are still to be looked up among those that have leaked: their SHA-1, encrypted, for a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant
from app.storage.users import User


class LeakCheck(OfTenant, Base):
    __tablename__ = "leak_checks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_leak_checks_user",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha1_encrypted: Mapped[bytes]
    password_changed_at: Mapped[datetime]  # which of their passwords it is
    expires_at: Mapped[datetime]


def put(db: Db, *, tenant_id: UUID, user_id: UUID, sha1_encrypted: bytes, expires_at: datetime) -> None:
    """Have the password that they have now looked up; instead of any before it. An unknown id changes nothing."""
    current = select(
        User.tenant_id,
        User.id,
        literal(sha1_encrypted),
        User.password_changed_at,
        literal(expires_at, DateTime(timezone=True)),
    ).where(User.tenant_id == tenant_id, User.id == user_id, User.password_changed_at.is_not(None))
    columns = ["tenant_id", "user_id", "sha1_encrypted", "password_changed_at", "expires_at"]
    fresh = insert(LeakCheck).from_select(columns, current)
    db.execute(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "user_id"], set_={name: fresh.excluded[name] for name in columns[2:]}
        )
    )


def waiting(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> LeakCheck | None:
    return db.scalar(
        select(LeakCheck).where(
            LeakCheck.tenant_id == tenant_id, LeakCheck.user_id == user_id, LeakCheck.expires_at > now
        )
    )


def remove(db: Db, *, tenant_id: UUID, user_id: UUID, password_changed_at: datetime | None = None) -> None:
    """Nothing is to be looked up any more; with ``password_changed_at``, only if it was that password."""
    removal = delete(LeakCheck).where(LeakCheck.tenant_id == tenant_id, LeakCheck.user_id == user_id)
    if password_changed_at:
        removal = removal.where(LeakCheck.password_changed_at == password_changed_at)
    db.execute(removal)
