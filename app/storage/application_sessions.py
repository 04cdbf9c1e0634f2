"""In which sessions relying apps were used: whom they hear of when one ends."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.applications import Application, is_told
from app.storage.base import Base, Db, OfTenant
from app.storage.sessions import Session, is_young
from app.tenancy import SessionLives


class ApplicationSession(OfTenant, Base):
    __tablename__ = "application_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            ondelete="CASCADE",
            name="fk_application_sessions_session",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_application_sessions_application",
        ),
        Index("ix_application_sessions_application", "tenant_id", "application_id"),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedIn:
    """A session in which somebody has signed in to an application."""

    application_id: UUID
    session_id: UUID
    browser: bool
    user_agent: str
    ip: str | None
    last_at: datetime


def used_in(db: Db, *, tenant_id: UUID, session_id: UUID, application_id: UUID, now: datetime) -> None:
    """Somebody has signed in to it within this session: it hears of the session's end."""
    fresh = insert(ApplicationSession).values(
        tenant_id=tenant_id, session_id=session_id, application_id=application_id, first_at=now, last_at=now
    )
    db.execute(
        fresh.on_conflict_do_update(index_elements=["tenant_id", "session_id", "application_id"], set_={"last_at": now})
    )


def used_by(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, lives: SessionLives) -> list[UsedIn]:
    """Where somebody has signed in to applications, in sessions that are live: the latest first."""
    found = db.execute(
        select(ApplicationSession, Session)
        .join(
            Session,
            (Session.tenant_id == ApplicationSession.tenant_id) & (Session.id == ApplicationSession.session_id),
        )
        .where(
            ApplicationSession.tenant_id == tenant_id,
            Session.user_id == user_id,
            Session.revoked_at.is_(None),
            is_young(now, lives),
        )
        .order_by(ApplicationSession.last_at.desc(), ApplicationSession.session_id)
    )
    return [
        UsedIn(
            application_id=used.application_id,
            session_id=session.id,
            browser=session.token_digest is not None,
            user_agent=session.user_agent,
            ip=session.ip,
            last_at=used.last_at,
        )
        for used, session in found
    ]


def forget(db: Db, *, tenant_id: UUID, user_id: UUID, application_id: UUID) -> list[UUID]:
    """An application has nothing to do any more with somebody's sessions that have not ended: says which those were."""
    theirs = select(Session.id).where(
        Session.tenant_id == tenant_id, Session.user_id == user_id, Session.revoked_at.is_(None)
    )
    gone = (
        delete(ApplicationSession)
        .where(
            ApplicationSession.tenant_id == tenant_id,
            ApplicationSession.application_id == application_id,
            ApplicationSession.session_id.in_(theirs),
        )
        .returning(ApplicationSession.session_id)
    )
    return list(db.scalars(gone))


def end_aged(db: Db, *, tenant_id: UUID, now: datetime, lives: SessionLives, since: datetime, most: int) -> int:
    """End sessions whose time is over, and of which an application waits to hear: the database promises to tell it.

    At the most ``most``; none that would have ended by itself before ``since``. Returns how many that were.
    """
    waits = (
        select(ApplicationSession.application_id)
        .join(
            Application,
            (Application.tenant_id == ApplicationSession.tenant_id)
            & (Application.id == ApplicationSession.application_id),
        )
        .where(
            ApplicationSession.tenant_id == Session.tenant_id,
            ApplicationSession.session_id == Session.id,
            *is_told(),
        )
    )
    aged = (
        select(Session.id)
        .where(
            Session.tenant_id == tenant_id,
            Session.revoked_at.is_(None),
            Session.expires_at > since,
            ~is_young(now, lives),
            waits.exists(),
        )
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ending = update(Session).where(Session.tenant_id == tenant_id, Session.id.in_(aged))
    ended = db.scalars(ending.values(revoked_at=now, revoked_reason="expired").returning(Session.id))
    return len(list(ended))
