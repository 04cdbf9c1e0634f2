"""Signing out."""

from flask import Blueprint, flash, session
from flask.typing import ResponseReturnValue

from app.blueprints import _context, _cookies, _pending
from app.blueprints._guards import open_to_anyone
from app.blueprints._render import show, to
from app.blueprints._services import services

bp = Blueprint("logout", __name__)


@bp.get("/logout")
@open_to_anyone
def new() -> ResponseReturnValue:
    return show("logout/show.html") if _context.scope_or_none() else to("/login")


@bp.post("/logout")
@open_to_anyone
def create() -> ResponseReturnValue:
    """End this session. Signed out already is signed out."""
    if scope := _context.scope_or_none():
        services().sessions.logout(_context.tenant(), scope)
    return leave("You are signed out.")


def leave(notice: str) -> ResponseReturnValue:
    """To the door, with nothing of the session left in the browser. The device stays known."""
    _context.forget_scope()
    session.clear()
    flash(notice, "success")
    response = to("/login")
    _cookies.drop(response, _cookies.SESSION)
    _pending.end(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
