"""Pictures of applications, as the pages of sign-in show them."""

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._services import services

bp = Blueprint("application_logo", __name__)
_FOR_EVER, _A_WHILE = "public, max-age=31536000, immutable", "public, max-age=300"


@bp.get("/applications/<uuid:application_id>/logo")
@open_to_anyone
def show(application_id: UUID) -> ResponseReturnValue:
    """An address that names the version may be kept for ever. Opened by itself, it can do nothing (``_headers``)."""
    logo = services().openid.applications.logo(_context.tenant(), application_id)
    named = request.args.get("v") == logo.version
    return Response(
        logo.png,
        mimetype="image/png",
        headers={
            "Cache-Control": _FOR_EVER if named else _A_WHILE,
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
