"""Keeping an account that was to be deleted: the link in the mail. GET changes nothing, POST confirms."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.blueprints import _context, _links
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, limited
from app.blueprints._render import to
from app.blueprints._services import services

bp = Blueprint("farewell", __name__)


@bp.get("/keep-account")
@open_to_anyone
def show() -> ResponseReturnValue:
    if opened := _links.opened():
        return opened
    leaver = services().farewell.look(_context.tenant(), token=_links.token())
    return _links.page("keep_account/show.html", email=leaver.email, erase_at=leaver.erase_at)


@bp.post("/keep-account")
@open_to_anyone
@limited(*LINKS)
def create() -> ResponseReturnValue:
    services().farewell.stay(_context.tenant(), token=_links.token(), origin=_context.origin())
    flash("Your account stays. You can sign in again.", "success")
    return _links.done(to("/login"))
