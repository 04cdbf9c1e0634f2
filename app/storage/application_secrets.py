"""What confidential relying apps are known by: digests, each with an end and with when it was last shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, delete, func, select, update
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId


class ApplicationSecret(HasId, Base):
    __tablename__ = "application_secrets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_secrets_application",
        ),
        Index("ix_application_secrets_application", "tenant_id", "application_id"),
    )

    application_id: Mapped[UUID]
    secret_digest: Mapped[bytes]
    hint: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


def of_application(db: Db, *, tenant_id: UUID, application_id: UUID) -> list[ApplicationSecret]:
    """What it is known by, oldest first, also what has expired."""
    return list(
        db.scalars(
            select(ApplicationSecret)
            .where(ApplicationSecret.tenant_id == tenant_id, ApplicationSecret.application_id == application_id)
            .order_by(ApplicationSecret.created_at, ApplicationSecret.id)
        )
    )


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    secret_digest: bytes,
    hint: str,
    now: datetime,
) -> None:
    db.add(
        ApplicationSecret(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            secret_digest=secret_digest,
            hint=hint,
            created_at=now,
        )
    )


def end(
    db: Db, *, tenant_id: UUID, application_id: UUID, secret_id: UUID, expires_at: datetime
) -> ApplicationSecret | None:
    """It counts until then, and no longer than it did."""
    return db.scalar(
        update(ApplicationSecret)
        .where(
            ApplicationSecret.tenant_id == tenant_id,
            ApplicationSecret.application_id == application_id,
            ApplicationSecret.id == secret_id,
        )
        .values(expires_at=func.least(ApplicationSecret.expires_at, expires_at))
        .returning(ApplicationSecret)
    )


def remove(db: Db, *, tenant_id: UUID, application_id: UUID, secret_id: UUID) -> bool:
    gone = db.scalar(
        delete(ApplicationSecret)
        .where(
            ApplicationSecret.tenant_id == tenant_id,
            ApplicationSecret.application_id == application_id,
            ApplicationSecret.id == secret_id,
        )
        .returning(ApplicationSecret.id)
    )
    return gone is not None


def note_use(db: Db, *, tenant_id: UUID, secret_id: UUID, now: datetime) -> None:
    """A client has shown this secret."""
    db.execute(
        update(ApplicationSecret)
        .where(ApplicationSecret.tenant_id == tenant_id, ApplicationSecret.id == secret_id)
        .values(last_used_at=now)
    )
