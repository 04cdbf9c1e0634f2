"""Our own half of signing out on an application's word: the form that asks, and where it leads."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.blueprints import _accounts, _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.oidc import _answers, _signed_out

bp = Blueprint("signed_out", __name__)


@bp.post(f"{_signed_out.ADDRESS}/confirmation")
@open_to_anyone
def create() -> ResponseReturnValue:
    """They mean it: everybody in this browser is signed out, as by the button on our own pages."""
    _accounts.end_all()
    wish = services().openid.end_session.opened(_context.tenant(), request.form.get("ticket", ""))
    response = to(f"{_signed_out.ADDRESS}/done?ticket={_signed_out.ticket(wish)}")
    _accounts.drop(response)
    return _answers.private(_signed_out.forget(response))


@bp.get(f"{_signed_out.ADDRESS}/done")
@open_to_anyone
def show() -> ResponseReturnValue:
    wish = services().openid.end_session.opened(_context.tenant(), request.args.get("ticket", ""))
    return _signed_out.page(wish, moves=True)
