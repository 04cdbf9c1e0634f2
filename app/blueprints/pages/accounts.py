"""Which account is to be used for an application: those that are signed in in this browser."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, session
from flask.typing import ResponseReturnValue

from app.blueprints import _accounts, _context, _cookies, _flows
from app.blueprints._accounts import Kept
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import FLOW_STEP, limited
from app.blueprints._render import show, to
from app.blueprints._services import services

bp = Blueprint("accounts", __name__)
PATH = "/login/accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An account, as the page shows it."""

    session_id: UUID | None
    name: str
    email: str
    signed_in_at: datetime | None
    current: bool


@bp.get(PATH)
@open_to_anyone
def new() -> ResponseReturnValue:
    """Only on the way to an application; who is signed in nowhere types who they are."""
    flow, here = _flows.current(), _accounts.everybody()
    if flow is None:
        return to("/account")
    if not flow.open:
        return to(_flows.on(flow.id))
    if not here:
        return to("/login")
    return show("login/accounts.html", client=flow.client, accounts=[_row(kept) for kept in here])


@bp.post(PATH)
@open_to_anyone
@limited(*FLOW_STEP)
def create() -> ResponseReturnValue:
    """Go on with this one. What is not this browser's changes nothing."""
    flow, kept = _flows.current(), _named()
    if flow is None:
        return to("/account")
    if kept is None:
        return to(PATH)
    services().openid.flows.chosen(_context.tenant(), flow.id, _flows.browser())
    response = to(_flows.on(flow.id))
    if kept.session_id != _in_use():
        # A new token against forgery: forms of the other account do nothing for this one.
        session.clear()
        _accounts.switch(response, kept)
    return response


@bp.post(f"{PATH}/removal")
@open_to_anyone
@limited(*FLOW_STEP)
def destroy() -> ResponseReturnValue:
    """Sign it out here."""
    flow, kept = _flows.current(), _named()
    if flow is None:
        return to("/account")
    response = to(PATH)
    if kept is None:
        return response
    in_use = kept.session_id == _in_use()
    _accounts.remove(response, kept)
    if in_use:
        session.clear()
        _cookies.drop(response, _cookies.SESSION)
    return response


def _in_use() -> UUID | None:
    scope = _context.scope_or_none()
    return scope.session_id if scope else None


def _named() -> Kept | None:
    """The account that the form names, if it is one of this browser's."""
    named = field("account")
    return next((kept for kept in _accounts.everybody() if str(kept.session_id) == named), None)


def _row(kept: Kept) -> Row:
    return Row(
        session_id=kept.session_id,
        name=kept.scope.name,
        email=kept.scope.email,
        signed_in_at=kept.scope.auth_time,
        current=kept.session_id == _in_use(),
    )
