"""A forgotten password: asking for a link, and choosing a new one with it."""

from flask import Blueprint, Response, flash
from flask.typing import ResponseReturnValue

from app.auth.errors import MethodDisabled
from app.blueprints import _context, _links, _pending
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, RESET, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.sign_in import RESEND_PAUSE_S
from app.errors import InvalidInput

bp = Blueprint("recovery", __name__)


@bp.get("/forgot-password")
@open_to_anyone
def new() -> ResponseReturnValue:
    if not _context.tenant().settings.allows("password"):
        raise MethodDisabled
    scope = _context.scope_or_none()
    return _form(scope.email if scope else _pending.email() or "")


@bp.post("/forgot-password")
@open_to_anyone
@limited(*RESET)
def create() -> ResponseReturnValue:
    """The same answer for every address."""
    email = field("email") or _pending.email() or ""
    again = _pending.at("reset") is not None
    try:
        services().recovery.ask(_context.tenant(), email=email, origin=_context.origin())
    except InvalidInput as refusal:
        return _form(email, errors=refusal.by_field, status=422)
    if is_htmx():
        return _sent(email, sent=True)
    if again:
        flash("We have sent the message again.", "success")
    response = to("/forgot-password/sent")
    _pending.begin(response, email.strip(), step="reset")
    return response


@bp.get("/forgot-password/sent")
@open_to_anyone
def sent() -> ResponseReturnValue:
    pending = _pending.at("reset")
    return _sent(pending.email, sent=False) if pending else to("/forgot-password")


@bp.get("/reset-password")
@open_to_anyone
def edit() -> ResponseReturnValue:
    _pending.carry_on()
    return _links.opened() or _choose()


@bp.post("/reset-password")
@open_to_anyone
@limited(*LINKS)
def update() -> ResponseReturnValue:
    _pending.carry_on()
    try:
        email = services().recovery.reset(
            _context.tenant(), token=_links.token(), new_password=field("new_password"), origin=_context.origin()
        )
    except InvalidInput as refusal:
        return _choose(status=422, errors=refusal.by_field)
    flash("Your new password is saved, and you are signed out everywhere. Sign in with it now.", "success")
    response = to("/login/password")
    _context.forget_scope()
    _pending.begin(response, email, step="password")
    return _links.done(response)


@bp.get("/.well-known/change-password")
@open_to_anyone
def change() -> ResponseReturnValue:
    """Where password managers send people (W3C, A Well-Known URL for Changing Passwords)."""
    response = to("/account/password")
    response.status_code = 302
    return response


def _form(email: str, *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return show("forgot_password/new.html", values={"email": email}, errors=errors or {}, status=status)


def _sent(email: str, *, sent: bool) -> Response:
    return show(
        "forgot_password/sent.html",
        part="forgot_password/_resend.html",
        email=email,
        minutes=_context.tenant().settings.reset_minutes,
        resend_in=RESEND_PAUSE_S,
        sent=sent,
    )


def _choose(*, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    found = services().recovery.look(_context.tenant(), token=_links.token())
    return _links.page(
        "reset_password/edit.html",
        status=status,
        errors=errors or {},
        email=found.email,
        password_min=_context.tenant().settings.shortest_password,
    )
