"""Other people's accounts, for administrators."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import InvalidToken, StepUpRequired
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, NotFound

bp = Blueprint("api_users", __name__, url_prefix="/api/v1/users")
TAG = "Users"


class Lock(Model):
    """Whether somebody is shut out after too many wrong passwords, as far as they come from somewhere new.

    Browsers and clients that they have signed in with before are not concerned.
    """

    locked: bool
    closed: bool = Field(description="It does not open by itself: by a mailed link, or by deleting the lock.")
    locked_until: datetime | None


@bp.get("/<uuid:user_id>/lock")
@limited(*API)
@operation(
    "Whether somebody is locked out",
    tag=TAG,
    answers={200: Lock},
    refusals=(Forbidden, NotFound, InvalidToken),
)
def lock(user_id: UUID) -> Response:
    view = services().locks.show(_context.scope(), user_id)
    return answer(Lock(locked=view.locked, closed=view.closed, locked_until=view.locked_until))


@bp.delete("/<uuid:user_id>/lock")
@limited(*API)
@operation(
    "Let somebody in again",
    tag=TAG,
    answers={204: None},
    refusals=(Forbidden, NotFound, InvalidToken, StepUpRequired),
)
def unlock(user_id: UUID) -> Response:
    """Done also where nothing was locked."""
    services().locks.open(_context.tenant(), _context.scope(), user_id)
    return answer(None, 204)
