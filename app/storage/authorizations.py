"""Sign-ins on behalf of an application: while they are under way, as they were pushed, and the codes they end in."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped

from app.storage.base import Base, Db, HasId

Decision = Literal["chosen_at", "consented_at", "denied_at"]


class AuthorizationFlow(HasId, Base):
    __tablename__ = "authorization_flows"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_authorization_flows_application",
        ),
        Index("ix_authorization_flows_application", "tenant_id", "application_id"),
    )

    application_id: Mapped[UUID]
    browser_digest: Mapped[bytes]
    request: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    consented_by: Mapped[UUID | None]
    denied_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class PushedRequest(HasId, Base):
    __tablename__ = "pushed_requests"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest", name="uq_pushed_requests_secret_digest"),
        ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["applications.tenant_id", "applications.id"],
            ondelete="CASCADE",
            name="fk_pushed_requests_application",
        ),
        Index("ix_pushed_requests_application", "tenant_id", "application_id"),
    )

    application_id: Mapped[UUID]
    secret_digest: Mapped[bytes]
    request: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


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


def begin(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    browser_digest: bytes,
    request: dict[str, Any],
    now: datetime,
    expires_at: datetime,
) -> None:
    db.add(
        AuthorizationFlow(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            browser_digest=browser_digest,
            request=request,
            created_at=now,
            expires_at=expires_at,
        )
    )


def flow(db: Db, *, tenant_id: UUID, flow_id: UUID) -> AuthorizationFlow | None:
    """The flow, also one that has expired or was answered: it knows where it was meant to lead."""
    return db.scalar(
        select(AuthorizationFlow).where(AuthorizationFlow.tenant_id == tenant_id, AuthorizationFlow.id == flow_id)
    )


def rebind(db: Db, *, tenant_id: UUID, flow_id: UUID, from_digest: bytes, to_digest: bytes, now: datetime) -> bool:
    """It belongs to another secret from now on; of many who try at once, one gets ``True``.

    Nothing may have been decided in it: whoever has done so is not whom it would belong to.
    """
    bound = db.scalar(
        update(AuthorizationFlow)
        .where(
            AuthorizationFlow.tenant_id == tenant_id,
            AuthorizationFlow.id == flow_id,
            AuthorizationFlow.browser_digest == from_digest,
            AuthorizationFlow.expires_at > now,
            AuthorizationFlow.chosen_at.is_(None),
            AuthorizationFlow.consented_at.is_(None),
            AuthorizationFlow.denied_at.is_(None),
            AuthorizationFlow.answered_at.is_(None),
        )
        .values(browser_digest=to_digest)
        .returning(AuthorizationFlow.id)
    )
    return bound is not None


def note(
    db: Db,
    *,
    tenant_id: UUID,
    flow_id: UUID,
    browser_digest: bytes,
    what: Decision,
    by: UUID | None = None,
    now: datetime,
) -> bool:
    """Write down what was decided in it, while it is open. ``by``: who has allowed it."""
    noted = db.scalar(
        update(AuthorizationFlow)
        .where(
            AuthorizationFlow.tenant_id == tenant_id,
            AuthorizationFlow.id == flow_id,
            AuthorizationFlow.browser_digest == browser_digest,
            AuthorizationFlow.answered_at.is_(None),
            AuthorizationFlow.expires_at > now,
        )
        .values({what: now, **({"consented_by": by} if by else {})})
        .returning(AuthorizationFlow.id)
    )
    return noted is not None


def answer(db: Db, *, tenant_id: UUID, flow_id: UUID, now: datetime) -> bool:
    """The application gets its answer now; of many who try at once, one may give it."""
    answered = db.scalar(
        update(AuthorizationFlow)
        .where(
            AuthorizationFlow.tenant_id == tenant_id,
            AuthorizationFlow.id == flow_id,
            AuthorizationFlow.answered_at.is_(None),
            AuthorizationFlow.expires_at > now,
        )
        .values(answered_at=now)
        .returning(AuthorizationFlow.id)
    )
    return answered is not None


def push(
    db: Db,
    *,
    tenant_id: UUID,
    new_id: UUID,
    application_id: UUID,
    secret_digest: bytes,
    request: dict[str, Any],
    now: datetime,
    expires_at: datetime,
) -> None:
    db.add(
        PushedRequest(
            tenant_id=tenant_id,
            id=new_id,
            application_id=application_id,
            secret_digest=secret_digest,
            request=request,
            created_at=now,
            expires_at=expires_at,
        )
    )


def take_pushed(
    db: Db, *, tenant_id: UUID, application_id: UUID, secret_digest: bytes, now: datetime
) -> dict[str, Any] | None:
    """The request that this application has pushed; it can be taken once."""
    return db.scalar(
        delete(PushedRequest)
        .where(
            PushedRequest.tenant_id == tenant_id,
            PushedRequest.application_id == application_id,
            PushedRequest.secret_digest == secret_digest,
            PushedRequest.expires_at > now,
        )
        .returning(PushedRequest.request)
    )


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
