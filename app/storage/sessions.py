"""Sessions and the refresh families that live by them. How they begin and rotate stands in ``hot``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Interval,
    UniqueConstraint,
    cast,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, Inet
from app.tenancy import SessionLives


class Session(HasId, Base):
    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_digest", name="uq_sessions_token_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_sessions_user"
        ),
        Index("ix_sessions_live", "tenant_id", "user_id", postgresql_where=text("revoked_at IS NULL")),
    )

    user_id: Mapped[UUID]
    token_digest: Mapped[bytes | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    auth_time: Mapped[datetime]
    amr: Mapped[list[str]]
    acr: Mapped[str]
    remember: Mapped[bool]
    ip: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str] = mapped_column(server_default="")
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class RefreshFamily(HasId, Base):
    __tablename__ = "refresh_families"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            ondelete="CASCADE",
            name="fk_refresh_families_session",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_refresh_families_application",
        ),
        Index("ix_refresh_families_session", "tenant_id", "session_id"),
        Index(
            "ix_refresh_families_application",
            "tenant_id",
            "application_id",
            postgresql_where=text("application_id IS NOT NULL"),
        ),
    )

    session_id: Mapped[UUID]
    generation: Mapped[int] = mapped_column(server_default="1")
    secret_encrypted: Mapped[bytes]
    created_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # Only families of applications have these (see ``grants``).
    application_id: Mapped[UUID | None]
    offline: Mapped[bool] = mapped_column(server_default="true")
    scopes: Mapped[list[str]] = mapped_column(server_default="{}")
    resources: Mapped[list[str]] = mapped_column(server_default="{}")
    claims: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    dpop_jkt: Mapped[str | None]
    auth_time: Mapped[datetime | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]


def by_id(db: Db, *, tenant_id: UUID, session_id: UUID) -> Session | None:
    return db.scalar(select(Session).where(Session.tenant_id == tenant_id, Session.id == session_id))


def has_ended(db: Db, *, tenant_id: UUID, session_id: UUID) -> bool:
    """Whether somebody has ended it, or it never was."""
    live = select(Session.id).where(
        Session.tenant_id == tenant_id, Session.id == session_id, Session.revoked_at.is_(None)
    )
    return db.scalar(live) is None


def is_young(now: datetime, lives: SessionLives) -> ColumnElement[bool]:
    """Whether a session's times still count, whatever else has become of it."""
    return func.session_is_young(
        Session.created_at,
        Session.last_seen_at,
        Session.expires_at,
        Session.remember,
        now,
        lives.life,
        lives.remembered,
        cast(lives.idle, Interval()),
        type_=Boolean,
    )


def live_of(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, lives: SessionLives) -> list[Session]:
    """A person's live sessions, newest activity first."""
    return list(
        db.scalars(
            select(Session)
            .where(
                Session.tenant_id == tenant_id,
                Session.user_id == user_id,
                Session.revoked_at.is_(None),
                is_young(now, lives),
            )
            .order_by(Session.last_seen_at.desc(), Session.id.desc())
        )
    )


def revoke(
    db: Db,
    *,
    tenant_id: UUID,
    user_id: UUID,
    now: datetime,
    reason: str,
    session_id: UUID | None = None,
    keep: UUID | None = None,
) -> list[Session]:
    """End one session of a person, or all of them but ``keep``. Returns those that were live until now."""
    ending = update(Session).where(
        Session.tenant_id == tenant_id, Session.user_id == user_id, Session.revoked_at.is_(None)
    )
    if session_id:
        ending = ending.where(Session.id == session_id)
    if keep:
        ending = ending.where(Session.id != keep)
    ended = list(db.scalars(ending.values(revoked_at=now, revoked_reason=reason).returning(Session)))
    if ended:
        db.execute(
            update(RefreshFamily)
            .where(
                RefreshFamily.tenant_id == tenant_id,
                RefreshFamily.session_id.in_([session.id for session in ended]),
                RefreshFamily.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
    return ended


def renew(
    db: Db,
    *,
    tenant_id: UUID,
    user_id: UUID,
    session_id: UUID,
    shown: bytes | None,
    fresh: bytes | None,
    amr: Sequence[str],
    acr: str,
    now: datetime,
) -> Session | None:
    """Its owner has shown again who they are, thus: the session is known by another secret, and by the old one no more.

    ``None`` where it has ended, or has another secret already than the one that was ``shown``.
    """
    return db.scalar(
        update(Session)
        .where(
            Session.tenant_id == tenant_id,
            Session.user_id == user_id,
            Session.id == session_id,
            Session.token_digest.is_not_distinct_from(shown),
            Session.revoked_at.is_(None),
        )
        .values(token_digest=fresh, auth_time=now, amr=list(amr), acr=acr)
        .returning(Session)
    )


def count_live_unscoped(db: Db, *, now: datetime) -> int:
    """How many sessions are live in the whole installation. For metrics."""
    return (
        db.scalar(
            select(func.count()).select_from(Session).where(Session.revoked_at.is_(None), Session.expires_at > now)
        )
        or 0
    )


def strengthen(db: Db, *, tenant_id: UUID, session_id: UUID, amr: Sequence[str], acr: str) -> None:
    """Its owner has shown one more thing."""
    db.execute(
        update(Session)
        .where(Session.tenant_id == tenant_id, Session.id == session_id, Session.revoked_at.is_(None))
        .values(amr=list(amr), acr=acr)
    )
