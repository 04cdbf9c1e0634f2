"""Backup codes: one set for each person, and each code of it once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, delete, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant


class BackupCodeSet(OfTenant, Base):
    __tablename__ = "backup_code_sets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_backup_code_sets_user",
        ),
        Index("ix_backup_code_sets_shown", "made_at", postgresql_where=text("codes_encrypted IS NOT NULL")),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    recipe: Mapped[bytes]  # salt and parameters
    codes_encrypted: Mapped[bytes | None]
    made_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]


class BackupCode(OfTenant, Base):
    __tablename__ = "backup_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["backup_code_sets.tenant_id", "backup_code_sets.user_id"],
            ondelete="CASCADE",
            name="fk_backup_codes_set",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


def replace(
    db: Db,
    *,
    tenant_id: UUID,
    user_id: UUID,
    recipe: bytes,
    codes_encrypted: bytes | None,
    digests: Sequence[bytes],
    now: datetime,
) -> None:
    """New codes; the old ones are void. The caller holds the person's row.

    ``codes_encrypted``: to show them for a while; ``None`` where they have been handed over.
    """
    void(db, tenant_id=tenant_id, user_id=user_id)
    db.execute(
        insert(BackupCodeSet).values(
            tenant_id=tenant_id,
            user_id=user_id,
            recipe=recipe,
            codes_encrypted=codes_encrypted,
            made_at=now,
            saved_at=None if codes_encrypted else now,
        )
    )
    db.execute(
        insert(BackupCode),
        [{"tenant_id": tenant_id, "user_id": user_id, "code_digest": digest} for digest in digests],
    )


def of_user(db: Db, *, tenant_id: UUID, user_id: UUID, hold: bool = False) -> BackupCodeSet | None:
    """Somebody's set. ``hold``: nobody else uses a code of it until this transaction ends."""
    found = select(BackupCodeSet).where(BackupCodeSet.tenant_id == tenant_id, BackupCodeSet.user_id == user_id)
    return db.scalar(found.with_for_update() if hold else found)


def left(db: Db, *, tenant_id: UUID, user_id: UUID) -> int:
    """How many can still be used."""
    counted = select(func.count()).select_from(BackupCode)
    return (
        db.scalar(
            counted.where(
                BackupCode.tenant_id == tenant_id, BackupCode.user_id == user_id, BackupCode.used_at.is_(None)
            )
        )
        or 0
    )


def spend(db: Db, *, tenant_id: UUID, user_id: UUID, code_digest: bytes, now: datetime) -> bool:
    """Use a code up: of many who try at once, one gets ``True``."""
    return (
        db.scalar(
            update(BackupCode)
            .where(
                BackupCode.tenant_id == tenant_id,
                BackupCode.user_id == user_id,
                BackupCode.code_digest == code_digest,
                BackupCode.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(BackupCode.user_id)
        )
        is not None
    )


def saved(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Their owner has them: they are shown no more. ``False`` where that was so already."""
    return (
        db.scalar(
            update(BackupCodeSet)
            .where(
                BackupCodeSet.tenant_id == tenant_id,
                BackupCodeSet.user_id == user_id,
                BackupCodeSet.saved_at.is_(None),
            )
            .values(saved_at=now, codes_encrypted=None)
            .returning(BackupCodeSet.user_id)
        )
        is not None
    )


def void(db: Db, *, tenant_id: UUID, user_id: UUID) -> bool:
    """None of them works any more; ``False`` where there were none."""
    gone = db.scalar(
        delete(BackupCodeSet)
        .where(BackupCodeSet.tenant_id == tenant_id, BackupCodeSet.user_id == user_id)
        .returning(BackupCodeSet.user_id)
    )
    return gone is not None


def hide_unscoped(db: Db, *, made_before: datetime) -> int:
    """Codes that were shown long enough are shown no more; says of how many people."""
    hidden = db.scalars(
        update(BackupCodeSet)
        .where(BackupCodeSet.codes_encrypted.is_not(None), BackupCodeSet.made_at < made_before)
        .values(codes_encrypted=None)
        .returning(BackupCodeSet.user_id)
    )
    return len(hidden.all())
