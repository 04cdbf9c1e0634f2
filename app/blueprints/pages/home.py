"""The front door, and the stylesheet of whoever lives here."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app import theme
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._render import to
from app.errors import NotFound

bp = Blueprint("home", __name__)


@bp.get("/")
@open_to_anyone
def show() -> ResponseReturnValue:
    return to("/account" if _context.scope_or_none() else "/login")


@bp.get("/_theme/<version>.css")
@open_to_anyone
def stylesheet(version: str) -> ResponseReturnValue:
    """The tenant's colours. The version is in the name, so it may be kept for ever."""
    chosen = _context.tenant().theme
    if version != theme.version(chosen):
        raise NotFound
    return Response(
        theme.stylesheet(chosen),
        mimetype="text/css",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
