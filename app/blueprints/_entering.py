"""What a browser gets when the gate opens, and where it goes when something is still owed."""

from collections.abc import Callable

from flask import Response, flash, make_response, session

from app.auth.errors import (
    EmailCodeRequired,
    EmailNotVerified,
    SecondFactorEnrolmentRequired,
    SecondFactorRequired,
)
from app.auth.gate import SignedIn
from app.blueprints import _accounts, _context, _cookies, _flows, _pending
from app.blueprints._problems import is_htmx
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.account.passkeys import OFFER

_SECOND_STEP = "/login/second-factor"


def enter(attempt: Callable[[], SignedIn], *, email: str = "", by_way_of: str = "") -> Response:
    """Try to come in; where a step is owed that a page leads through, go there. Other refusals are raised.

    ``by_way_of``: where they go first, before they get where they wanted to go.
    """
    try:
        return start(attempt(), by_way_of=by_way_of)
    except (SecondFactorRequired, EmailCodeRequired, SecondFactorEnrolmentRequired) as refusal:
        response = to("/login/enrolment" if isinstance(refusal, SecondFactorEnrolmentRequired) else _SECOND_STEP)
        _pending.put(response, str(refusal.members["challenge"]))
        return response
    except EmailNotVerified:
        if not email:
            raise
        response = to("/login/verify")
        _pending.begin(response, email, step="verify")
        flash("Please confirm your email address first.", "info")
        return response


def start(signed_in: SignedIn, *, by_way_of: str = "") -> Response:
    """The gate has opened: give the browser its session and send it where it wanted to go."""
    came_for = by_way_of or wanted()
    former = _accounts.former(signed_in.person.id, kept=_flows.current() is not None)
    # A new id at every change of privilege, for the CSRF token too.
    session.clear()
    if signed_in.offer_passkey and services().passkeys.offer(_context.tenant(), signed_in.person.id):
        session[OFFER] = True
    response = make_response("", 204, {"HX-Redirect": came_for}) if is_htmx() else to(came_for)
    life = _context.tenant().settings.session_life(remember=True) if signed_in.remember else None
    _cookies.put(response, _cookies.SESSION, signed_in.cookie or "", life=life)
    _cookies.put(response, _cookies.DEVICE, signed_in.device, life=_cookies.DEVICE_LIFE)
    _accounts.keep(response, former)
    _pending.end(response)
    return response


def wanted() -> str:
    """Where they wanted to go: to the application whose sign-in this is, else where they were turned away."""
    return _flows.way_on() or str(session.get("next", "/account"))
