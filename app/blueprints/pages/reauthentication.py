"""Confirming that it is you, and back to where you were, to the form as it was."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, request, session
from flask.typing import ResponseReturnValue

from app.auth.errors import InvalidCode, PasskeyRefused
from app.auth.passkey_asking import LIFE as PASSKEY_LIFE
from app.auth.reauthentication_mail import LIFE
from app.auth.renewals import Renewed
from app.auth.showing_again import Shown, Ways
from app.blueprints import _context, _cookies, _flows, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import PASSKEY_OWN, STEP_UP, STEP_UP_MAIL, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.second_factor import WRONG
from app.clock import wall_clock
from app.errors import InvalidInput
from app.oidc.progress import Step

bp = Blueprint("reauthentication", __name__)
# That a code was mailed: only then is there anything to type it from.
_MAILED = "step_up_mailed"


@bp.get("/reauthenticate")
def new() -> ResponseReturnValue:
    """Whoever has just done it is sent straight on; for an application it is for its request to say who has."""
    tenant, scope, flow = _context.tenant(), _context.scope(), _flows.current()
    if flow and not services().openid.authorization.is_at(tenant, flow, Step.REAUTHENTICATE, scope):
        return to(_flows.on(flow.id))
    if flow is None and services().freshness.holds(tenant, scope):
        return to(_way_back.go())
    return _page(method=request.args.get("method", ""))


@bp.post("/reauthenticate")
@limited(*STEP_UP)
def create() -> ResponseReturnValue:
    shown = _shown()
    try:
        renewed = services().reauthentication.prove(
            _context.tenant(), _context.scope(), shown, cookie=_cookies.read(_cookies.SESSION)
        )
    except InvalidInput as refusal:
        return _page(shown, errors=refusal.by_field, unverified=bool(shown.credential))
    except InvalidCode as refusal:
        return _page(shown, errors={"email_code" if shown.email_code else "code": _wrong(shown, refusal)})
    except PasskeyRefused as refusal:
        return _page(shown, form_error=refusal.title)
    return _on(renewed)


@bp.post("/reauthenticate/code")
@limited(*STEP_UP_MAIL)
def send() -> ResponseReturnValue:
    services().reauthentication.mail_code(_context.tenant(), _context.scope())
    session[_MAILED] = True
    flash("We have sent you a code. Only the newest one works.", "success")
    return to(f"{_way_back.REAUTHENTICATION}?method=email_code")


@bp.post("/reauthenticate/passkey-options")
@limited(*PASSKEY_OWN)
def ask() -> ResponseReturnValue:
    asked = services().reauthentication.ask_passkey(_context.tenant(), _context.scope())
    response = jsonify(asked.options)
    _cookies.put(response, _cookies.PASSKEY, asked.secret, life=PASSKEY_LIFE)
    return response


def _shown() -> Shown:
    return Shown(
        password=field("password"),
        email_code=field("email_code"),
        method=field("method"),
        code=field("code"),
        credential=field("credential"),
        challenge=_cookies.read(_cookies.PASSKEY) or "",
    )


def _wrong(shown: Shown, refusal: InvalidCode) -> str:
    return refusal.title if shown.email_code else WRONG.get(shown.method, refusal.title)


def _on(renewed: Renewed) -> Response:
    """Back to where they were, with the session's new secret."""
    way_on = _flows.way_on()
    sent, whither = _way_back.sent() and not way_on, _way_back.go(anew=True)
    whither = way_on or whither
    if sent:
        flash("Thank you. Now press the button once more.", "success")
    response = make_response("", 204, {"HX-Redirect": whither}) if is_htmx() else to(whither)
    life = renewed.expires_at - wall_clock() if renewed.remember else None
    _cookies.put(response, _cookies.SESSION, renewed.cookie, life=life)
    _cookies.drop(response, _cookies.PASSKEY)
    return response


def _page(shown: Shown | None = None, *, method: str = "", **context: Any) -> ResponseReturnValue:
    ways = services().reauthentication.ways(_context.tenant(), _context.scope())
    return show(
        "reauthenticate/show.html",
        status=422 if shown else 200,
        method=(shown.method if shown else method) or next(iter(ways.methods), ""),
        methods=_asked(ways),
        has_password=ways.first == "password",
        needs_code=bool(_asked(ways)),
        mail_first=ways.first == "email_code" and bool(ways.methods),
        mailed=bool(session.get(_MAILED)),
        minutes=int(LIFE.total_seconds() // 60),
        email=_context.scope().email,
        back=_way_back.HOME,
        reason=_reason(),
        values={"code": shown.code, "email_code": shown.email_code} if shown else {},
        **{"errors": {}, "form_error": "", "unverified": False, **context},
    )


def _reason() -> str:
    flow = _flows.current()
    return f"{flow.client.name} asks you to sign in once more." if flow else ""


def _asked(ways: Ways) -> tuple[str, ...]:
    """Who has neither a password nor a second factor is asked for a mailed code, as if it were one."""
    return ways.methods or (("email_code",) if ways.first == "email_code" else ())
