"""Sign-ins and how risky they were, for administrators; and what other weights would have made of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.auth.rbac import Permission, require
from app.auth.risk import BURST, Factor, Signals, assess
from app.errors import NotFound
from app.paging import Page, page_of
from app.scope import Scope
from app.storage import risk_assessments
from app.storage.risk_assessments import Judged, RiskAssessment
from app.storage.unit import Units
from app.tenancy import RiskWeights, Tenant

After = tuple[datetime, UUID]
LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskView:
    """An assessment as administrators see it. ``session_id``: the session that it led to, if it did."""

    id: UUID
    user_id: UUID
    at: datetime
    score: int
    level: str
    mode: str
    outcome: str
    factors: tuple[Factor, ...]
    signals: Signals
    session_id: UUID | None
    ip: str | None
    country: str | None
    city: str | None
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A sign-in whose level would have been another."""

    id: UUID
    user_id: UUID
    at: datetime
    before: str
    after: str
    score_before: int
    score_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How many sign-ins were, and would have been, of each level; and which would have been of another."""

    total: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: list[Moved]


class RiskLog:
    """Assessments, read. ``burst``: see ``auth.risk.burst_for``."""

    def __init__(self, units: Units, *, burst: int = BURST) -> None:
        self._units = units
        self._burst = burst

    def list(self, scope: Scope, *, user_id: UUID | None, after: After | None, limit: int) -> Page[RiskView, After]:
        """Newest first, of everybody or of one person. Raises ``Forbidden``."""
        require(scope, Permission.AUDIT_READ)
        with self._units.read(scope.tenant_id) as db:
            rows = risk_assessments.page(db, tenant_id=scope.tenant_id, user_id=user_id, after=after, limit=limit + 1)
        return page_of(rows, limit=limit, key=lambda row: (row.at, row.id), view=_view)

    def show(self, scope: Scope, assessment_id: UUID) -> RiskView:
        """One of them. Raises ``Forbidden``, ``NotFound``."""
        require(scope, Permission.AUDIT_READ)
        with self._units.read(scope.tenant_id) as db:
            row = risk_assessments.by_id(db, tenant_id=scope.tenant_id, assessment_id=assessment_id)
        if row is None:
            raise NotFound
        return _view(row)

    def simulate(
        self,
        tenant: Tenant,
        *,
        weights: RiskWeights,
        medium: int,
        high: int,
        since: datetime,
        unusual_hour: bool | None = None,
    ) -> Simulation:
        """Judge what was seen at every sign-in since then anew. Nothing is changed.

        ``unusual_hour``: whether the hour counts; as the tenant has it, where nothing is said.
        """
        hour = tenant.settings.risk_unusual_hour if unusual_hour is None else unusual_hour
        before, after, moved = Counter(dict.fromkeys(LEVELS, 0)), Counter(dict.fromkeys(LEVELS, 0)), []
        with self._units.read(tenant.id) as db:
            for one in risk_assessments.since(db, tenant_id=tenant.id, moment=since):
                signals = Signals.from_json(one.signals)
                fresh = assess(signals, weights, medium=medium, high=high, unusual_hour=hour, burst=self._burst)
                before[one.level] += 1
                after[fresh.level] += 1
                if fresh.level != one.level:
                    moved.append(_moved(one, fresh.level, fresh.score))
        return Simulation(total=before.total(), before=dict(before), after=dict(after), moved=moved)


def _moved(one: Judged, level: str, score: int) -> Moved:
    return Moved(
        id=one.id,
        user_id=one.user_id,
        at=one.at,
        before=one.level,
        after=level,
        score_before=one.score,
        score_after=score,
    )


def _view(row: RiskAssessment) -> RiskView:
    return RiskView(
        id=row.id,
        user_id=row.user_id,
        at=row.at,
        score=row.score,
        level=row.level,
        mode=row.mode,
        outcome=row.outcome,
        factors=tuple(Factor.from_json(factor) for factor in row.factors),
        signals=Signals.from_json(row.signals),
        session_id=row.session_id,
        ip=row.ip,
        country=row.country,
        city=row.city,
        user_agent=row.user_agent,
    )
