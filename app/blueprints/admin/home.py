"""The way into the admin console."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.blueprints import _context
from app.blueprints._render import to
from app.blueprints.admin._sections import groups_for
from app.errors import Forbidden

bp = Blueprint("admin", __name__)


@bp.get("/admin")
def index() -> ResponseReturnValue:
    """To the first section that they may open."""
    groups = groups_for(_context.scope())
    if not groups:
        raise Forbidden("This part is for those who manage the accounts and applications here.")
    return to(groups[0].sections[0].href)


@bp.app_context_processor
def context() -> dict[str, object]:
    """For the navigation, and for the link to the console on pages of the account."""
    return {"admin_groups": groups_for(_context.known_scope())}
