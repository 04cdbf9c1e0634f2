"""Userinfo: whom a token is about."""

from flask import Blueprint, Response, request

from app.blueprints import _context
from app.blueprints._limits import PRESENTED, limited
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, call, endpoint
from app.oidc.errors import InvalidRequest

bp = Blueprint("userinfo", __name__)


@bp.route("/oauth2/userinfo", methods=["GET", "OPTIONS"])
@endpoint
@limited(*PRESENTED)
def show() -> Response:
    return _read()


@bp.route("/oauth2/userinfo", methods=["POST"])
@endpoint
@limited(*PRESENTED)
def create() -> Response:
    """The same, for those who send the token in a form (OpenID Connect Core, section 5.3.1)."""
    return _read()


def _read() -> Response:
    if "access_token" in request.args:
        raise InvalidRequest("an access token has no place in an address")
    return answer(services().openid.user_info.read(_context.tenant(), call()))
