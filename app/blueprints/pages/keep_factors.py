"""The page behind the link that leaves somebody's second factors as they are."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.blueprints import _context, _links
from app.blueprints._forms import checked
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, limited
from app.blueprints._render import to
from app.blueprints._services import services

bp = Blueprint("keep_factors", __name__)


@bp.get("/keep-factors")
@open_to_anyone
def show() -> ResponseReturnValue:
    return _links.opened() or _warned()


@bp.post("/keep-factors")
@open_to_anyone
@limited(*LINKS)
def create() -> ResponseReturnValue:
    """Only with the box ticked: what presses buttons by itself calls nothing off."""
    if not checked("confirm"):
        return _warned(status=422, errors={"confirm": "Tick this box to keep your second step."})
    services().factor_resets.cancel_by_link(_context.tenant(), token=_links.token(), origin=_context.origin())
    flash("Your second step stays as it is.", "success")
    return _links.done(to("/login"))


def _warned(*, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    warned = services().factor_resets.look(_context.tenant(), token=_links.token())
    return _links.page(
        "keep_factors/show.html",
        status=status,
        errors=errors or {},
        email=warned.email,
        reason=warned.reason,
        started_at=warned.started_at,
        takes_effect_at=warned.takes_effect_at,
    )
