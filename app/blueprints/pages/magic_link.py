"""Signing in by mail: asking, waiting, and the page that the link leads to."""

from typing import Any

from flask import Blueprint, Response, flash
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.auth.errors import InvalidCode
from app.blueprints import _context, _links, _pending
from app.blueprints._entering import enter, start
from app.blueprints._forms import checked, field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE, LINKS, MAGIC_LINK, WAITING, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.sign_in import RESEND_PAUSE_S, identifier_page, meant
from app.errors import InvalidInput

bp = Blueprint("magic_link", __name__)


@bp.post("/login/magic-link")
@open_to_anyone
@limited(*MAGIC_LINK)
def ask() -> ResponseReturnValue:
    """Send a link; or another one, which is then the only one that works."""
    email = meant()
    if not email:
        return to("/login")
    pending = _pending.at("magic_link")
    remember = checked("remember") or bool(pending and pending.remember)
    try:
        challenge = services().magic_links.ask(
            _context.tenant(), email=email, remember=remember, for_api=False, origin=_context.origin()
        )
    except InvalidInput as refusal:
        return identifier_page(email=email, errors=refusal.by_field, status=422)
    if is_htmx():
        response = _waiting(email, challenge, sent=True)
    else:
        if pending:
            flash("We have sent a new message. Only the newest link and code work.", "success")
        response = to("/login/magic-link")
    _pending.put(response, challenge)
    return response


@bp.get("/login/magic-link")
@open_to_anyone
def wait() -> ResponseReturnValue:
    pending, challenge = _pending.at("magic_link"), _pending.secret()
    if pending is None or challenge is None:
        return to("/login")
    return _waiting(pending.email, challenge)


@bp.post("/login/magic-link/code")
@open_to_anyone
@limited(*CODE)
def type_code() -> ResponseReturnValue:
    pending, challenge = _pending.at("magic_link"), _pending.secret()
    if pending is None or challenge is None:
        return to("/login")
    code = field("code")
    try:
        return enter(
            lambda: services().magic_links.redeem(
                _context.tenant(), code=code, challenge=challenge, for_api=False, origin=_context.arriving()
            )
        )
    except InvalidCode as refusal:
        errors = {"code": refusal.title if code.strip() else "Enter the code from the message."}
        return _waiting(pending.email, challenge, status=422, errors=errors, values={"code": code})


@bp.post("/login/magic-link/approval")
@open_to_anyone
@limited(*WAITING)
def enter_approved() -> ResponseReturnValue:
    """Asked again and again by the waiting page, and by a button where there is no JavaScript."""
    if _pending.at("magic_link") is None:
        return to("/login")
    signed_in = services().magic_links.enter_approved(
        _context.tenant(), challenge=_pending.secret(), origin=_context.arriving()
    )
    if signed_in:
        return start(signed_in)
    if is_htmx():
        return Response(status=204)
    flash("It has not been approved yet. Open the link on your other device first.", "info")
    return to("/login/magic-link")


@bp.get("/magic-link")
@open_to_anyone
def land() -> ResponseReturnValue:
    """What the link is for. Nothing is used up, and nobody is signed in: mail programs open links by themselves."""
    _pending.carry_on()
    return _links.opened() or _landing()


@bp.post("/magic-link")
@open_to_anyone
@limited(*LINKS)
def follow() -> ResponseReturnValue:
    _pending.carry_on()
    token, challenge = _links.token(), _pending.secret()
    return _links.done(
        enter(
            lambda: services().magic_links.follow(
                _context.tenant(), token=token, challenge=challenge, for_api=False, origin=_context.arriving()
            )
        )
    )


@bp.post("/magic-link/approval")
@open_to_anyone
@limited(*LINKS)
def approve() -> ResponseReturnValue:
    """Let the browser in that waits elsewhere, and whose number is on its screen."""
    try:
        services().magic_links.approve(
            _context.tenant(), token=_links.token(), number=field("number"), origin=_context.origin()
        )
    except InvalidInput as refusal:
        return _landing(status=422, errors=refusal.by_field)
    return _links.done(show("magic_link/approved.html"))


def _waiting(email: str, challenge: str, *, sent: bool = False, status: int = 200, **context: Any) -> Response:
    return show(
        "login/magic_link.html",
        part="login/_magic_link.html",
        status=status,
        email=email,
        number=services().magic_links.number(challenge),
        minutes=_context.tenant().settings.magic_link_minutes,
        resend_in=RESEND_PAUSE_S,
        sent=sent,
        **{"errors": {}, "values": {}, **context},
    )


def _landing(*, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    token = _links.token()
    landing = services().magic_links.look(_context.tenant(), token=token, challenge=_pending.secret())
    return _links.page(
        "magic_link/show.html",
        status=status,
        errors=errors or {},
        email=landing.email,
        same_browser=landing.same_browser,
        for_api=landing.for_api,
        code=f"{landing.code[:3]} {landing.code[3:]}",
        asked_at=landing.asked_at,
        client=describe(landing.user_agent, browser=not landing.for_api)[0],
        place=services().place_of(landing.ip),
        ip=landing.ip,
    )
