"""What is owed after a first factor that was right: today a code by mail, where the sign-in looked unusual."""

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.auth.errors import InvalidCode
from app.auth.pending import PROVEN_LIFE
from app.blueprints import _context, _pending
from app.blueprints._entering import enter
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE, CODE_MAIL, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.sign_in import RESEND_PAUSE_S

bp = Blueprint("second_factor", __name__)


@bp.get("/login/second-factor")
@open_to_anyone
def new() -> ResponseReturnValue:
    return _page() if _pending.at("email_code") else to("/login")


@bp.post("/login/second-factor")
@open_to_anyone
@limited(*CODE)
def create() -> ResponseReturnValue:
    if _pending.at("email_code") is None:
        return to("/login")
    code = field("code")
    try:
        return enter(
            lambda: services().email_codes.redeem(
                _context.tenant(), challenge=_pending.secret(), code=code, for_api=False, origin=_context.arriving()
            )
        )
    except InvalidCode as refusal:
        errors = {"code": refusal.title if code.strip() else "Enter the code from the message."}
        return _page(status=422, errors=errors, values={"code": code})


@bp.post("/login/second-factor/code")
@open_to_anyone
@limited(*CODE_MAIL)
def resend() -> ResponseReturnValue:
    if _pending.at("email_code") is None:
        return to("/login")
    services().email_codes.resend(_context.tenant(), _pending.secret())
    if is_htmx():
        return _page(sent=True)
    flash("We have sent a new code. Only the newest one works.", "success")
    return to("/login/second-factor")


def _page(*, sent: bool = False, status: int = 200, **context: Any) -> ResponseReturnValue:
    return show(
        "login/second_factor.html",
        part="login/_code_resend.html",
        status=status,
        email=_masked(_pending.email() or ""),
        minutes=int(PROVEN_LIFE.total_seconds() // 60),
        resend_in=RESEND_PAUSE_S,
        sent=sent,
        **{"errors": {}, "values": {}, **context},
    )


def _masked(email: str) -> str:
    """Enough to know one's own address by: a stranger with the password should not learn it whole."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"
