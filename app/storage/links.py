"""Requests for a mailed link, and the one-time tokens that the worker mints for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId


class LinkRequest(HasId, Base):
    __tablename__ = "link_requests"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),)

    purpose: Mapped[str]
    email: Mapped[str]
    registration: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class OneTimeToken(HasId, Base):
    __tablename__ = "one_time_tokens"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_one_time_tokens_secret_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_one_time_tokens_user",
        ),
        Index("ix_one_time_tokens_open", "tenant_id", "user_id", "purpose", postgresql_where=text("spent_at IS NULL")),
    )

    user_id: Mapped[UUID]
    purpose: Mapped[str]
    secret_digest: Mapped[bytes]
    challenge_digest: Mapped[bytes | None]
    sent_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


def ask(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    purpose: str,
    email: str,
    registration: bool,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Write down that somebody asked for a link to an address, known or not."""
    db.add(
        LinkRequest(
            tenant_id=tenant_id,
            id=new_id,
            purpose=purpose,
            email=email,
            registration=registration,
            created_at=now,
            expires_at=expires_at,
        )
    )


def asked(db: Db, *, tenant_id: UUID, request_id: UUID) -> LinkRequest | None:
    return db.scalar(select(LinkRequest).where(LinkRequest.tenant_id == tenant_id, LinkRequest.id == request_id))


def mint(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    user_id: UUID,
    purpose: str,
    secret_digest: bytes,
    challenge_digest: bytes | None,
    sent_to: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Add a token. Those before it, for the same person and purpose, die: only the newest link works."""
    void(db, tenant_id=tenant_id, user_id=user_id, purpose=purpose, now=now)
    db.add(
        OneTimeToken(
            tenant_id=tenant_id,
            id=new_id,
            user_id=user_id,
            purpose=purpose,
            secret_digest=secret_digest,
            challenge_digest=challenge_digest,
            sent_to=sent_to,
            created_at=now,
            expires_at=expires_at,
        )
    )


def void(db: Db, *, tenant_id: UUID, user_id: UUID, purpose: str, now: datetime) -> None:
    """Every open token of this purpose dies."""
    db.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.spent_at.is_(None),
        )
        .values(spent_at=now)
    )


def peek(db: Db, *, tenant_id: UUID, purpose: str, secret_digest: bytes, now: datetime) -> OneTimeToken | None:
    """The token, if it could be spent now. Looking does not spend it."""
    return db.scalar(
        select(OneTimeToken).where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.secret_digest == secret_digest,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
    )


def spend(db: Db, *, tenant_id: UUID, purpose: str, secret_digest: bytes, now: datetime) -> OneTimeToken | None:
    """Spend the token: of many who try at once, one gets it."""
    return db.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.secret_digest == secret_digest,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(spent_at=now)
        .returning(OneTimeToken)
    )
