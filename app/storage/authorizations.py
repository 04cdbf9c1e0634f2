"""Codes: what a sign-in on behalf of an application ends in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId


class AuthorizationCode(HasId, Base):
    __tablename__ = "authorization_codes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_authorization_codes_secret_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_authorization_codes_application",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            ondelete="CASCADE",
            name="fk_authorization_codes_session",
        ),
        Index("ix_authorization_codes_application", "tenant_id", "application_id"),
        Index("ix_authorization_codes_session", "tenant_id", "session_id"),
    )

    secret_digest: Mapped[bytes]
    application_id: Mapped[UUID]
    session_id: Mapped[UUID]
    user_id: Mapped[UUID]
    grant_id: Mapped[UUID]
    redirect_uri: Mapped[str]
    scopes: Mapped[list[str]]
    resources: Mapped[list[str]]
    claims: Mapped[dict[str, Any]]
    nonce: Mapped[str | None]
    verifier_digest: Mapped[str | None]
    dpop_jkt: Mapped[str | None]
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


def code(db: Db, *, tenant_id: UUID, application_id: UUID, secret_digest: bytes) -> AuthorizationCode | None:
    """The code that this application was given, also one that is spent or has expired."""
    return db.scalar(
        select(AuthorizationCode).where(
            AuthorizationCode.tenant_id == tenant_id,
            AuthorizationCode.application_id == application_id,
            AuthorizationCode.secret_digest == secret_digest,
        )
    )


def spend(db: Db, *, tenant_id: UUID, code_id: UUID, now: datetime) -> bool:
    """Use the code up; of many who try at once, one gets ``True``."""
    spent = db.scalar(
        update(AuthorizationCode)
        .where(
            AuthorizationCode.tenant_id == tenant_id,
            AuthorizationCode.id == code_id,
            AuthorizationCode.spent_at.is_(None),
            AuthorizationCode.expires_at > now,
        )
        .values(spent_at=now)
        .returning(AuthorizationCode.id)
    )
    return spent is not None


def void_codes(db: Db, *, tenant_id: UUID, application_id: UUID, user_id: UUID | None, now: datetime) -> None:
    """No code that this person, if one is named, has allowed this application counts any more."""
    voiding = update(AuthorizationCode).where(
        AuthorizationCode.tenant_id == tenant_id,
        AuthorizationCode.application_id == application_id,
        AuthorizationCode.spent_at.is_(None),
    )
    if user_id:
        voiding = voiding.where(AuthorizationCode.user_id == user_id)
    db.execute(voiding.values(spent_at=now))
