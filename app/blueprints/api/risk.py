"""How risky sign-ins were, for administrators."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import InvalidToken
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, Parameter, answer, identifier, operation
from app.blueprints.api._pages import BY_TIME, PARAMETERS, asked, cursor_for, listed
from app.errors import Forbidden, InvalidInput, NotFound
from app.users.risk_log import RiskView

bp = Blueprint("api_risk", __name__, url_prefix="/api/v1/risk-assessments")
TAG = "Risk"


class RiskFactor(Model):
    """Something that spoke against a sign-in."""

    name: str
    points: int
    why: str


class RiskSignals(Model):
    """What was seen of a sign-in, whatever it was worth."""

    new_device: bool
    new_address: bool
    new_country: bool
    recent: int = Field(description="Sign-ins within the hour before.")
    kmh: int | None = Field(description="How fast they must have travelled since the last one, if that was far away.")
    script_agent: bool
    unusual_hour: bool
    first: bool = Field(description="There was no sign-in before.")


class RiskAssessment(Model):
    """A sign-in whose first factor was right, and how risky it was. The score sums up the factors, to 100 at most."""

    id: UUID
    user_id: UUID
    at: datetime
    score: int
    level: Literal["low", "medium", "high"]
    mode: Literal["off", "shadow", "enforce"]
    outcome: Literal["allowed", "code_required", "allowed_after_code", "blocked"]
    factors: list[RiskFactor]
    signals: RiskSignals
    session_id: UUID | None
    ip: str | None
    country: str | None
    city: str | None
    user_agent: str


class RiskAssessmentList(Model):
    data: list[RiskAssessment]
    next_cursor: str | None


@bp.get("")
@limited(*API)
@operation(
    "How risky sign-ins were, newest first",
    tag=TAG,
    answers={200: RiskAssessmentList},
    refusals=(InvalidInput, Forbidden, InvalidToken),
    query={
        **PARAMETERS,
        "user_id": Parameter(text="Only those of this person.", schema={"type": "string", "format": "uuid"}),
    },
)
def index() -> Response:
    wanted = asked(BY_TIME)
    page = services().risk_log.list(
        _context.scope(), user_id=identifier("user_id"), after=wanted.after, limit=wanted.limit
    )
    cursor = cursor_for(BY_TIME, page.after)
    return listed(RiskAssessmentList(data=[_shown(view) for view in page.items], next_cursor=cursor), cursor=cursor)


@bp.get("/<uuid:assessment_id>")
@limited(*API)
@operation(
    "How risky one sign-in was",
    tag=TAG,
    answers={200: RiskAssessment},
    refusals=(Forbidden, NotFound, InvalidToken),
)
def show(assessment_id: UUID) -> Response:
    return answer(_shown(services().risk_log.show(_context.scope(), assessment_id)))


def _shown(view: RiskView) -> RiskAssessment:
    return RiskAssessment.model_validate({**asdict(view), "factors": [factor.to_json() for factor in view.factors]})
