"""What a browser gets when the gate opens, and where it goes when something is still owed."""

from collections.abc import Callable
from contextlib import suppress

from flask import Response, flash, make_response, session

from app.auth.errors import (
    EmailCodeRequired,
    EmailNotVerified,
    SecondFactorEnrolmentRequired,
    SecondFactorRequired,
)
from app.auth.gate import SignedIn
from app.blueprints import _context, _cookies, _pending
from app.blueprints._problems import is_htmx
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.account.passkeys import OFFER
from app.errors import NotFound

_SECOND_STEP = "/login/second-factor"


def enter(attempt: Callable[[], SignedIn], *, email: str = "") -> Response:
    """Try to come in; where a step is owed that a page leads through, go there. Other refusals are raised."""
    try:
        return start(attempt())
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


def start(signed_in: SignedIn) -> Response:
    """The gate has opened: give the browser its session and send it where it wanted to go."""
    came_for = session.get("next", "/account")
    before = _context.scope_or_none()
    if before and before.session_id:
        # Pressed twice, the other press has ended it already.
        with suppress(NotFound):
            services().sessions.end(_context.tenant(), before, before.session_id, reason="replaced")
    # A new id at every change of privilege, for the CSRF token too.
    session.clear()
    if signed_in.offer_passkey and services().passkeys.offer(_context.tenant(), signed_in.person.id):
        session[OFFER] = True
    response = make_response("", 204, {"HX-Redirect": came_for}) if is_htmx() else to(came_for)
    life = _context.tenant().settings.session_life(remember=True) if signed_in.remember else None
    _cookies.put(response, _cookies.SESSION, signed_in.cookie or "", life=life)
    _cookies.put(response, _cookies.DEVICE, signed_in.device, life=_cookies.DEVICE_LIFE)
    _pending.end(response)
    return response
