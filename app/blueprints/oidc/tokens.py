"""What clients ask about tokens they have, and giving them back."""

from flask import Blueprint, Response

from app.blueprints import _context
from app.blueprints._limits import CLIENT, limited
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, call, endpoint

bp = Blueprint("tokens", __name__)


@bp.route("/oauth2/introspect", methods=["POST", "OPTIONS"])
@endpoint
@limited(*CLIENT)
def introspect() -> Response:
    tenant, asked, openid = _context.tenant(), call(), services().openid
    client = openid.client_auth.authenticate(tenant, asked)
    return answer(openid.introspection.ask(tenant, client, asked.needed("token")))


@bp.route("/oauth2/revoke", methods=["POST", "OPTIONS"])
@endpoint
@limited(*CLIENT)
def revoke() -> Response:
    tenant, asked, openid = _context.tenant(), call(), services().openid
    client = openid.client_auth.authenticate(tenant, asked)
    openid.revocation.revoke(tenant, client, asked.needed("token"), origin=asked.origin)
    return answer({})
