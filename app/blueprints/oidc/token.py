"""The token endpoint (RFC 6749, section 3.2)."""

from flask import Blueprint, Response

from app.blueprints import _context, _limits
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, call, endpoint

bp = Blueprint("oidc_token", __name__)


@bp.route("/oauth2/token", methods=["POST", "OPTIONS"])
@_limits.limited(*_limits.TOKEN)
@endpoint
def create() -> Response:
    said = services().openid.bridge.token(_context.tenant(), call())
    return answer(said.body, said.status)
