"""The end of one's own account."""

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import InvalidToken, StepUpRequired
from app.blueprints import _context
from app.blueprints._limits import API, DELETION, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import InvalidInput
from app.users.farewell import LastOwner

bp = Blueprint("api_farewell", __name__, url_prefix="/api/v1/me")


class Farewell(Model):
    """``confirmation``: the account's email address, typed once more."""

    confirmation: str = Field(min_length=1, max_length=320)


@bp.delete("")
@limited(*API, *DELETION)
@operation(
    "Delete the own account: closed at once, erased after two weeks",
    tag="Own account",
    body=Farewell,
    answers={204: None},
    refusals=(InvalidInput, StepUpRequired, InvalidToken, LastOwner),
)
def destroy(body: Farewell) -> Response:
    services().farewell.leave(_context.tenant(), _context.scope(), confirmation=body.confirmation)
    return answer(None, 204)
