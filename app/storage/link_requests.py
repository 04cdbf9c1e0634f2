"""Requests for a mailed link: who asked, for which address, from where. One row for known and unknown alike."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, Inet


class LinkRequest(HasId, Base):
    __tablename__ = "link_requests"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),)

    purpose: Mapped[str]
    email: Mapped[str]
    registration: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    challenge_digest: Mapped[bytes | None]
    channel: Mapped[str] = mapped_column(server_default="page")
    ip: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str] = mapped_column(server_default="")


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    purpose: str,
    email: str,
    registration: bool,
    challenge_digest: bytes | None,
    channel: str,
    ip: str | None,
    user_agent: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Write down that somebody asked for a link to an address, known or not, and from where."""
    db.add(
        LinkRequest(
            tenant_id=tenant_id,
            id=new_id,
            purpose=purpose,
            email=email,
            registration=registration,
            challenge_digest=challenge_digest,
            channel=channel,
            ip=ip,
            user_agent=user_agent,
            created_at=now,
            expires_at=expires_at,
        )
    )


def by_id(db: Db, *, tenant_id: UUID, request_id: UUID) -> LinkRequest | None:
    return db.scalar(select(LinkRequest).where(LinkRequest.tenant_id == tenant_id, LinkRequest.id == request_id))
