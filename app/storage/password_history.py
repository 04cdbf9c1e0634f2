"""Hashes of the passwords that people had before, so that they are not chosen again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, delete, insert, literal, select
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId
from app.storage.users import User


class FormerPassword(HasId, Base):
    __tablename__ = "password_history"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_password_history_user",
        ),
        Index("ix_password_history_user", "tenant_id", "user_id", "replaced_at"),
    )

    user_id: Mapped[UUID]
    password_hash: Mapped[str]
    replaced_at: Mapped[datetime]


def newest(db: Db, *, tenant_id: UUID, user_id: UUID, most: int) -> list[str]:
    """The hashes of the passwords that were replaced last, newest first."""
    return list(
        db.scalars(
            select(FormerPassword.password_hash)
            .where(FormerPassword.tenant_id == tenant_id, FormerPassword.user_id == user_id)
            .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
            .limit(most)
        )
    )


def add_current(db: Db, *, tenant_id: UUID, new_id: UUID, user_id: UUID, now: datetime) -> None:
    """Remember the password that is about to be replaced, if there is one."""
    current = select(
        User.tenant_id, literal(new_id), User.id, User.password_hash, literal(now, DateTime(timezone=True))
    ).where(User.tenant_id == tenant_id, User.id == user_id, User.password_hash.is_not(None))
    columns = ["tenant_id", "id", "user_id", "password_hash", "replaced_at"]
    db.execute(insert(FormerPassword).from_select(columns, current))


def trim(db: Db, *, tenant_id: UUID, user_id: UUID, keep: int) -> None:
    """Forget all but the newest ``keep``."""
    theirs = (FormerPassword.tenant_id == tenant_id) & (FormerPassword.user_id == user_id)
    oldest = (
        select(FormerPassword.id)
        .where(theirs)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
        .offset(keep)
    )
    db.execute(delete(FormerPassword).where(theirs, FormerPassword.id.in_(oldest)))
