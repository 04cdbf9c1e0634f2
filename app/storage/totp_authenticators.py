"""Apps that show codes (RFC 6238): enrolled, confirmed, and each step of theirs accepted once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, case, delete, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId


class TotpAuthenticator(HasId, Base):
    __tablename__ = "totp_authenticators"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_totp_authenticators_user",
        ),
        Index("ix_totp_authenticators_user", "tenant_id", "user_id"),
        Index(
            "uq_totp_authenticators_open",
            "tenant_id",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL"),
        ),
    )

    user_id: Mapped[UUID]
    name: Mapped[str]
    secret_encrypted: Mapped[bytes]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_used_at: Mapped[datetime | None]


def add(
    db: Db, *, tenant_id: UUID, new_id: UUID, user_id: UUID, name: str, secret_encrypted: bytes, now: datetime
) -> None:
    """Begin an enrolment; one that was never confirmed makes way. The caller holds the person's row."""
    db.execute(
        delete(TotpAuthenticator).where(
            TotpAuthenticator.tenant_id == tenant_id,
            TotpAuthenticator.user_id == user_id,
            TotpAuthenticator.confirmed_at.is_(None),
        )
    )
    db.add(
        TotpAuthenticator(
            tenant_id=tenant_id,
            id=new_id,
            user_id=user_id,
            name=name,
            secret_encrypted=secret_encrypted,
            created_at=now,
        )
    )


def of_user(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[TotpAuthenticator]:
    """Somebody's apps, those being enrolled among them, oldest first."""
    found = select(TotpAuthenticator).where(
        TotpAuthenticator.tenant_id == tenant_id, TotpAuthenticator.user_id == user_id
    )
    return list(db.scalars(found.order_by(TotpAuthenticator.created_at, TotpAuthenticator.id)))


def confirm(
    db: Db, *, tenant_id: UUID, user_id: UUID, totp_id: UUID, step: int, now: datetime
) -> TotpAuthenticator | None:
    """The first code was right: the app counts from now on, and that code never again. One of many gets it."""
    return db.scalar(
        update(TotpAuthenticator)
        .where(
            TotpAuthenticator.tenant_id == tenant_id,
            TotpAuthenticator.user_id == user_id,
            TotpAuthenticator.id == totp_id,
            TotpAuthenticator.confirmed_at.is_(None),
        )
        .values(confirmed_at=now, last_used_at=now, last_step=step)
        .returning(TotpAuthenticator)
    )


def spend(
    db: Db, *, tenant_id: UUID, user_id: UUID, steps: Mapping[UUID, int], now: datetime
) -> TotpAuthenticator | None:
    """Accept the step that each of these apps was right about; of many who try at once, one gets it."""
    if not steps:
        return None
    step = case(*((TotpAuthenticator.id == one, number) for one, number in steps.items()), else_=0)
    return db.scalars(
        update(TotpAuthenticator)
        .where(
            TotpAuthenticator.tenant_id == tenant_id,
            TotpAuthenticator.user_id == user_id,
            TotpAuthenticator.confirmed_at.is_not(None),
            TotpAuthenticator.last_step < step,
        )
        .values(last_step=step, last_used_at=now)
        .returning(TotpAuthenticator)
    ).first()


def rename(db: Db, *, tenant_id: UUID, user_id: UUID, totp_id: UUID, name: str) -> TotpAuthenticator | None:
    return db.scalar(
        update(TotpAuthenticator)
        .where(
            TotpAuthenticator.tenant_id == tenant_id,
            TotpAuthenticator.user_id == user_id,
            TotpAuthenticator.id == totp_id,
            TotpAuthenticator.confirmed_at.is_not(None),
        )
        .values(name=name)
        .returning(TotpAuthenticator)
    )


def remove(db: Db, *, tenant_id: UUID, user_id: UUID, totp_id: UUID | None = None) -> list[TotpAuthenticator]:
    """Remove one of somebody's apps, or all of them. Returns what went."""
    going = delete(TotpAuthenticator).where(
        TotpAuthenticator.tenant_id == tenant_id, TotpAuthenticator.user_id == user_id
    )
    if totp_id:
        going = going.where(TotpAuthenticator.id == totp_id)
    return list(db.scalars(going.returning(TotpAuthenticator)))
