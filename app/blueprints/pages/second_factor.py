"""What is owed after a first factor that was right: another factor, or a code by mail where it looked unusual."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, request
from flask.typing import ResponseReturnValue

from app.auth.errors import InvalidCode
from app.auth.pending import PROVEN_LIFE
from app.auth.second_factor import Answer, Waiting
from app.blueprints import _context, _pending
from app.blueprints._entering import enter
from app.blueprints._forms import checked, field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE_MAIL, PASSKEY_OPTIONS, SECOND_STEP, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.sign_in import RESEND_PAUSE_S

bp = Blueprint("second_factor", __name__)
_PROMPTS = {
    "totp": "Enter the code that your app shows.",
    "email_code": "Enter the code from the message.",
    "backup_code": "Enter one of your backup codes.",
}
# What helps where a code does not work; a mailed one has the refusal's own words.
WRONG = {
    "totp": "That code does not work. Type the one that your app shows now, or try another way.",
    "backup_code": "That code does not work. Check it, or take another one: each of them works once.",
}


@bp.get("/login/second-factor")
@open_to_anyone
def new() -> ResponseReturnValue:
    waiting = _waiting()
    return _page(waiting, _chosen(waiting, request.args.get("method", ""))) if waiting else _elsewhere()


@bp.post("/login/second-factor")
@open_to_anyone
@limited(*SECOND_STEP)
def create() -> ResponseReturnValue:
    waiting = _waiting()
    if waiting is None:
        return _elsewhere()
    answer = _answer(_chosen(waiting, field("method")))
    try:
        return enter(
            lambda: services().second_factor.redeem(
                _context.tenant(), answer, for_api=False, origin=_context.arriving()
            )
        )
    except InvalidCode as refusal:
        return _refused(waiting, answer, refusal)


@bp.post("/login/second-factor/code")
@open_to_anyone
@limited(*CODE_MAIL)
def resend() -> ResponseReturnValue:
    waiting = _waiting()
    if waiting is None:
        return _elsewhere()
    services().second_factor.send_code(_context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving())
    if is_htmx():
        return _page(waiting, "email_code", sent=True)
    flash("We have sent you a code. Only the newest one works.", "success")
    return to(
        "/login/second-factor" if waiting.methods[0] == "email_code" else "/login/second-factor?method=email_code"
    )


@bp.post("/login/second-factor/passkey-options")
@open_to_anyone
@limited(*PASSKEY_OPTIONS)
def passkey_options() -> ResponseReturnValue:
    asked = services().second_factor.ask_passkey(
        _context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving()
    )
    return jsonify(asked.options)


def _waiting() -> Waiting | None:
    return services().second_factor.waiting(
        _context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving()
    )


def _elsewhere() -> Response:
    """Nothing of this is owed: to what is."""
    return to("/login/enrolment" if _pending.at("enrolment") else "/login")


def _chosen(waiting: Waiting, wanted: str) -> str:
    """The method that somebody wants, if it is theirs; else the strongest."""
    return next((method for method in waiting.methods if method == wanted), waiting.methods[0])


def _answer(method: str) -> Answer:
    return Answer(
        challenge=_pending.secret(),
        method=method,
        code=field("code"),
        credential=field("credential"),
        trust=checked("trust"),
    )


def _refused(waiting: Waiting, answer: Answer, refusal: InvalidCode) -> ResponseReturnValue:
    values = {"code": answer.code, "trust": answer.trust}
    if answer.method == "passkey":
        return _page(waiting, "passkey", status=422, values=values, form_error="That passkey did not work. Try again.")
    sentence = WRONG.get(answer.method, refusal.title) if answer.code.strip() else _PROMPTS[answer.method]
    return _page(waiting, answer.method, status=422, values=values, errors={"code": sentence})


def _page(
    waiting: Waiting, method: str, *, sent: bool = False, status: int = 200, **context: Any
) -> ResponseReturnValue:
    unusual = _pending.at("email_code") is not None
    return show(
        "login/second_factor.html",
        part="login/_code_resend.html",
        status=status,
        method=method,
        methods=waiting.methods,
        unusual=unusual,
        email=_masked(waiting.email),
        minutes=int(PROVEN_LIFE.total_seconds() // 60),
        resend_in=RESEND_PAUSE_S,
        trust_days=0 if unusual else _context.tenant().settings.trusted_device_days,
        sent=sent,
        **{"errors": {}, "values": {}, "form_error": "", **context},
    )


def _masked(email: str) -> str:
    """Enough to know one's own address by: a stranger with the password should not learn it whole."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"
