"""Exports of what we hold on a person: asked for, built by the worker, kept encrypted for a few days."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, select, update
from sqlalchemy.orm import Mapped, defer

from app.storage.base import Base, Db, HasId


class DataExport(HasId, Base):
    __tablename__ = "data_exports"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_data_exports_user"
        ),
        Index("ix_data_exports_user", "tenant_id", "user_id", "asked_at"),
    )

    user_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    content_encrypted: Mapped[bytes | None]


def add(db: Db, *, tenant_id: UUID, new_id: UUID, user_id: UUID, now: datetime, expires_at: datetime) -> DataExport:
    export = DataExport(
        tenant_id=tenant_id,
        id=new_id,
        user_id=user_id,
        asked_at=now,
        ready_at=None,
        expires_at=expires_at,
        content_encrypted=None,
    )
    db.add(export)
    return export


def of_person(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> list[DataExport]:
    """A person's exports that have not expired, newest first, without their content."""
    return list(
        db.scalars(
            select(DataExport)
            .options(defer(DataExport.content_encrypted, raiseload=True))
            .where(DataExport.tenant_id == tenant_id, DataExport.user_id == user_id, DataExport.expires_at > now)
            .order_by(DataExport.asked_at.desc(), DataExport.id.desc())
        )
    )


def by_id(db: Db, *, tenant_id: UUID, export_id: UUID, now: datetime) -> DataExport | None:
    """An export that has not expired, with its content, if it has one yet. Whose it is the caller has to ask."""
    return db.scalar(
        select(DataExport).where(
            DataExport.tenant_id == tenant_id, DataExport.id == export_id, DataExport.expires_at > now
        )
    )


def finish(
    db: Db, *, tenant_id: UUID, export_id: UUID, content_encrypted: bytes, now: datetime, expires_at: datetime
) -> DataExport | None:
    """The export is ready; ``None`` when it was so already, or has gone."""
    return db.scalar(
        update(DataExport)
        .where(DataExport.tenant_id == tenant_id, DataExport.id == export_id, DataExport.ready_at.is_(None))
        .values(content_encrypted=content_encrypted, ready_at=now, expires_at=expires_at)
        .returning(DataExport)
    )
