"""Setting up a second step on the way in, where it is required and there is none."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any

from flask import Blueprint, Response, jsonify, session
from flask.typing import ResponseReturnValue

from app.auth.errors import EmailNotVerified, InvalidCode, PasskeyRefused
from app.auth.factors import enrollable
from app.auth.gate import SignedIn
from app.auth.second_factor import Waiting
from app.blueprints import _context, _pending
from app.blueprints._entering import enter, wanted
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import CODE, limited
from app.blueprints._qr import qr_of
from app.blueprints._render import show, to
from app.blueprints._services import services

bp = Blueprint("enrolment", __name__)
# Where one goes with a new factor: to the codes that help when it is lost, and then on.
_CODES = "/account/backup-codes"
_DAY = timedelta(days=1)


@bp.get("/login/enrolment")
@open_to_anyone
def new() -> ResponseReturnValue:
    waiting = _waiting()
    return _choice(waiting) if waiting else _elsewhere()


@bp.post("/login/enrolment/skip")
@open_to_anyone
@limited(*CODE)
def skip() -> ResponseReturnValue:
    if _waiting() is None:
        return _elsewhere()
    return enter(lambda: services().enrolment.skip(_context.tenant(), _pending.secret(), origin=_context.arriving()))


@bp.post("/login/enrolment/app/begin")
@open_to_anyone
@limited(*CODE)
def begin_app() -> ResponseReturnValue:
    if _waiting() is None:
        return _elsewhere()
    try:
        services().enrolment.begin_app(_context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving())
    except EmailNotVerified:
        return _prove_first()
    return to("/login/enrolment/app")


@bp.get("/login/enrolment/app")
@open_to_anyone
def show_app() -> ResponseReturnValue:
    waiting = _waiting()
    return _app(waiting) if waiting else _elsewhere()


@bp.post("/login/enrolment/app")
@open_to_anyone
@limited(*CODE)
def confirm_app() -> ResponseReturnValue:
    waiting, code = _waiting(), field("code")
    if waiting is None:
        return _elsewhere()
    try:
        return _enter_with_codes(
            lambda: services().enrolment.confirm_app(
                _context.tenant(), _pending.secret(), code=code, for_api=False, origin=_context.arriving()
            )
        )
    except InvalidCode:
        sentence = "That code does not work. Wait for the next one and try again."
        errors = {"code": sentence if code.strip() else "Enter the code that your app shows."}
        return _app(waiting, status=422, errors=errors, values={"code": code})


@bp.post("/login/enrolment/passkey-options")
@open_to_anyone
@limited(*CODE)
def passkey_options() -> ResponseReturnValue:
    asked = services().enrolment.ask_passkey(
        _context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving()
    )
    return jsonify(asked.options)


@bp.post("/login/enrolment/passkey")
@open_to_anyone
@limited(*CODE)
def add_passkey() -> ResponseReturnValue:
    waiting, credential = _waiting(), field("credential")
    if waiting is None:
        return _elsewhere()
    try:
        return _enter_with_codes(
            lambda: services().enrolment.add_passkey(
                _context.tenant(), _pending.secret(), credential=credential, for_api=False, origin=_context.arriving()
            )
        )
    except (InvalidCode, PasskeyRefused) as refusal:
        return _choice(waiting, status=422, form_error=refusal.title)
    except EmailNotVerified:
        return _prove_first()


def _waiting() -> Waiting | None:
    return services().enrolment.waiting(_context.tenant(), _pending.secret(), for_api=False, origin=_context.arriving())


def _elsewhere() -> Response:
    """Nothing of this is owed: to what is."""
    return to("/login/second-factor" if _pending.at("second_factor") else "/login")


def _prove_first() -> Response:
    """Nobody sets up a factor at an address that may be somebody else's: to proving it."""
    response = to("/login/verify")
    _pending.begin(response, _pending.email() or "", step="verify")
    return response


def _enter_with_codes(attempt: Callable[[], SignedIn]) -> Response:
    """Come in, by way of the backup codes that go with a first factor."""
    came_for = wanted()
    response = enter(attempt, by_way_of=_CODES)
    if response.location == _CODES:
        session["after_codes"] = came_for
    return response


def _choice(waiting: Waiting, *, status: int = 200, form_error: str = "") -> ResponseReturnValue:
    return show(
        "login/enrolment.html",
        status=status,
        methods=enrollable(_context.tenant().settings),
        form_error=form_error,
        **_skipping(waiting),
    )


def _app(waiting: Waiting, *, status: int = 200, **context: Any) -> ResponseReturnValue:
    totp = services().enrolment.shown_app(_context.tenant(), waiting)
    if totp is None:
        return to("/login/enrolment")
    return show(
        "login/enrolment_app.html",
        status=status,
        totp=totp,
        qr=qr_of(totp.uri),
        **_skipping(waiting),
        **{"errors": {}, "values": {}, **context},
    )


def _skipping(waiting: Waiting) -> dict[str, Any]:
    """Until when they may put it off, if they may, and how many days that is, with the one that has begun."""
    until = services().enrolment.skip_until(_context.tenant(), waiting)
    return {"skip_until": until, "days_left": ceil((until - services().ports.clock()) / _DAY) if until else 0}
