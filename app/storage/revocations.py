"""What was revoked while a token for it may still be about. Redis answers fast; this remembers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class Revocation(OfTenant, Base):
    __tablename__ = "revocations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        CheckConstraint("kind IN ('jti', 'sid', 'user', 'grant')", name="kind"),
        Index("ix_revocations_unpublished", "revoked_at", postgresql_where=text("published_at IS NULL")),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(primary_key=True)
    revoked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


def add(
    db: Db, *, tenant_id: UUID, kind: str, subjects: Sequence[UUID], revoked_at: datetime, expires_at: datetime
) -> None:
    """Remember revocations; a later one of the same subject replaces the earlier."""
    fresh = insert(Revocation)
    db.execute(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "kind", "subject"],
            set_={
                "revoked_at": fresh.excluded.revoked_at,
                "expires_at": fresh.excluded.expires_at,
                "published_at": None,
            },
        ),
        [
            {"tenant_id": tenant_id, "kind": kind, "subject": one, "revoked_at": revoked_at, "expires_at": expires_at}
            for one in subjects
        ],
    )


def among(db: Db, *, tenant_id: UUID, facts: Sequence[tuple[str, UUID]], now: datetime) -> list[Revocation]:
    """Those of ``facts`` (kind, subject) that are revoked."""
    return list(
        db.scalars(
            select(Revocation).where(
                Revocation.tenant_id == tenant_id,
                tuple_(Revocation.kind, Revocation.subject).in_(facts),
                Revocation.expires_at > now,
            )
        )
    )


def all_unscoped(db: Db, *, now: datetime) -> list[Revocation]:
    """Everything still worth remembering, of all tenants: to fill a Redis that has forgotten."""
    return list(db.scalars(select(Revocation).where(Revocation.expires_at > now)))


def unpublished_unscoped(db: Db, *, before: datetime) -> list[Revocation]:
    """Those that Redis has not confirmed, of all tenants."""
    return list(db.scalars(select(Revocation).where(Revocation.published_at.is_(None), Revocation.revoked_at < before)))


def published_unscoped(db: Db, *, facts: Sequence[tuple[UUID, str, UUID]], now: datetime) -> None:
    """Redis has them (tenant, kind, subject)."""
    db.execute(
        update(Revocation)
        .where(tuple_(Revocation.tenant_id, Revocation.kind, Revocation.subject).in_(facts))
        .values(published_at=now)
    )
