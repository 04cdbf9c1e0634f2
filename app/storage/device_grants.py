"""Sign-ins for devices that have no keyboard (RFC 8628): what the device holds, and what its person types elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, Inet


class DeviceGrant(HasId, Base):
    __tablename__ = "device_grants"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_device_grants_secret_digest"),
        UniqueConstraint("tenant_id", "user_code_digest", name="uq_device_grants_user_code_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_device_grants_application",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            ondelete="CASCADE",
            name="fk_device_grants_session",
        ),
        Index("ix_device_grants_application", "tenant_id", "application_id"),
        Index("ix_device_grants_session", "tenant_id", "session_id"),
    )

    application_id: Mapped[UUID]
    secret_digest: Mapped[bytes]
    user_code_digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    resources: Mapped[list[str]]
    ip: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    interval_s: Mapped[int]
    polled_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool] = mapped_column(server_default="false")
    session_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    auth_time: Mapped[datetime | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]
    spent_at: Mapped[datetime | None]


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    secret_digest: bytes,
    user_code_digest: bytes,
    scopes: Sequence[str],
    resources: Sequence[str],
    ip: str | None,
    user_agent: str,
    interval_s: int,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """``False`` where the user code is another's at the moment: take another one."""
    made = db.scalar(
        insert(DeviceGrant)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            secret_digest=secret_digest,
            user_code_digest=user_code_digest,
            scopes=list(scopes),
            resources=list(resources),
            ip=ip,
            user_agent=user_agent,
            interval_s=interval_s,
            created_at=now,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "user_code_digest"])
        .returning(DeviceGrant.id)
    )
    return made is not None


def claim(db: Db, *, tenant_id: UUID, user_code_digest: bytes, user_id: UUID, now: datetime) -> DeviceGrant | None:
    """The one that waits for this code to be typed, which is this person's from now on.

    ``None`` where nobody waits for it, somebody has decided upon it, or another person has typed it before.
    """
    return db.scalar(
        update(DeviceGrant)
        .where(
            *_waiting(tenant_id, now),
            DeviceGrant.user_code_digest == user_code_digest,
            DeviceGrant.user_id.is_(None) | (DeviceGrant.user_id == user_id),
        )
        .values(user_id=user_id)
        .returning(DeviceGrant)
    )


def claimed(db: Db, *, tenant_id: UUID, grant_id: UUID, user_id: UUID, now: datetime) -> DeviceGrant | None:
    """The one whose code this person has typed, as long as it waits for their decision."""
    found = select(DeviceGrant).where(*_waiting(tenant_id, now), DeviceGrant.id == grant_id)
    return db.scalar(found.where(DeviceGrant.user_id == user_id))


def decide(
    db: Db,
    *,
    tenant_id: UUID,
    grant_id: UUID,
    approved: bool,
    session_id: UUID,
    user_id: UUID,
    auth_time: datetime,
    acr: str,
    amr: Sequence[str],
    now: datetime,
) -> DeviceGrant | None:
    """Allow or refuse it, once, by who has typed its code; ``None`` where somebody has, or it has expired."""
    return db.scalar(
        update(DeviceGrant)
        .where(*_waiting(tenant_id, now), DeviceGrant.id == grant_id, DeviceGrant.user_id == user_id)
        .values(
            decided_at=now,
            approved=approved,
            session_id=session_id,
            auth_time=auth_time,
            acr=acr,
            amr=list(amr),
        )
        .returning(DeviceGrant)
    )


def hold(db: Db, *, tenant_id: UUID, application_id: UUID, secret_digest: bytes) -> DeviceGrant | None:
    """The one that this application's device holds, which nobody else changes until this transaction ends."""
    found = select(DeviceGrant).where(
        DeviceGrant.tenant_id == tenant_id,
        DeviceGrant.application_id == application_id,
        DeviceGrant.secret_digest == secret_digest,
    )
    return db.scalar(found.with_for_update().execution_options(populate_existing=True))


def polled(db: Db, *, tenant_id: UUID, grant_id: UUID, interval_s: int, now: datetime) -> None:
    """The device has asked, and is to wait so many seconds before it asks again."""
    db.execute(
        update(DeviceGrant)
        .where(DeviceGrant.tenant_id == tenant_id, DeviceGrant.id == grant_id)
        .values(polled_at=now, interval_s=interval_s)
    )


def spend(db: Db, *, tenant_id: UUID, grant_id: UUID, now: datetime) -> bool:
    """The device gets its tokens, once."""
    spent = db.scalar(
        update(DeviceGrant)
        .where(
            DeviceGrant.tenant_id == tenant_id,
            DeviceGrant.id == grant_id,
            DeviceGrant.approved,
            DeviceGrant.spent_at.is_(None),
            DeviceGrant.expires_at > now,
        )
        .values(spent_at=now)
        .returning(DeviceGrant.id)
    )
    return spent is not None


def void(db: Db, *, tenant_id: UUID, application_id: UUID, user_id: UUID | None, now: datetime) -> None:
    """No device that this person has allowed this application gets its tokens any more.

    If nobody is named, no device of the application does, nor is anybody asked about one.
    """
    voiding = update(DeviceGrant).where(
        DeviceGrant.tenant_id == tenant_id,
        DeviceGrant.application_id == application_id,
        DeviceGrant.spent_at.is_(None),
    )
    if user_id:
        voiding = voiding.where(DeviceGrant.user_id == user_id, DeviceGrant.approved)
    db.execute(voiding.values(spent_at=now))


def _waiting(tenant_id: UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those of a tenant that nobody has decided upon yet, and that were not taken back."""
    return (
        DeviceGrant.tenant_id == tenant_id,
        DeviceGrant.decided_at.is_(None),
        DeviceGrant.spent_at.is_(None),
        DeviceGrant.expires_at > now,
    )
