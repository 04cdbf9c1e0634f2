"""What programs look up first: what we are, and by which keys we are known."""

from flask import Blueprint, Response

from app.blueprints import _context
from app.blueprints._limits import LOOK_UP, limited
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, endpoint
from app.oidc import discovery

bp = Blueprint("well_known", __name__)
# A key is published before it signs, and after a rotation for a day: whoever looks again every five minutes has the
# next one in time. Should we be away, what they have is good for longer than no answer (RFC 5861, section 4).
_KEPT = "public, max-age=300, stale-if-error=86400"


@bp.route("/.well-known/openid-configuration", methods=["GET", "OPTIONS"])
@endpoint
@limited(*LOOK_UP)
def openid_configuration() -> Response:
    return _kept(answer(discovery.document(_context.tenant().origin)))


@bp.route("/.well-known/oauth-authorization-server", methods=["GET", "OPTIONS"])
@endpoint
@limited(*LOOK_UP)
def oauth_authorization_server() -> Response:
    return _kept(answer(discovery.document(_context.tenant().origin)))


@bp.route("/oauth2/jwks", methods=["GET", "OPTIONS"])
@endpoint
@limited(*LOOK_UP)
def jwks() -> Response:
    return _kept(answer({"keys": services().key_ring.published(_context.tenant().id)}))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = _KEPT
    del response.headers["Pragma"]
    return response
