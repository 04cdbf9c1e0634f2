"""People."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Index,
    Row,
    UniqueConstraint,
    delete,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId


class User(HasId, Base):
    __tablename__ = "users"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "email_key", name="uq_users_email_key"),
        Index("ix_users_erase_at", "erase_at", postgresql_where=text("erase_at IS NOT NULL")),
    )

    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    challenge_digest: Mapped[bytes | None]  # what the newest registration was bound to
    disabled_at: Mapped[datetime | None]
    password_leaked_at: Mapped[datetime | None]
    leaving_at: Mapped[datetime | None]  # they asked to be deleted; from ``erase_at`` on they are
    erase_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]
    second_factor_due_at: Mapped[datetime | None]  # until when they may put off a factor that is asked of them
    passkey_offered_at: Mapped[datetime | None]
    profile: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # OpenID Connect Core, section 5.1
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def by_id(db: Db, *, tenant_id: UUID, user_id: UUID) -> User | None:
    return db.scalar(select(User).where(User.tenant_id == tenant_id, User.id == user_id))


def by_email_key(db: Db, *, tenant_id: UUID, email_key: str) -> User | None:
    return db.scalar(select(User).where(User.tenant_id == tenant_id, User.email_key == email_key))


def lock(db: Db, *, tenant_id: UUID, user_id: UUID) -> User | None:
    """The person, whom nobody else changes until this transaction ends. Before anything of theirs is locked."""
    found = select(User).where(User.tenant_id == tenant_id, User.id == user_id).with_for_update()
    # As they are now, also where this transaction had read them before it had to wait.
    return db.scalar(found.execution_options(populate_existing=True))


def register(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    email: str,
    email_key: str,
    name: str,
    password_hash: str,
    challenge_digest: bytes,
    replace: bool,
    now: datetime,
) -> tuple[User | None, bool]:
    """Register an address: the person and whether they are new, or ``(None, False)`` when it is taken.

    With ``replace``, a second registration of an address that nobody has verified replaces the first: same row, other
    name and password. One statement for all three, so that they cost the same.
    """
    fresh = insert(User).values(
        tenant_id=tenant_id,
        id=new_id,
        email=email,
        email_key=email_key,
        name=name,
        password_hash=password_hash,
        password_changed_at=now,
        challenge_digest=challenge_digest,
        created_at=now,
        updated_at=now,
    )
    row: Row[User, bool] | None = db.execute(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "email_key"],
            set_={
                "email": fresh.excluded.email,
                "name": fresh.excluded.name,
                "password_hash": fresh.excluded.password_hash,
                "password_changed_at": now,
                "password_leaked_at": None,
                "challenge_digest": challenge_digest,
                "updated_at": now,
            },
            where=User.email_verified_at.is_(None) & User.disabled_at.is_(None) & literal(replace),
        ).returning(User, literal_column("xmax = 0", Boolean()))
    ).one_or_none()
    return (row[0], bool(row[1])) if row else (None, False)


def add_verified(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    email: str,
    email_key: str,
    name: str,
    password_hash: str | None,
    now: datetime,
) -> User | None:
    """Add a person whose address an operator vouches for, or return ``None`` when it is taken."""
    return db.scalar(
        insert(User)
        .values(
            tenant_id=tenant_id,
            id=new_id,
            email=email,
            email_key=email_key,
            name=name,
            password_hash=password_hash,
            password_changed_at=now if password_hash else None,
            email_verified_at=now,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "email_key"])
        .returning(User)
    )


def describe(
    db: Db, *, tenant_id: UUID, user_id: UUID, name: str, profile: Mapping[str, Any] | None = None, now: datetime
) -> User | None:
    """Another name; and another profile, if one is given."""
    values: dict[str, Any] = {"name": name, "updated_at": now}
    if profile is not None:
        values["profile"] = dict(profile)
    return db.scalar(
        update(User).where(User.tenant_id == tenant_id, User.id == user_id).values(**values).returning(User)
    )


def verify_email(db: Db, *, tenant_id: UUID, user_id: UUID, email_key: str, now: datetime) -> User | None:
    """Mark the address as proven, where it is still theirs."""
    return db.scalar(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.email_key == email_key)
        .values(email_verified_at=now, updated_at=now)
        .returning(User)
    )


def disable(db: Db, *, tenant_id: UUID, user_id: UUID, at: datetime | None, now: datetime) -> User | None:
    """Disable (or, with ``None``, enable) a person; ``None`` when they already were so."""
    wanted = User.disabled_at.is_(None) if at else User.disabled_at.is_not(None)
    return db.scalar(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, wanted)
        .values(disabled_at=at, updated_at=now)
        .returning(User)
    )


def scrub_password(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> None:
    """Their password stops working; only a mailed link sets another."""
    db.execute(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id)
        .values(password_hash=None, password_changed_at=now, password_leaked_at=None, updated_at=now)
    )


def change_email(
    db: Db, *, tenant_id: UUID, user_id: UUID, from_key: str, email: str, email_key: str, now: datetime
) -> User | None:
    """Give them another address, which is proven; ``None`` when they have left the one before or it is taken.

    Taken at the very moment: ``None`` too, and the transaction is of no more use.
    """
    taken = select(literal(1)).where(User.tenant_id == tenant_id, User.email_key == email_key, User.id != user_id)
    try:
        return db.scalar(
            update(User)
            .where(User.tenant_id == tenant_id, User.id == user_id, User.email_key == from_key, ~taken.exists())
            .values(email=email, email_key=email_key, email_verified_at=now, updated_at=now)
            .returning(User)
        )
    except IntegrityError:
        return None


def remove_unverified(db: Db, *, tenant_id: UUID, email_key: str) -> list[UUID]:
    """Whoever registered this address without ever showing that it is theirs makes way. Returns who did."""
    gone = db.scalars(
        delete(User)
        .where(User.tenant_id == tenant_id, User.email_key == email_key, User.email_verified_at.is_(None))
        .returning(User.id)
    )
    return list(gone)


def end_tokens_before(db: Db, *, tenant_id: UUID, user_id: UUID, moment: datetime) -> None:
    """No session or token that began before ``moment`` counts any more."""
    db.execute(update(User).where(User.tenant_id == tenant_id, User.id == user_id).values(not_before=moment))


def set_password(db: Db, *, tenant_id: UUID, user_id: UUID, password_hash: str, now: datetime) -> None:
    """Another password, of which nobody knows that it has leaked."""
    db.execute(
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id)
        .values(password_hash=password_hash, password_changed_at=now, password_leaked_at=None, updated_at=now)
    )


def note_leak(db: Db, *, tenant_id: UUID, user_id: UUID, password_changed_at: datetime, now: datetime) -> bool:
    """The password they chose then has leaked; ``False`` when they have another by now."""
    return (
        db.scalar(
            update(User)
            .where(User.tenant_id == tenant_id, User.id == user_id, User.password_changed_at == password_changed_at)
            .values(password_leaked_at=now, updated_at=now)
            .returning(User.id)
        )
        is not None
    )


def offer_passkey(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Whether to ask them if they would like a passkey: once, and ``True`` for one of many who ask at once."""
    return (
        db.scalar(
            update(User)
            .where(User.tenant_id == tenant_id, User.id == user_id, User.passkey_offered_at.is_(None))
            .values(passkey_offered_at=now)
            .returning(User.id)
        )
        is not None
    )
