"""Taking somebody's second factors away: started by an administrator, after a delay in which the owner can say no."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId
from app.storage.tenants import Tenant

_OPEN = "cancelled_at IS NULL AND done_at IS NULL"


class FactorReset(HasId, Base):
    __tablename__ = "factor_resets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_factor_resets_user"
        ),
        Index("uq_factor_resets_open", "tenant_id", "user_id", unique=True, postgresql_where=text(_OPEN)),
        Index("ix_factor_resets_due", "takes_effect_at", postgresql_where=text(_OPEN)),
    )

    user_id: Mapped[UUID]
    started_by: Mapped[UUID | None]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    takes_effect_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


def start(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    user_id: UUID,
    started_by: UUID | None,
    reason: str,
    now: datetime,
    takes_effect_at: datetime,
) -> FactorReset | None:
    """Start a reset, or return ``None`` where one is under way."""
    return db.scalar(
        insert(FactorReset)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            user_id=user_id,
            started_by=started_by,
            reason=reason,
            started_at=now,
            takes_effect_at=takes_effect_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "user_id"], index_where=text(_OPEN))
        .returning(FactorReset)
    )


def open_of(db: Db, *, tenant_id: UUID, user_id: UUID) -> FactorReset | None:
    """The reset that is under way, or ``None``."""
    return db.scalar(
        select(FactorReset).where(
            FactorReset.tenant_id == tenant_id,
            FactorReset.user_id == user_id,
            FactorReset.cancelled_at.is_(None),
            FactorReset.done_at.is_(None),
        )
    )


def by_id(db: Db, *, tenant_id: UUID, reset_id: UUID) -> FactorReset | None:
    return db.scalar(select(FactorReset).where(FactorReset.tenant_id == tenant_id, FactorReset.id == reset_id))


def cancel(db: Db, *, tenant_id: UUID, reset_id: UUID, by: UUID | None, now: datetime) -> FactorReset | None:
    """Call it off; ``None`` when that is too late, or was done already."""
    return db.scalar(
        update(FactorReset)
        .where(
            FactorReset.tenant_id == tenant_id,
            FactorReset.id == reset_id,
            FactorReset.cancelled_at.is_(None),
            FactorReset.done_at.is_(None),
        )
        .values(cancelled_at=now, cancelled_by=by)
        .returning(FactorReset)
    )


def finish(db: Db, *, tenant_id: UUID, reset_id: UUID, now: datetime) -> FactorReset | None:
    """It takes effect, once: ``None`` where it was called off, has been done, or is not due."""
    return db.scalar(
        update(FactorReset)
        .where(
            FactorReset.tenant_id == tenant_id,
            FactorReset.id == reset_id,
            FactorReset.cancelled_at.is_(None),
            FactorReset.done_at.is_(None),
            FactorReset.takes_effect_at <= now,
        )
        .values(done_at=now)
        .returning(FactorReset)
    )


def due_unscoped(db: Db, *, now: datetime, most: int = 100) -> list[tuple[UUID, UUID]]:
    """Tenant and id of resets whose time has come, the longest due first. Those of paused tenants wait."""
    due = (
        select(FactorReset.tenant_id, FactorReset.id)
        .join(Tenant, Tenant.id == FactorReset.tenant_id)
        .where(
            FactorReset.cancelled_at.is_(None),
            FactorReset.done_at.is_(None),
            FactorReset.takes_effect_at <= now,
            Tenant.suspended_at.is_(None),
        )
        .order_by(FactorReset.takes_effect_at)
        .limit(most)
    )
    return [(row.tenant_id, row.id) for row in db.execute(due)]
