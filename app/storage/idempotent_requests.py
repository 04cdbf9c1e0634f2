"""Requests that carry a key of the client's: claimed, carried out, answered; or released, to be sent again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKeyConstraint, Index, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class IdempotentRequest(OfTenant, Base):
    __tablename__ = "idempotent_requests"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_idempotent_requests_user",
        ),
        CheckConstraint("num_nulls(answered_at, status, body_encrypted) IN (0, 3)", name="answer"),
        Index("ix_idempotent_requests_user", "tenant_id", "user_id"),
        Index("ix_idempotent_requests_expires_at", "expires_at"),
    )

    name_digest: Mapped[bytes] = mapped_column(primary_key=True)  # who asked, under which key
    claim_id: Mapped[UUID]  # the attempt that carries it out
    user_id: Mapped[UUID | None]
    fingerprint: Mapped[bytes]
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    carried_out_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    location: Mapped[str | None]
    body_encrypted: Mapped[bytes | None]
    withheld: Mapped[list[str]] = mapped_column(server_default="{}")


def claim(
    db: Db,
    *,
    tenant_id: UUID,
    name_digest: bytes,
    claim_id: UUID,
    user_id: UUID | None,
    fingerprints: Sequence[bytes],
    now: datetime,
    given_up_before: datetime,
    expires_at: datetime,
) -> bool:
    """Whether this attempt may carry it out: nobody has before, or has and left nothing.

    What has expired is free, and so is what was claimed ``given_up_before`` without anything having come of it, for the
    same request. ``fingerprints``: what the request looks like under each of our keys, the newest first.
    """
    fresh: dict[str, Any] = {
        "claim_id": claim_id,
        "user_id": user_id,
        "fingerprint": fingerprints[0],
        "claimed_at": now,
        "expires_at": expires_at,
        "carried_out_at": None,
        "answered_at": None,
        "status": None,
        "location": None,
        "body_encrypted": None,
        "withheld": [],
    }
    of = IdempotentRequest
    given_up = of.carried_out_at.is_(None) & of.answered_at.is_(None) & (of.claimed_at <= given_up_before)
    claimed = db.scalar(
        insert(of)
        .values(tenant_id=tenant_id, name_digest=name_digest, **fresh)
        .on_conflict_do_update(
            index_elements=["tenant_id", "name_digest"],
            set_=fresh,
            where=(of.expires_at <= now) | (given_up & of.fingerprint.in_(fingerprints)),
        )
        .returning(of.claim_id)
    )
    return claimed is not None


def find(db: Db, *, tenant_id: UUID, name_digest: bytes) -> IdempotentRequest | None:
    return db.scalar(
        select(IdempotentRequest).where(
            IdempotentRequest.tenant_id == tenant_id, IdempotentRequest.name_digest == name_digest
        )
    )


def carry_out(db: Db, *, tenant_id: UUID, name_digest: bytes, claim_id: UUID, now: datetime) -> bool:
    """It is carried out in this transaction. ``False`` where another attempt has taken it over."""
    marked = db.scalar(
        update(IdempotentRequest)
        .where(*_held(tenant_id, name_digest, claim_id))
        .values(carried_out_at=now)
        .returning(IdempotentRequest.claim_id)
        .execution_options(synchronize_session=False)
    )
    return marked is not None


def keep(
    db: Db,
    *,
    tenant_id: UUID,
    name_digest: bytes,
    claim_id: UUID,
    status: int,
    location: str | None,
    body_encrypted: bytes,
    withheld: Sequence[str],
    now: datetime,
) -> None:
    """What was answered, for whoever sends it again. ``withheld``: the members that were taken out of it."""
    db.execute(
        update(IdempotentRequest)
        .where(*_held(tenant_id, name_digest, claim_id))
        .values(
            answered_at=now,
            status=status,
            location=location,
            body_encrypted=body_encrypted,
            withheld=list(withheld),
        )
        .execution_options(synchronize_session=False)
    )


def release(db: Db, *, tenant_id: UUID, name_digest: bytes, claim_id: UUID, if_nothing_came_of_it: bool) -> None:
    """The key is free again. ``if_nothing_came_of_it``: not where a transaction of this attempt has been committed."""
    held = _held(tenant_id, name_digest, claim_id)
    if if_nothing_came_of_it:
        held.append(IdempotentRequest.carried_out_at.is_(None))
    db.execute(delete(IdempotentRequest).where(*held).execution_options(synchronize_session=False))


def _held(tenant_id: UUID, name_digest: bytes, claim_id: UUID) -> list[ColumnElement[bool]]:
    return [
        IdempotentRequest.tenant_id == tenant_id,
        IdempotentRequest.name_digest == name_digest,
        IdempotentRequest.claim_id == claim_id,
    ]
