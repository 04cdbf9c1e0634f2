"""What applications ask for beforehand (RFC 9126), until somebody signs in for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, delete
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId


class PushedRequest(HasId, Base):
    __tablename__ = "pushed_requests"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_pushed_requests_secret_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_pushed_requests_application",
        ),
        Index("ix_pushed_requests_application", "tenant_id", "application_id"),
    )

    application_id: Mapped[UUID]
    secret_digest: Mapped[bytes]
    request: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    secret_digest: bytes,
    request: dict[str, Any],
    now: datetime,
    expires_at: datetime,
) -> None:
    db.add(
        PushedRequest(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            secret_digest=secret_digest,
            request=request,
            created_at=now,
            expires_at=expires_at,
        )
    )


def take(
    db: Db, *, tenant_id: UUID, application_id: UUID, secret_digest: bytes, now: datetime
) -> dict[str, Any] | None:
    """The request that this application has pushed; it can be taken once."""
    return db.scalar(
        delete(PushedRequest)
        .where(
            PushedRequest.tenant_id == tenant_id,
            PushedRequest.application_id == application_id,
            PushedRequest.secret_digest == secret_digest,
            PushedRequest.expires_at > now,
        )
        .returning(PushedRequest.request)
    )
