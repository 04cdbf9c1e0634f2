"""The pictures of relying apps, one each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class ApplicationLogo(OfTenant, Base):
    __tablename__ = "application_logos"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_logos_application",
        ),
    )

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    png: Mapped[bytes]
    updated_at: Mapped[datetime]


def find(db: Db, *, tenant_id: UUID, application_id: UUID) -> ApplicationLogo | None:
    return db.scalar(
        select(ApplicationLogo).where(
            ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id == application_id
        )
    )


def times(db: Db, *, tenant_id: UUID, application_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the pictures of these were put there; those that have none are left out."""
    found = db.execute(
        select(ApplicationLogo.application_id, ApplicationLogo.updated_at).where(
            ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id.in_(application_ids)
        )
    )
    return {row.application_id: row.updated_at for row in found}


def among(db: Db, *, tenant_id: UUID, application_ids: Collection[UUID]) -> set[UUID]:
    """Which of them have one."""
    found = select(ApplicationLogo.application_id).where(
        ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id.in_(application_ids)
    )
    return set(db.scalars(found)) if application_ids else set()


def put(db: Db, *, tenant_id: UUID, application_id: UUID, png: bytes, now: datetime) -> None:
    fresh = insert(ApplicationLogo).values(tenant_id=tenant_id, application_id=application_id, png=png, updated_at=now)
    db.execute(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "application_id"], set_={"png": png, "updated_at": now}
        )
    )


def remove(db: Db, *, tenant_id: UUID, application_id: UUID) -> bool:
    gone = db.scalar(
        delete(ApplicationLogo)
        .where(ApplicationLogo.tenant_id == tenant_id, ApplicationLogo.application_id == application_id)
        .returning(ApplicationLogo.application_id)
    )
    return gone is not None
