"""What an application was granted: families of refresh tokens that are its own, and what people have consented to.

A family that was never given a refresh token (``offline`` is false) is there to be revoked: its access tokens name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    delete,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant
from app.storage.sessions import RefreshFamily, Session, is_young
from app.storage.users import User
from app.tenancy import SessionLives


class Consent(OfTenant, Base):
    __tablename__ = "consents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE", name="fk_consents_user"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_consents_application",
        ),
        Index("ix_consents_application", "tenant_id", "application_id"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    scopes: Mapped[list[str]]
    granted_at: Mapped[datetime]
    updated_at: Mapped[datetime]


# In an upsert: what there is and what comes, each once.
_BOTH: ColumnElement[list[str]] = literal_column("ARRAY(SELECT DISTINCT unnest(consents.scopes || excluded.scopes))")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """A session that counts now, and goes on to until the transaction ends."""

    expires_at: datetime
    remember: bool
    email_verified: bool


def hold_session(
    db: Db, *, tenant_id: UUID, session_id: UUID, user_id: UUID, now: datetime, lives: SessionLives
) -> HeldSession | None:
    """The session that something is to be granted in: nobody ends it before this transaction does.

    ``None`` where it has ended, or its person is disabled, leaving, or cut off. Whoever ends a session locks its row
    and then its families' rows: so do we.
    """
    found = db.execute(
        select(Session.expires_at, Session.remember, User.email_verified_at)
        .join(User, (User.tenant_id == Session.tenant_id) & (User.id == Session.user_id))
        .where(
            Session.tenant_id == tenant_id,
            Session.id == session_id,
            Session.user_id == user_id,
            Session.revoked_at.is_(None),
            is_young(now, lives),
            User.disabled_at.is_(None),
            User.leaving_at.is_(None),
            User.not_before.is_(None) | (Session.created_at >= User.not_before),
        )
        .with_for_update(read=True, of=Session)
    ).one_or_none()
    return HeldSession(expires_at=found[0], remember=found[1], email_verified=found[2] is not None) if found else None


def add_family(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    session_id: UUID,
    secret_encrypted: bytes,
    offline: bool,
    scopes: Sequence[str],
    resources: Sequence[str],
    claims: dict[str, Any],
    dpop_jkt: str | None,
    auth_time: datetime,
    acr: str,
    amr: Sequence[str],
    now: datetime,
    expires_at: datetime,
) -> None:
    """A family of an application's begins."""
    db.add(
        RefreshFamily(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            session_id=session_id,
            secret_encrypted=secret_encrypted,
            offline=offline,
            scopes=list(scopes),
            resources=list(resources),
            claims=claims,
            dpop_jkt=dpop_jkt,
            auth_time=auth_time,
            acr=acr,
            amr=list(amr),
            created_at=now,
            rotated_at=now,
            expires_at=expires_at,
        )
    )


def family(db: Db, *, tenant_id: UUID, family_id: UUID) -> tuple[RefreshFamily, Session] | None:
    """A family of an application's and its session, whatever has become of them."""
    found = db.execute(
        select(RefreshFamily, Session)
        .join(Session, (Session.tenant_id == RefreshFamily.tenant_id) & (Session.id == RefreshFamily.session_id))
        .where(
            RefreshFamily.tenant_id == tenant_id,
            RefreshFamily.id == family_id,
            RefreshFamily.application_id.is_not(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A family that counts: what its application may ask with it, and since when."""

    application_id: UUID
    scopes: list[str]
    since: datetime


def held_by(db: Db, *, tenant_id: UUID, user_id: UUID, now: datetime, lives: SessionLives) -> list[Held]:
    """What applications hold of somebody: their families, within sessions that are live."""
    found = db.execute(
        select(RefreshFamily.application_id, RefreshFamily.scopes, RefreshFamily.created_at)
        .join(Session, (Session.tenant_id == RefreshFamily.tenant_id) & (Session.id == RefreshFamily.session_id))
        .where(
            RefreshFamily.tenant_id == tenant_id,
            RefreshFamily.application_id.is_not(None),
            RefreshFamily.revoked_at.is_(None),
            RefreshFamily.expires_at > now,
            Session.user_id == user_id,
            Session.revoked_at.is_(None),
            is_young(now, lives),
        )
    )
    return [Held(application_id=name, scopes=scopes, since=since) for name, scopes, since in found if name]


def revoke_family(
    db: Db, *, tenant_id: UUID, family_id: UUID, application_id: UUID | None, now: datetime
) -> RefreshFamily | None:
    """End one family, of this application if one is named; ``None`` where it is not its, or has ended."""
    ending = update(RefreshFamily).where(
        RefreshFamily.tenant_id == tenant_id,
        RefreshFamily.id == family_id,
        RefreshFamily.application_id.is_not(None),
        RefreshFamily.revoked_at.is_(None),
    )
    if application_id:
        ending = ending.where(RefreshFamily.application_id == application_id)
    return db.scalar(ending.values(revoked_at=now).returning(RefreshFamily))


def revoke_families(
    db: Db, *, tenant_id: UUID, application_id: UUID, user_id: UUID | None, now: datetime
) -> list[UUID]:
    """End all families of an application, or those of one person. Returns their ids."""
    ending = update(RefreshFamily).where(
        RefreshFamily.tenant_id == tenant_id,
        RefreshFamily.application_id == application_id,
        RefreshFamily.revoked_at.is_(None),
    )
    if user_id:
        theirs = select(Session.id).where(Session.tenant_id == tenant_id, Session.user_id == user_id)
        ending = ending.where(RefreshFamily.session_id.in_(theirs))
    return list(db.scalars(ending.values(revoked_at=now).returning(RefreshFamily.id)))


def consent(db: Db, *, tenant_id: UUID, user_id: UUID, application_id: UUID) -> Consent | None:
    return db.scalar(
        select(Consent).where(
            Consent.tenant_id == tenant_id, Consent.user_id == user_id, Consent.application_id == application_id
        )
    )


def consents_of(db: Db, *, tenant_id: UUID, user_id: UUID) -> list[Consent]:
    """What somebody has allowed, the newest first."""
    return list(
        db.scalars(
            select(Consent)
            .where(Consent.tenant_id == tenant_id, Consent.user_id == user_id)
            .order_by(Consent.updated_at.desc(), Consent.application_id)
        )
    )


def allow(
    db: Db, *, tenant_id: UUID, user_id: UUID, application_id: UUID, scopes: Sequence[str], now: datetime
) -> Consent:
    """Remember that somebody allows these scopes, beside those that they have allowed before."""
    fresh = insert(Consent).values(
        tenant_id=tenant_id,
        user_id=user_id,
        application_id=application_id,
        scopes=list(scopes),
        granted_at=now,
        updated_at=now,
    )
    kept: Consent | None = db.scalar(
        fresh.on_conflict_do_update(
            index_elements=["tenant_id", "user_id", "application_id"],
            set_={
                "scopes": _BOTH,
                "updated_at": now,
            },
        ).returning(Consent)
    )
    if kept is None:
        raise RuntimeError("an upsert returns its row")
    return kept


def disallow(db: Db, *, tenant_id: UUID, user_id: UUID, application_id: UUID) -> bool:
    gone = db.scalar(
        delete(Consent)
        .where(Consent.tenant_id == tenant_id, Consent.user_id == user_id, Consent.application_id == application_id)
        .returning(Consent.application_id)
    )
    return gone is not None
