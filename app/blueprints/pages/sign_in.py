"""Signing in: who are you, then how do you prove it."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.auth.errors import InvalidCredentials
from app.auth.login import Attempt
from app.blueprints import _context, _flows, _pending
from app.blueprints._entering import enter
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
    """With an application's sign-in also for somebody who is signed in: it may be another account that they want."""
    if ended := _flows.ended():
        return to(ended)
    if _context.scope_or_none() and _flows.current() is None:
        return to("/account")
    return identifier_page(email=_flows.address())


@bp.post("/login")
@open_to_anyone
@limited(*SIGN_IN)
def create() -> ResponseReturnValue:
    """An address leads to the next step; an address and a password together sign in."""
    email, password = field("email"), field("password")
    try:
        addresses.parse(email)
    except InvalidInput as refusal:
        return identifier_page(email=email, errors=refusal.by_field, status=422)
    if password:
        return _sign_in(email, password)
    response, waiting = to("/login/password"), _pending.at("magic_link")
    # Who has asked for a link and comes back here meanwhile is still the one who asked for it.
    if not waiting or addresses.key_of(waiting.email) != addresses.key_of(email):
        _pending.begin(response, email, step="password")
    return response


@bp.get("/login/password")
@open_to_anyone
def password() -> ResponseReturnValue:
    pending = _pending.read()
    if pending is None or not _context.tenant().settings.allows("password"):
        return to("/login")
    return _password_page(pending.email)


@bp.post("/login/password")
@open_to_anyone
@limited(*SIGN_IN_STEP)
def prove() -> ResponseReturnValue:
    """The address is the one that the form shows: another tab may have begun with another since."""
    email = meant()
    if not email:
        return to("/login")
    if not field("password"):
        return _password_page(email, status=422, errors={"password": "Enter your password."})
    return _sign_in(email, field("password"))


@bp.get("/login/verify")
@open_to_anyone
def verify() -> ResponseReturnValue:
    """Look into your mail: the same after registering and after a right password with an unconfirmed address."""
    pending = _pending.at("verify")
    if pending is None:
        return to("/login/password" if _pending.read() else "/login")
    return _look_into_your_mail(pending.email, sent=False)


@bp.post("/login/verify")
@open_to_anyone
@limited(*VERIFICATION_STEP)
def resend() -> ResponseReturnValue:
    email = meant()
    if not email:
        return to("/login")
    services().verification.resend(_context.tenant(), email=email, origin=_context.origin())
    if is_htmx():
        return _look_into_your_mail(email, sent=True)
    flash("We have sent the message again.", "success")
    return to("/login/verify")


def meant() -> str | None:
    """The address that the form shows, else the one that was typed a step earlier."""
    return field("email") or _pending.email()


def _sign_in(email: str, password: str) -> ResponseReturnValue:
    attempt = Attempt(email=email, password=password, remember=checked("remember"))
    try:
        return enter(
            lambda: services().login.with_password(_context.tenant(), attempt, origin=_context.arriving()), email=email
        )
    except InvalidCredentials as refusal:
        return _password_page(email, status=422, form_error=refusal.title)


def _password_page(
    email: str, *, status: int = 200, errors: dict[str, str] | None = None, form_error: str = ""
) -> ResponseReturnValue:
    settings = _context.tenant().settings
    return show(
        "login/password.html",
        status=status,
        email=email,
        values={"remember": checked("remember")},
        errors=errors or {},
        form_error=form_error,
        magic_links=settings.allows("magic_link"),
        remember_me=settings.remember_me,
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


def identifier_page(
    *, email: str, errors: dict[str, str] | None = None, form_error: str = "", status: int = 200
) -> ResponseReturnValue:
    settings = _context.tenant().settings
    return show(
        "login/identifier.html",
        values={"email": email},
        errors=errors or {},
        form_error=form_error,
        registration_open=settings.registration_open and settings.allows("password"),
        passwords=settings.allows("password"),
        magic_links=settings.allows("magic_link"),
        passkeys=settings.allows("passkey"),
        status=status,
    )
