"""Where devices without a keyboard begin (RFC 8628, section 3.1)."""

from flask import Blueprint, Response

from app.blueprints import _context
from app.blueprints._limits import CLIENT, DEVICE_AUTHORIZATION, limited
from app.blueprints._services import services
from app.blueprints.oidc._calls import answer, call, endpoint

bp = Blueprint("oidc_device_authorization", __name__)


@bp.route("/oauth2/device_authorization", methods=["POST", "OPTIONS"])
@limited(*CLIENT, *DEVICE_AUTHORIZATION)
@endpoint
def create() -> Response:
    sent, tenant, openid = call(), _context.tenant(), services().openid
    client = openid.client_auth.authenticate(tenant, sent)
    begun = openid.devices.begin(
        tenant, client, scope=sent.one("scope"), resources=sent.every("resource"), origin=sent.origin
    )
    page = f"{tenant.origin}/device"
    return answer(
        {
            "device_code": begun.device_code,
            "user_code": begun.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={begun.user_code}",
            "expires_in": begun.expires_in,
            "interval": begun.interval,
        }
    )
