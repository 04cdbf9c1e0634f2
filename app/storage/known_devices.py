"""Browsers and clients that people have signed in with before. How they are learnt and rotated stands in ``hot``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, Inet, OfTenant


class KnownDevice(OfTenant, Base):
    __tablename__ = "known_devices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_known_devices_user",
        ),
        Index("ix_known_devices_digest", "tenant_id", "digest"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    cleared_until: Mapped[datetime | None]  # the owner has said by mail that a risky sign-in from here was theirs
    trusted_at: Mapped[datetime | None]
    trusted_until: Mapped[datetime | None]  # no second factor is asked for here until then
    trusted_ip: Mapped[str | None] = mapped_column(Inet)
    trusted_agent: Mapped[str] = mapped_column(server_default="")


def is_known(db: Db, *, tenant_id: UUID, digest: bytes) -> bool:
    """Whether anybody of this tenant has signed in with it: then its secret was made by us."""
    found = select(KnownDevice.user_id).where(KnownDevice.tenant_id == tenant_id, KnownDevice.digest == digest)
    return db.scalar(found.limit(1)) is not None


def clear(db: Db, *, tenant_id: UUID, user_id: UUID, digest: bytes, now: datetime, until: datetime) -> None:
    """The owner vouches for it until then; it is known from now on."""
    fresh = insert(KnownDevice).values(
        tenant_id=tenant_id,
        user_id=user_id,
        digest=digest,
        first_seen_at=now,
        last_seen_at=now,
        rotated_at=now,
        cleared_until=until,
    )
    db.execute(
        fresh.on_conflict_do_update(index_elements=["tenant_id", "user_id", "digest"], set_={"cleared_until": until})
    )


def forget_all(db: Db, *, tenant_id: UUID, user_id: UUID) -> int:
    """None of them is known any more; says how many were."""
    gone = db.scalars(
        delete(KnownDevice)
        .where(KnownDevice.tenant_id == tenant_id, KnownDevice.user_id == user_id)
        .returning(KnownDevice.digest)
    )
    return len(gone.all())


def trusted(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> list[KnownDevice]:
    """Where somebody is not asked for a second factor, newest first."""
    found = select(KnownDevice).where(
        KnownDevice.tenant_id == tenant_id, KnownDevice.user_id == user_id, KnownDevice.trusted_until > now
    )
    return list(db.scalars(found.order_by(KnownDevice.trusted_at.desc(), KnownDevice.id)))


def distrust(db: Db, *, tenant_id: UUID, user_id: UUID, device_id: UUID | None = None) -> int:
    """A second factor is asked for again: on one of somebody's devices, or on all. Says on how many."""
    lost = update(KnownDevice).where(
        KnownDevice.tenant_id == tenant_id, KnownDevice.user_id == user_id, KnownDevice.trusted_until.is_not(None)
    )
    if device_id:
        lost = lost.where(KnownDevice.id == device_id)
    gone = lost.values(trusted_at=None, trusted_until=None, trusted_ip=None, trusted_agent="")
    return len(db.scalars(gone.returning(KnownDevice.id)).all())
