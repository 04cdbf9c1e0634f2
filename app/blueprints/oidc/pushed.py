"""The pushed authorization request endpoint (RFC 9126)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.blueprints import _context
from app.blueprints._limits import PUSHED, limited
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, call, endpoint

bp = Blueprint("pushed_requests", __name__)


@bp.route("/oauth2/par", methods=["POST", "OPTIONS"])
@endpoint
@limited(*PUSHED)
def create() -> ResponseReturnValue:
    pushed = services().openid.pushed_requests.push(_context.tenant(), call())
    return answer({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in}, 201)
