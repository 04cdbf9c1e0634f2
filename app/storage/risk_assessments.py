"""Sign-ins whose first factor was right, with what spoke against them. Those let in are the next one's history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.base import Base, Db, HasId, Inet


class RiskAssessment(HasId, Base):
    __tablename__ = "risk_assessments"
    __table_args__ = (
        CheckConstraint("level IN ('low', 'medium', 'high')", name="level"),
        CheckConstraint("mode IN ('off', 'shadow', 'enforce')", name="mode"),
        CheckConstraint("outcome IN ('allowed', 'code_required', 'allowed_after_code', 'blocked')", name="outcome"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            ondelete="CASCADE",
            name="fk_risk_assessments_user",
        ),
        Index("ix_risk_assessments_user", "tenant_id", "user_id", "at"),
        Index("ix_risk_assessments_at", "tenant_id", "at", "id"),
    )

    user_id: Mapped[UUID]
    at: Mapped[datetime]
    signals: Mapped[dict[str, Any]]
    factors: Mapped[list[Any]]
    score: Mapped[int]
    level: Mapped[str]
    mode: Mapped[str]
    outcome: Mapped[str]
    session_id: Mapped[UUID | None]
    ip: Mapped[str | None] = mapped_column(Inet)
    network: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str | None]
    city: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    user_agent: Mapped[str] = mapped_column(server_default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A sign-in as it was judged when it happened."""

    id: UUID
    user_id: UUID
    at: datetime
    signals: dict[str, Any]
    score: int
    level: str


def add(db: Db, *, tenant_id: UUID, user_id: UUID, assessment: Mapping[str, Any]) -> None:
    """Store an assessment that let nobody in (yet): a row as ``auth.assessing`` makes it, in JSON's types."""
    typed = {"id": UUID(assessment["id"]), "at": datetime.fromisoformat(assessment["at"])}
    db.execute(insert(RiskAssessment).values(tenant_id=tenant_id, user_id=user_id, **{**assessment, **typed}))


def set_outcome(db: Db, *, tenant_id: UUID, assessment_id: UUID, outcome: str) -> RiskAssessment | None:
    """What became of it in the end; ``None`` when there is no such assessment."""
    return db.scalar(
        update(RiskAssessment)
        .where(RiskAssessment.tenant_id == tenant_id, RiskAssessment.id == assessment_id)
        .values(outcome=outcome)
        .returning(RiskAssessment)
    )


def by_id(db: Db, *, tenant_id: UUID, assessment_id: UUID) -> RiskAssessment | None:
    return db.scalar(
        select(RiskAssessment).where(RiskAssessment.tenant_id == tenant_id, RiskAssessment.id == assessment_id)
    )


def page(
    db: Db, *, tenant_id: UUID, user_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[RiskAssessment]:
    """Newest first, of everybody or of one person, from the one at ``after`` (its time and id) on, without it."""
    found = select(RiskAssessment).where(RiskAssessment.tenant_id == tenant_id)
    if user_id:
        found = found.where(RiskAssessment.user_id == user_id)
    if after:
        found = found.where(tuple_(RiskAssessment.at, RiskAssessment.id) < tuple_(*after))
    return list(db.scalars(found.order_by(RiskAssessment.at.desc(), RiskAssessment.id.desc()).limit(limit)))


def since(db: Db, *, tenant_id: UUID, moment: datetime) -> Iterator[Judged]:
    """What a simulation has to know of each since ``moment``, oldest first, a thousand at a time."""
    rows = db.execute(
        select(
            RiskAssessment.id,
            RiskAssessment.user_id,
            RiskAssessment.at,
            RiskAssessment.signals,
            RiskAssessment.score,
            RiskAssessment.level,
        )
        .where(RiskAssessment.tenant_id == tenant_id, RiskAssessment.at >= moment)
        .order_by(RiskAssessment.at, RiskAssessment.id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield Judged(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
