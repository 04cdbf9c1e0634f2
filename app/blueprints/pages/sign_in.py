"""Signing in: who are you, then how do you prove it."""

from flask import Blueprint, flash, session
from flask.typing import ResponseReturnValue

from app.auth.errors import EmailNotVerified, InvalidCredentials
from app.auth.gate import SignedIn
from app.auth.login import Attempt
from app.blueprints import _context, _cookies, _pending
from app.blueprints._forms import checked, field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import SIGN_IN, SIGN_IN_STEP, VERIFICATION_STEP, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.email import addresses
from app.errors import InvalidInput

bp = Blueprint("sign_in", __name__)
# Shown by the countdown; the limit is what binds.
RESEND_PAUSE_S = 30


@bp.get("/login")
@open_to_anyone
def new() -> ResponseReturnValue:
    if _context.scope_or_none():
        return to("/account")
    return _identifier(email=_pending.email() or "")


@bp.post("/login")
@open_to_anyone
@limited(*SIGN_IN)
def create() -> ResponseReturnValue:
    """An address leads to the next step; an address and a password together sign in."""
    email, password = field("email"), field("password")
    try:
        addresses.parse(email)
    except InvalidInput as refusal:
        return _identifier(email=email, errors=refusal.by_field, status=422)
    if password:
        return _sign_in(email, password)
    response = to("/login/password")
    _pending.begin(response, email, step="password")
    return response


@bp.get("/login/password")
@open_to_anyone
def password() -> ResponseReturnValue:
    email = _pending.email()
    return show("login/password.html", email=email, errors={}, values={}) if email else to("/login")


@bp.post("/login/password")
@open_to_anyone
@limited(*SIGN_IN_STEP)
def prove() -> ResponseReturnValue:
    """The address is the one that the form shows: another tab may have begun with another since."""
    email = _meant()
    if not email:
        return to("/login")
    if not field("password"):
        return _password_again(email, errors={"password": "Enter your password."})
    return _sign_in(email, field("password"))


@bp.get("/login/verify")
@open_to_anyone
def verify() -> ResponseReturnValue:
    """Look into your mail: the same after registering and after a right password with an unconfirmed address."""
    pending = _pending.read()
    if pending is None or pending.step != "verify":
        return to("/login/password" if pending else "/login")
    return _look_into_your_mail(pending.email, sent=False)


@bp.post("/login/verify")
@open_to_anyone
@limited(*VERIFICATION_STEP)
def resend() -> ResponseReturnValue:
    email = _meant()
    if not email:
        return to("/login")
    services().verification.resend(_context.tenant(), email=email)
    if is_htmx():
        return _look_into_your_mail(email, sent=True)
    flash("We have sent the message again.", "success")
    return to("/login/verify")


def start(signed_in: SignedIn) -> ResponseReturnValue:
    """The gate has opened: give the browser its session and send it where it wanted to go."""
    came_for = session.get("next", "/account")
    before = _context.scope_or_none()
    if before and before.session_id:
        services().sessions.end(_context.tenant(), before, before.session_id, reason="replaced")
    # A new id at every change of privilege, for the CSRF token too.
    session.clear()
    tenant = _context.tenant()
    response = to(came_for)
    life = tenant.settings.session_life(remember=True) if signed_in.remember else None
    _cookies.put(response, _cookies.SESSION, signed_in.cookie or "", life=life)
    _cookies.put(response, _cookies.DEVICE, signed_in.device, life=_cookies.DEVICE_LIFE)
    _pending.end(response)
    return response


def _sign_in(email: str, password: str) -> ResponseReturnValue:
    attempt = Attempt(email=email, password=password, remember=checked("remember"))
    try:
        return start(services().login.with_password(_context.tenant(), attempt, origin=_context.origin()))
    except InvalidCredentials as refusal:
        return _password_again(email, form_error=refusal.title)
    except EmailNotVerified:
        response = to("/login/verify")
        _pending.begin(response, email, step="verify")
        flash("Please confirm your email address first.", "info")
        return response


def _meant() -> str | None:
    return field("email") or _pending.email()


def _password_again(email: str, *, errors: dict[str, str] | None = None, form_error: str = "") -> ResponseReturnValue:
    values = {"remember": checked("remember")}
    return show(
        "login/password.html", status=422, email=email, values=values, errors=errors or {}, form_error=form_error
    )


def _look_into_your_mail(email: str, *, sent: bool) -> ResponseReturnValue:
    return show(
        "login/verify.html",
        part="login/_resend.html",
        email=email,
        resend_in=RESEND_PAUSE_S,
        sent=sent,
        hours=_context.tenant().settings.verification_hours,
    )


def _identifier(*, email: str, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    return show(
        "login/identifier.html",
        values={"email": email},
        errors=errors or {},
        registration_open=_context.tenant().settings.registration_open,
        status=status,
    )
