"""One-time tokens: what mailed links and codes are known by. Minted by the worker, spent once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Select, UniqueConstraint, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, Inet
from app.storage.link_requests import LinkRequest


class OneTimeToken(HasId, Base):
    __tablename__ = "one_time_tokens"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_one_time_tokens_secret_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_one_time_tokens_user",
        ),
        Index("ix_one_time_tokens_open", "tenant_id", "user_id", "purpose", postgresql_where=text("spent_at IS NULL")),
        Index(
            "ix_one_time_tokens_challenge", "tenant_id", "challenge_digest", postgresql_where=text("spent_at IS NULL")
        ),
    )

    user_id: Mapped[UUID]
    purpose: Mapped[str]
    secret_digest: Mapped[bytes]
    challenge_digest: Mapped[bytes | None]
    sent_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(server_default="page")
    ip: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str] = mapped_column(server_default="")
    code_digest: Mapped[bytes | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    approved_at: Mapped[datetime | None]
    subject_id: Mapped[UUID | None]


def mint(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    user_id: UUID,
    purpose: str,
    secret_digest: bytes,
    challenge_digest: bytes | None,
    sent_to: str,
    now: datetime,
    expires_at: datetime,
    request: LinkRequest | None = None,
    code_digest: bytes | None = None,
    subject_id: UUID | None = None,
    newest_only: bool = True,
) -> None:
    """Add a token. Those before it, for the same person and purpose, die, unless ``newest_only`` is off.

    ``request`` says who asked, and from where. ``subject_id`` names what else it is about.
    """
    if newest_only:
        void(db, tenant_id=tenant_id, user_id=user_id, purpose=purpose, now=now)
    db.add(
        OneTimeToken(
            tenant_id=tenant_id,
            id=new_id,
            user_id=user_id,
            purpose=purpose,
            secret_digest=secret_digest,
            challenge_digest=challenge_digest,
            sent_to=sent_to,
            channel=request.channel if request else "page",
            ip=request.ip if request else None,
            user_agent=request.user_agent if request else "",
            code_digest=code_digest,
            subject_id=subject_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


def void(
    db: Db,
    *,
    tenant_id: UUID,
    user_id: UUID,
    now: datetime,
    purpose: str | None = None,
    keep: Sequence[str] = (),
    made_after: datetime | None = None,
) -> None:
    """Every open token of this purpose dies; without one, every open token but those whose purpose is in ``keep``."""
    dying = update(OneTimeToken).where(
        OneTimeToken.tenant_id == tenant_id, OneTimeToken.user_id == user_id, OneTimeToken.spent_at.is_(None)
    )
    if purpose:
        dying = dying.where(OneTimeToken.purpose == purpose)
    if keep:
        dying = dying.where(OneTimeToken.purpose.not_in(keep))
    if made_after:
        dying = dying.where(OneTimeToken.created_at > made_after)
    db.execute(dying.values(spent_at=now))


def peek(db: Db, *, tenant_id: UUID, purpose: str, secret_digest: bytes, now: datetime) -> OneTimeToken | None:
    """The token, if it could be spent now. Looking does not spend it."""
    return db.scalar(
        select(OneTimeToken).where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.secret_digest == secret_digest,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
    )


def spend(db: Db, *, tenant_id: UUID, purpose: str, secret_digest: bytes, now: datetime) -> OneTimeToken | None:
    """Spend the token: of many who try at once, one gets it."""
    return db.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.secret_digest == secret_digest,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(spent_at=now)
        .returning(OneTimeToken)
    )


def hold_code(
    db: Db, *, tenant_id: UUID, purpose: str, challenge_digest: bytes, now: datetime, most: int
) -> OneTimeToken | None:
    """The token whose code may be tried under this challenge, held until the try is written; ``None`` without one."""
    return db.scalar(
        _triable(tenant_id, purpose, now, most).where(
            OneTimeToken.challenge_digest == challenge_digest, OneTimeToken.code_digest.is_not(None)
        )
    )


def tried(
    db: Db,
    *,
    tenant_id: UUID,
    token_id: UUID,
    used_at: datetime | None = None,
    approved_at: datetime | None = None,
) -> None:
    """Count a try at a token that is held, and what came of it.

    In one UPDATE: the second of a row in one transaction asks for the person's row (PostgreSQL checks the foreign key
    anew), which whoever kills the token holds while they wait for this one.
    """
    db.execute(
        update(OneTimeToken)
        .where(OneTimeToken.tenant_id == tenant_id, OneTimeToken.id == token_id, OneTimeToken.spent_at.is_(None))
        .values(
            tries=OneTimeToken.tries + 1,
            spent_at=used_at,
            approved_at=approved_at or OneTimeToken.approved_at,
        )
    )


def _triable(tenant_id: UUID, purpose: str, now: datetime, most: int) -> Select[OneTimeToken]:
    return (
        select(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
            OneTimeToken.tries < most,
        )
        .with_for_update()
    )


def spend_by_id(db: Db, *, tenant_id: UUID, token_id: UUID, now: datetime) -> OneTimeToken | None:
    """Spend a token that was found another way: of many who try at once, one gets it."""
    return db.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.id == token_id,
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(spent_at=now)
        .returning(OneTimeToken)
    )


def hold_approval(
    db: Db, *, tenant_id: UUID, purpose: str, secret_digest: bytes, now: datetime, most: int
) -> OneTimeToken | None:
    """The token that may be approved, held until the try is written; ``None`` when there is none left."""
    return db.scalar(_triable(tenant_id, purpose, now, most).where(OneTimeToken.secret_digest == secret_digest))


def spend_approved(
    db: Db, *, tenant_id: UUID, purpose: str, challenge_digest: bytes, now: datetime
) -> OneTimeToken | None:
    """Spend the token that was approved for this challenge: of many who try at once, one gets it."""
    return db.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == tenant_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.challenge_digest == challenge_digest,
            OneTimeToken.approved_at.is_not(None),
            OneTimeToken.spent_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(spent_at=now)
        .returning(OneTimeToken)
    )


def renew_secret(db: Db, *, tenant_id: UUID, token_id: UUID, secret_digest: bytes) -> OneTimeToken | None:
    """Give an open token the secret that is mailed: the worker's part, where the token was written before."""
    return db.scalar(
        update(OneTimeToken)
        .where(OneTimeToken.tenant_id == tenant_id, OneTimeToken.id == token_id, OneTimeToken.spent_at.is_(None))
        .values(secret_digest=secret_digest)
        .returning(OneTimeToken)
    )


def minted_about(db: Db, *, tenant_id: UUID, user_id: UUID, purpose: str, since: datetime) -> int:
    """How many links about something particular were minted for somebody since then, used or not."""
    minted = select(func.count()).select_from(OneTimeToken)
    return (
        db.scalar(
            minted.where(
                OneTimeToken.tenant_id == tenant_id,
                OneTimeToken.user_id == user_id,
                OneTimeToken.purpose == purpose,
                OneTimeToken.subject_id.is_not(None),
                OneTimeToken.created_at > since,
            )
        )
        or 0
    )


def open_ones(db: Db, *, tenant_id: UUID, user_id: UUID, purpose: str, now: datetime) -> list[OneTimeToken]:
    """Somebody's links of a purpose that could be spent now, oldest first."""
    found = select(OneTimeToken).where(
        OneTimeToken.tenant_id == tenant_id,
        OneTimeToken.user_id == user_id,
        OneTimeToken.purpose == purpose,
        OneTimeToken.spent_at.is_(None),
        OneTimeToken.expires_at > now,
    )
    return list(db.scalars(found.order_by(OneTimeToken.created_at)))
