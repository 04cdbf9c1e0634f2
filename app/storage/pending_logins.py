"""What a browser holds until the gate makes a session: an opaque id that opens nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, cast, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId


class PendingLogin(HasId, Base):
    __tablename__ = "pending_logins"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "secret_digest", name="uq_pending_logins_secret_digest"),
    )

    secret_digest: Mapped[bytes]
    email: Mapped[str]
    step: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    proof: Mapped[dict[str, Any] | None]
    flow_id: Mapped[UUID | None]  # the application's sign-in that it belongs to


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    secret_digest: bytes,
    email: str,
    step: str,
    user_id: UUID | None,
    proof: dict[str, Any] | None,
    flow_id: UUID | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    db.add(
        PendingLogin(
            tenant_id=tenant_id,
            id=new_id,
            secret_digest=secret_digest,
            email=email,
            step=step,
            user_id=user_id,
            proof=proof,
            flow_id=flow_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


def by_secret(db: Db, *, tenant_id: UUID, secret_digest: bytes, now: datetime) -> PendingLogin | None:
    return db.scalar(
        select(PendingLogin).where(
            PendingLogin.tenant_id == tenant_id,
            PendingLogin.secret_digest == secret_digest,
            PendingLogin.expires_at > now,
        )
    )


def by_id(db: Db, *, tenant_id: UUID, pending_id: UUID, now: datetime) -> PendingLogin | None:
    return db.scalar(
        select(PendingLogin).where(
            PendingLogin.tenant_id == tenant_id, PendingLogin.id == pending_id, PendingLogin.expires_at > now
        )
    )


def hold(db: Db, *, tenant_id: UUID, secret_digest: bytes) -> bool:
    """Keep everybody else from it until this transaction ends; ``False`` where it is gone."""
    found = select(PendingLogin.id).where(
        PendingLogin.tenant_id == tenant_id, PendingLogin.secret_digest == secret_digest
    )
    return db.scalar(found.with_for_update()) is not None


def note(db: Db, *, tenant_id: UUID, secret_digest: bytes, fact: dict[str, Any]) -> None:
    """Remember something more of it."""
    db.execute(
        update(PendingLogin)
        .where(PendingLogin.tenant_id == tenant_id, PendingLogin.secret_digest == secret_digest)
        .values(proof=PendingLogin.proof.op("||")(cast(fact, JSONB)))
    )


def remove(db: Db, *, tenant_id: UUID, secret_digest: bytes) -> bool:
    """Forget it; of many who try at once, one gets ``True``."""
    return (
        db.scalar(
            delete(PendingLogin)
            .where(PendingLogin.tenant_id == tenant_id, PendingLogin.secret_digest == secret_digest)
            .returning(PendingLogin.id)
        )
        is not None
    )
