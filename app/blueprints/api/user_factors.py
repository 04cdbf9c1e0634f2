"""Other people's second factors, for administrators; and saying no to having one's own taken away."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import (
    AccountDisabled,
    AccountLeaving,
    InvalidToken,
    ResetUnderWay,
    SecondFactorNeeded,
    StepUpRequired,
)
from app.auth.factor_overview import AppView, Overview, PasskeyView, ResetView
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, InvalidInput, NotFound

bp = Blueprint("api_user_factors", __name__, url_prefix="/api/v1")
TAG, OWN = "Users", "Own account"
_PATH = "/users/<uuid:user_id>/second-factors"
_REFUSED = (
    Forbidden,
    NotFound,
    InvalidInput,
    ResetUnderWay,
    SecondFactorNeeded,
    AccountDisabled,
    AccountLeaving,
    StepUpRequired,
    InvalidToken,
)


class UserAuthenticator(Model):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


class UserPasskey(Model):
    id: UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None


class FactorReset(Model):
    """Their factors are being taken away. ``started_by``: which administrator; null for an operator."""

    id: UUID
    takes_effect_at: datetime
    started_at: datetime
    started_by: UUID | None
    reason: str


class OwnFactorReset(Model):
    """The caller's factors are being taken away."""

    id: UUID
    takes_effect_at: datetime
    started_at: datetime
    reason: str


class UserFactors(Model):
    """``backup_codes_left``: null where there are none that could be left. ``reset``: null where none is under way."""

    enrolled: bool
    authenticators: list[UserAuthenticator]
    passkeys: list[UserPasskey]
    backup_codes_left: int | None
    reset: FactorReset | None


class Reason(Model):
    reason: str = Field(max_length=4096, description="Why, in 10 to 500 characters. They can read it.")


class FactorResetStarted(Model):
    id: UUID
    takes_effect_at: datetime


@bp.get(_PATH)
@limited(*API)
@operation(
    "What somebody has as a second factor",
    tag=TAG,
    answers={200: UserFactors},
    refusals=(Forbidden, NotFound, InvalidToken),
)
def show(user_id: UUID) -> Response:
    return answer(_factors(services().factor_resets.show(_context.tenant(), _context.scope(), user_id)))


@bp.delete(_PATH)
@limited(*API)
@operation(
    "Start to take somebody's second factors away",
    tag=TAG,
    body=Reason,
    answers={202: FactorResetStarted},
    refusals=_REFUSED,
)
def destroy(body: Reason, user_id: UUID) -> Response:
    """They are told at once by mail, and can say no until it takes effect. Their password is not touched."""
    started = services().factor_resets.start(_context.tenant(), _context.scope(), user_id, reason=body.reason)
    return answer(FactorResetStarted(id=started.id, takes_effect_at=started.takes_effect_at), 202)


@bp.delete(f"{_PATH}/reset")
@limited(*API)
@operation(
    "Leave somebody's second factors as they are",
    tag=TAG,
    answers={204: None},
    refusals=(Forbidden, NotFound, InvalidToken),
)
def keep(user_id: UUID) -> Response:
    services().factor_resets.cancel(_context.tenant(), _context.scope(), user_id)
    return answer(None, 204)


@bp.get("/me/second-factors/reset")
@limited(*API)
@operation(
    "Whether one's own second factors are being taken away",
    tag=OWN,
    answers={200: OwnFactorReset},
    refusals=(NotFound, InvalidToken),
)
def show_own() -> Response:
    found = services().factor_resets.own(_context.tenant(), _context.scope())
    if found is None:
        raise NotFound
    return answer(
        OwnFactorReset(
            id=found.id, takes_effect_at=found.takes_effect_at, started_at=found.started_at, reason=found.reason
        )
    )


@bp.delete("/me/second-factors/reset")
@limited(*API)
@operation(
    "Leave one's own second factors as they are", tag=OWN, answers={204: None}, refusals=(NotFound, InvalidToken)
)
def keep_own() -> Response:
    services().factor_resets.cancel_own(_context.tenant(), _context.scope())
    return answer(None, 204)


def _factors(view: Overview) -> UserFactors:
    return UserFactors(
        enrolled=view.enrolled,
        authenticators=[_app(app) for app in view.apps],
        passkeys=[_passkey(key) for key in view.passkeys],
        backup_codes_left=view.backup_codes_left,
        reset=_reset(view.reset) if view.reset else None,
    )


def _app(view: AppView) -> UserAuthenticator:
    return UserAuthenticator(id=view.id, name=view.name, created_at=view.created_at, last_used_at=view.last_used_at)


def _passkey(view: PasskeyView) -> UserPasskey:
    return UserPasskey(
        id=view.id,
        name=view.name,
        synced=view.synced,
        created_at=view.created_at,
        last_used_at=view.last_used_at,
    )


def _reset(view: ResetView) -> FactorReset:
    return FactorReset(
        id=view.id,
        takes_effect_at=view.takes_effect_at,
        started_at=view.started_at,
        started_by=view.started_by,
        reason=view.reason,
    )
