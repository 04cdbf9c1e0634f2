"""The pages behind the links of warnings: not me, open my account, it was me, put my address back."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.blueprints import _context, _cookies, _links, _pending
from app.blueprints._forms import checked
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import LINKS, limited
from app.blueprints._render import show, to
from app.blueprints._services import services

bp = Blueprint("warnings", __name__)


@bp.get("/secure-account")
@open_to_anyone
def show_report() -> ResponseReturnValue:
    return _links.opened() or _report()


@bp.post("/secure-account")
@open_to_anyone
@limited(*LINKS)
def lock_down() -> ResponseReturnValue:
    """Only with the box ticked: what presses buttons by itself shuts nobody out."""
    if not checked("confirm"):
        return _report(status=422, errors={"confirm": "Tick this box if it was not you."})
    email = services().lock_down.by_link(_context.tenant(), token=_links.token(), origin=_context.origin())
    _context.forget_scope()
    return _locked_down(email, "/secure-account/done")


@bp.get("/secure-account/done")
@open_to_anyone
def show_done() -> ResponseReturnValue:
    return _done(undone=False)


@bp.get("/unlock-account")
@open_to_anyone
def show_locked() -> ResponseReturnValue:
    return _links.opened() or _locked()


@bp.post("/unlock-account")
@open_to_anyone
@limited(*LINKS)
def unlock() -> ResponseReturnValue:
    if not checked("confirm"):
        return _locked(status=422, errors={"confirm": "Tick this box to open your account."})
    email = services().reopening.unlock(_context.tenant(), token=_links.token(), origin=_context.origin())
    flash("Your account is open again. You can sign in.", "success")
    response = to("/login")
    _pending.begin(response, email, step="password")
    return _links.done(response)


@bp.get("/allow-sign-in")
@open_to_anyone
def show_stopped() -> ResponseReturnValue:
    return _links.opened() or _stopped()


@bp.post("/allow-sign-in")
@open_to_anyone
@limited(*LINKS)
def allow() -> ResponseReturnValue:
    if not checked("confirm"):
        return _stopped(status=422, errors={"confirm": "Tick this box if it was you."})
    email, device = services().reopening.allow(_context.tenant(), token=_links.token(), origin=_context.origin())
    flash("Thank you. Sign in once more, in this browser.", "success")
    response = to("/login")
    _cookies.put(response, _cookies.DEVICE, device, life=_cookies.DEVICE_LIFE)
    _pending.begin(response, email, step="password")
    return _links.done(response)


@bp.get("/undo-email-change")
@open_to_anyone
def show_change() -> ResponseReturnValue:
    if opened := _links.opened():
        return opened
    change = services().email_change.look_back(_context.tenant(), token=_links.token())
    return _links.page("email_change/undo.html", old_email=change.old_email, new_email=change.new_email)


@bp.post("/undo-email-change")
@open_to_anyone
@limited(*LINKS)
def undo() -> ResponseReturnValue:
    email = services().email_change.undo(_context.tenant(), token=_links.token(), origin=_context.origin())
    _context.forget_scope()
    return _locked_down(email, "/undo-email-change/done")


@bp.get("/undo-email-change/done")
@open_to_anyone
def show_undone() -> ResponseReturnValue:
    return _done(undone=True)


def _done(*, undone: bool) -> ResponseReturnValue:
    pending = _pending.at("reset")
    return show("secure_account/done.html", email=pending.email, undone=undone) if pending else to("/login")


def _locked_down(email: str, then: str) -> ResponseReturnValue:
    """A reset has begun, and its mail is on the way."""
    response = to(then)
    _pending.begin(response, email, step="reset")
    return _links.done(response)


def _locked(*, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    email = services().reopening.look_locked(_context.tenant(), token=_links.token())
    return _links.page("unlock_account/show.html", status=status, errors=errors or {}, email=email)


def _stopped(*, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    stopped = services().reopening.look_stopped(_context.tenant(), token=_links.token())
    return _links.page(
        "allow_sign_in/show.html",
        status=status,
        errors=errors or {},
        email=stopped.email,
        at=stopped.at,
        ip=stopped.ip,
        place=services().place_of(stopped.ip),
        client=describe(stopped.user_agent, browser=True)[0],
    )


def _report(*, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    reported = services().lock_down.look(_context.tenant(), token=_links.token())
    known = reported.at is not None
    return _links.page(
        "secure_account/show.html",
        status=status,
        errors=errors or {},
        email=reported.email,
        at=reported.at,
        ip=reported.ip,
        place=services().place_of(reported.ip),
        client=describe(reported.user_agent, browser=True)[0] if known else "",
    )
