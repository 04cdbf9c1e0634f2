"""Signing out."""

from flask import Blueprint, Response, flash, session
from flask.typing import ResponseReturnValue

from app.blueprints import _accounts, _context, _cookies, _pending
from app.blueprints._guards import open_to_anyone
from app.blueprints._render import show, to

bp = Blueprint("logout", __name__)


@bp.get("/logout")
@open_to_anyone
def new() -> ResponseReturnValue:
    count = len(_accounts.everybody())
    return show("logout/show.html", accounts=count) if count else to("/login")


@bp.post("/logout")
@open_to_anyone
def create() -> ResponseReturnValue:
    """End this session, and those of the other accounts in this browser. Signed out already is signed out."""
    several = _accounts.end_all() > 1
    response = leave("You are signed out of all your accounts here." if several else "You are signed out.")
    _accounts.drop(response)
    return response


def leave(notice: str) -> Response:
    """To the door, with nothing of the session left in the browser. The device and other accounts stay known."""
    _context.forget_scope()
    session.clear()
    flash(notice, "success")
    response = to("/login")
    _cookies.drop(response, _cookies.SESSION)
    _pending.end(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
