"""A tenant's keys for access tokens, encrypted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, case, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, aliased

from app.storage.base import Base, Db, HasId


class SigningKey(HasId, Base):
    __tablename__ = "signing_keys"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        CheckConstraint("state IN ('next', 'active', 'retiring')", name="state"),
        Index(
            "uq_signing_keys_active",
            "tenant_id",
            "algorithm",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "uq_signing_keys_next",
            "tenant_id",
            "algorithm",
            unique=True,
            postgresql_where=text("state = 'next'"),
        ),
    )

    algorithm: Mapped[str]
    state: Mapped[str]
    secret_encrypted: Mapped[bytes]
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]
    public_jwk: Mapped[dict[str, Any] | None]


def usable(db: Db, *, tenant_id: UUID, algorithms: Sequence[str], now: datetime) -> list[SigningKey]:
    """The keys that a token may name today, or tomorrow: the active one of each algorithm first, then the next one."""
    order = case((SigningKey.state == "active", 0), (SigningKey.state == "next", 1), else_=2)
    return list(
        db.scalars(
            select(SigningKey)
            .where(
                SigningKey.tenant_id == tenant_id,
                SigningKey.algorithm.in_(algorithms),
                or_(SigningKey.state != "retiring", SigningKey.retires_at > now),
            )
            .order_by(order, SigningKey.created_at.desc())
        )
    )


def without_next_unscoped(db: Db, *, algorithms: Sequence[str]) -> list[tuple[UUID, str]]:
    """Tenants and algorithms with a key that signs, and none that is to come after it."""
    following = aliased(SigningKey)
    followed = (
        select(literal(1))
        .where(
            following.tenant_id == SigningKey.tenant_id,
            following.algorithm == SigningKey.algorithm,
            following.state == "next",
        )
        .exists()
    )
    found = select(SigningKey.tenant_id, SigningKey.algorithm).where(
        SigningKey.state == "active", SigningKey.algorithm.in_(algorithms), ~followed
    )
    return [(tenant_id, algorithm) for tenant_id, algorithm in db.execute(found)]


def lock(db: Db, *, tenant_id: UUID) -> None:
    """One change at a time: until this transaction ends."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"signing_keys:{tenant_id}", 0))))


def retire_active(db: Db, *, tenant_id: UUID, algorithm: str, retires_at: datetime) -> None:
    """The active key signs no more; it verifies until ``retires_at``."""
    db.execute(
        update(SigningKey)
        .where(SigningKey.tenant_id == tenant_id, SigningKey.algorithm == algorithm, SigningKey.state == "active")
        .values(state="retiring", retires_at=retires_at)
    )


def promote_next(db: Db, *, tenant_id: UUID, algorithm: str) -> UUID | None:
    """The key that has been published beforehand signs from now on. Returns its id."""
    return db.scalar(
        update(SigningKey)
        .where(SigningKey.tenant_id == tenant_id, SigningKey.algorithm == algorithm, SigningKey.state == "next")
        .values(state="active")
        .returning(SigningKey.id)
    )


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    algorithm: str,
    state: Literal["active", "next"],
    secret_encrypted: bytes,
    public_jwk: dict[str, Any] | None = None,
    now: datetime,
) -> SigningKey | None:
    """Add a key, or return ``None`` when there is one in that state already."""
    return db.scalar(
        insert(SigningKey)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            algorithm=algorithm,
            state=state,
            secret_encrypted=secret_encrypted,
            public_jwk=public_jwk,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "algorithm"], index_where=text(f"state = '{state}'"))
        .returning(SigningKey)
    )
