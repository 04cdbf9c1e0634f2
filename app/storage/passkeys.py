"""Passkeys (WebAuthn Level 3), and what they are asked to sign: once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId


class Passkey(HasId, Base):
    __tablename__ = "passkeys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "credential_id", name="uq_passkeys_credential_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_passkeys_user"
        ),
        Index("ix_passkeys_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[UUID]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    aaguid: Mapped[UUID]
    name: Mapped[str]
    transports: Mapped[list[str]] = mapped_column(server_default="{}")
    synced: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    cloned_at: Mapped[datetime | None]  # its counter went backwards: there may be another one like it


class PasskeyChallenge(HasId, Base):
    __tablename__ = "passkey_challenges"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_passkey_challenges_secret_digest"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE", name="fk_passkey_challenges_tenant"),
        Index("ix_passkey_challenges_expires_at", "expires_at"),
    )

    secret_digest: Mapped[bytes]  # of what is to be signed, and of the secret of whoever asked
    purpose: Mapped[str]
    user_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def add(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    user_id: UUID,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    aaguid: UUID,
    name: str,
    transports: Sequence[str],
    synced: bool,
    now: datetime,
) -> Passkey | None:
    """Add a passkey, or return ``None`` when it is somebody's already."""
    return db.scalar(
        insert(Passkey)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            user_id=user_id,
            credential_id=credential_id,
            public_key=public_key,
            sign_count=sign_count,
            aaguid=aaguid,
            name=name,
            transports=list(transports),
            synced=synced,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "credential_id"])
        .returning(Passkey)
    )


def by_credential_id(db: Db, *, tenant_id: UUID, credential_id: bytes) -> Passkey | None:
    return db.scalar(select(Passkey).where(Passkey.tenant_id == tenant_id, Passkey.credential_id == credential_id))


def of_user(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[Passkey]:
    """Somebody's passkeys, oldest first."""
    found = select(Passkey).where(Passkey.tenant_id == tenant_id, Passkey.user_id == user_id)
    return list(db.scalars(found.order_by(Passkey.created_at, Passkey.id)))


def used(
    db: Db, *, tenant_id: UUID, passkey_id: UUID, sign_count: int, synced: bool, cloned: bool, now: datetime
) -> Passkey | None:
    """Write down a use, and whether the counter spoke of a copy. ``None`` when a newer use was written meanwhile."""
    newer = or_(Passkey.sign_count < sign_count, Passkey.sign_count == 0) if not cloned else Passkey.id == passkey_id
    values = {"sign_count": sign_count, "synced": synced, "last_used_at": now}
    return db.scalar(
        update(Passkey)
        .where(Passkey.tenant_id == tenant_id, Passkey.id == passkey_id, newer)
        .values(**({"cloned_at": now} if cloned else values))
        .returning(Passkey)
    )


def rename(db: Db, *, tenant_id: UUID, user_id: UUID, passkey_id: UUID, name: str) -> Passkey | None:
    return db.scalar(
        update(Passkey)
        .where(Passkey.tenant_id == tenant_id, Passkey.user_id == user_id, Passkey.id == passkey_id)
        .values(name=name)
        .returning(Passkey)
    )


def remove(db: Db, *, tenant_id: UUID, user_id: UUID, passkey_id: UUID | None = None) -> list[Passkey]:
    """Remove one of somebody's passkeys, or all of them. Returns what went."""
    going = delete(Passkey).where(Passkey.tenant_id == tenant_id, Passkey.user_id == user_id)
    if passkey_id:
        going = going.where(Passkey.id == passkey_id)
    return list(db.scalars(going.returning(Passkey)))


def challenge_with(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    secret_digest: bytes,
    purpose: str,
    user_id: UUID | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Remember what somebody was asked to sign."""
    db.add(
        PasskeyChallenge(
            tenant_id=tenant_id,
            id=new_id,
            secret_digest=secret_digest,
            purpose=purpose,
            user_id=user_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


def ask_no_more(db: Db, *, tenant_id: UUID, user_id: UUID) -> None:
    """What somebody was asked to sign counts no more."""
    db.execute(
        delete(PasskeyChallenge).where(PasskeyChallenge.tenant_id == tenant_id, PasskeyChallenge.user_id == user_id)
    )


def answer(db: Db, *, tenant_id: UUID, secret_digest: bytes, purpose: str, now: datetime) -> PasskeyChallenge | None:
    """Take what was to be signed: of many who try at once, one gets it, and it is gone."""
    return db.scalar(
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.tenant_id == tenant_id,
            PasskeyChallenge.secret_digest == secret_digest,
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.expires_at > now,
        )
        .returning(PasskeyChallenge)
    )
