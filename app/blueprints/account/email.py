"""Changing one's address: asked for by whoever has just shown that it is them, confirmed at the new address."""

from flask import Blueprint, Response, flash
from flask.typing import ResponseReturnValue

from app.blueprints import _context, _links, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import EMAIL_CHANGE, LINKS, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import InvalidInput

bp = Blueprint("account_email", __name__)


@bp.get("/account/email")
def edit() -> ResponseReturnValue:
    """Asked now rather than afterwards, so that nobody fills it in for nothing."""
    services().freshness.require(_context.tenant(), _context.scope())
    return _form(values=_way_back.kept())


@bp.post("/account/email")
@limited(*EMAIL_CHANGE)
def update() -> ResponseReturnValue:
    email = field("email")
    try:
        sent_to = services().email_change.ask(_context.tenant(), _context.scope(), email=email)
    except InvalidInput as refusal:
        return _form(status=422, errors=refusal.by_field, values={"email": email})
    flash(
        f"We have sent a message to {sent_to}. Open the link in it to confirm the address. No message yet? Look in your"
        " spam folder, or fill in the form once more.",
        "success",
    )
    return to("/account/email")


@bp.get("/account/email/confirmation")
def show_confirmation() -> ResponseReturnValue:
    if opened := _links.opened():
        return opened
    change = services().email_change.look(_context.tenant(), _context.scope(), token=_links.token())
    return _links.page("account/email_confirmation.html", old_email=change.old_email, new_email=change.new_email)


@bp.post("/account/email/confirmation")
@limited(*LINKS)
def confirm() -> ResponseReturnValue:
    email = services().email_change.confirm(_context.tenant(), _context.scope(), token=_links.token())
    flash(f"Your address is now {email}. Sign in with it from now on.", "success")
    return _links.done(to("/account/profile"))


def _form(
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    return show(
        "account/email.html",
        status=status,
        errors=errors or {},
        values=values or {},
        current_email=_context.scope().email,
    )
