"""Sign-ins on behalf of an application, while they are under way."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, select, update
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
