"""What an application was granted: families of refresh tokens that are its own, and what people have consented to.

A family that was never given a refresh token (``offline`` is false) is there to be revoked: its access tokens name it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, OfTenant
from app.storage.sessions import RefreshFamily, Session


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
    """Remember that somebody allows exactly these scopes."""
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
            set_={"scopes": fresh.excluded.scopes, "updated_at": now},
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
