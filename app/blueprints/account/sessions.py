"""Where somebody is signed in, and ending it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.auth.sessions import SessionView
from app.blueprints import _context
from app.blueprints._forms import checked
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.logout import leave

bp = Blueprint("account_sessions", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A session, as the page shows it."""

    id: UUID
    current: bool
    client: str
    kind: str
    ip: str | None
    place: str | None
    signed_in_at: datetime
    last_seen_at: datetime
    remember: bool


@bp.get("/account/sessions")
def index() -> ResponseReturnValue:
    return _list()


@bp.post("/account/sessions/<uuid:session_id>/revocation")
def destroy(session_id: UUID) -> ResponseReturnValue:
    scope = _context.scope()
    services().sessions.end(_context.tenant(), scope, session_id)
    if session_id == scope.session_id:
        return leave("You are signed out.")
    return _done("That device is signed out.")


@bp.post("/account/sessions/revocations")
def destroy_all() -> ResponseReturnValue:
    current_too = checked("current")
    services().sessions.end_all(_context.tenant(), _context.scope(), current_too=current_too)
    return leave("You are signed out everywhere.") if current_too else _done("You are signed out everywhere else.")


def _done(notice: str) -> ResponseReturnValue:
    if is_htmx():
        return _list(notice=notice)
    flash(notice, "success")
    return to("/account/sessions")


def _list(*, notice: str = "") -> ResponseReturnValue:
    rows = [_row(view) for view in services().sessions.list(_context.tenant(), _context.scope())]
    return show("account/sessions.html", part="account/_sessions.html", sessions=rows, notice=notice)


def _row(view: SessionView) -> Row:
    client, kind = describe(view.user_agent, browser=view.browser)
    return Row(
        id=view.id,
        current=view.current,
        client=client,
        kind=kind,
        ip=view.ip,
        place=services().place_of(view.ip),
        signed_in_at=view.created_at,
        last_seen_at=view.last_seen_at,
        remember=view.remember,
    )
