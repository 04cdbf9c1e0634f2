"""A tenant's keys for access tokens, encrypted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId


class SigningKey(HasId, Base):
    __tablename__ = "signing_keys"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        CheckConstraint("state IN ('active', 'retiring')", name="state"),
        Index(
            "uq_signing_keys_active",
            "tenant_id",
            "algorithm",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
    )

    algorithm: Mapped[str]
    state: Mapped[str]
    secret_encrypted: Mapped[bytes]
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]


def usable(db: Db, *, tenant_id: UUID, now: datetime) -> list[SigningKey]:
    """The keys that a token may name today, the active one first."""
    return list(
        db.scalars(
            select(SigningKey)
            .where(SigningKey.tenant_id == tenant_id, or_(SigningKey.state == "active", SigningKey.retires_at > now))
            .order_by(SigningKey.state, SigningKey.created_at.desc())
        )
    )


def lock(db: Db, *, tenant_id: UUID) -> None:
    """One rotation at a time: until this transaction ends."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"signing_keys:{tenant_id}", 0))))


def retire_active(db: Db, *, tenant_id: UUID, algorithm: str, retires_at: datetime) -> None:
    """The active key signs no more; it verifies until ``retires_at``."""
    db.execute(
        update(SigningKey)
        .where(SigningKey.tenant_id == tenant_id, SigningKey.algorithm == algorithm, SigningKey.state == "active")
        .values(state="retiring", retires_at=retires_at)
    )


def add_active(
    db: Db, *, tenant_id: UUID, new_id: UUID, algorithm: str, secret_encrypted: bytes, now: datetime
) -> SigningKey | None:
    """Add the active key, or return ``None`` when there is one already."""
    return db.scalar(
        insert(SigningKey)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            algorithm=algorithm,
            state="active",
            secret_encrypted=secret_encrypted,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "algorithm"], index_where=text("state = 'active'"))
        .returning(SigningKey)
    )
