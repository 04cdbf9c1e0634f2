"""How often one may ask: each limit is one line here, and stands nowhere else.

Limits count the client (an IPv4 address, an IPv6 /64) and the identifier as it was typed, known or not, so that they
never tell who exists. ``_counting`` counts.
"""

import hashlib
from dataclasses import replace

from flask import request

from app.blueprints import _context, _counting, _pending
from app.blueprints._counting import Limit, client
from app.blueprints._forms import typed
from app.blueprints._services import services
from app.email import addresses

_MINUTE, _QUARTER, _HOUR = 60, 900, 3600
# Marks a view; here, so that a view needs one import to be limited.
limited = _counting.limited


def identifier() -> str:
    """The address as typed, within its tenant; a device that it knows has an allowance of its own."""
    return _identifier(typed("email"))


def pending_identifier() -> str:
    """The address that the form shows, else the one that was typed a step earlier: whichever will be tried."""
    return _identifier(typed("email") or _pending.email() or "")


def _identifier(email: str) -> str:
    key = addresses.key_of(email)
    return f"identifier:{_context.tenant().id}:{_digest(key)}:{_known_device(key)}"


def family() -> str:
    """The refresh family that a token names, true or made up: all its generations share the allowance."""
    return f"family:{_digest(typed('refresh_token')[:26])}"


def account() -> str:
    """Who is signed in, wherever they are."""
    return f"account:{_context.scope().user_id}"


def caller() -> str:
    """The token that calls, else the client."""
    token = _context.bearer()
    return f"token:{_digest(token)}" if token else client()


def presented() -> str:
    """The access token that an application presents, by whichever scheme or in a form, else the client."""
    token = request.headers.get("Authorization") or request.form.get("access_token")
    return f"token:{_digest(token)}" if token else client()


def challenge() -> str:
    """Whom a challenge is about: the account, however many sign-ins wait for its code."""
    pending = services().pending_logins.read(_context.tenant(), typed("challenge")) if _context.is_api() else None
    pending = pending or _pending.read()
    if pending is None:
        return client()
    # Anybody may ask for a link to an address: where only that is known, a known device has an allowance of its own.
    whom = str(pending.user_id) if pending.user_id else _identifier(pending.email)
    return f"code:{_context.tenant().id}:{_digest(whom)}"


def own_code() -> str:
    """The account of whoever is signed in, as ``challenge`` names it."""
    return f"code:{_context.tenant().id}:{_digest(str(_context.scope().user_id))}"


def waiting() -> str:
    """One browser that waits."""
    return f"waiting:{_digest(_pending.secret() or client())}"


def has_code() -> bool:
    return bool(typed("code") or typed("email_code"))


def has_refresh_token() -> bool:
    return bool(typed("refresh_token"))


def has_bearer() -> bool:
    return _context.bearer() is not None


def has_password() -> bool:
    return "password" in request.form or _context.is_api()


_SIGN_IN_CLIENT = Limit(name="sign-in-client", amount=100, window=_QUARTER, key=client)
SIGN_IN = (
    Limit(name="sign-in", amount=10, window=_QUARTER, key=identifier, when=has_password),
    _SIGN_IN_CLIENT,
)
SIGN_IN_STEP = (Limit(name="sign-in", amount=10, window=_QUARTER, key=pending_identifier), _SIGN_IN_CLIENT)
REGISTRATION = (
    Limit(name="registration", amount=5, window=_HOUR, key=identifier),
    Limit(name="registration-client", amount=50, window=_HOUR, key=client),
)
_VERIFICATION_CLIENT = Limit(name="verification-client", amount=50, window=_HOUR, key=client)
VERIFICATION = (
    Limit(name="verification", amount=3, window=_HOUR, key=identifier),
    _VERIFICATION_CLIENT,
)
VERIFICATION_STEP = (
    Limit(name="verification", amount=3, window=_HOUR, key=pending_identifier),
    _VERIFICATION_CLIENT,
)
MAGIC_LINK = (
    Limit(name="magic-link", amount=3, window=_HOUR, key=pending_identifier),
    Limit(name="magic-link-client", amount=50, window=_HOUR, key=client),
)
RESET = (
    Limit(name="password-reset", amount=5, window=_HOUR, key=pending_identifier),
    Limit(name="password-reset-client", amount=50, window=_HOUR, key=client),
)
RESET_OWN = (Limit(name="password-reset-own", amount=5, window=_HOUR, key=account),)
CODE = (
    Limit(name="code", amount=10, window=_QUARTER, key=challenge),
    Limit(name="code-client", amount=100, window=_QUARTER, key=client),
)
# Nobody guesses at a passkey: whoever uses up the guesses does not keep its owner from showing theirs.
SECOND_STEP = (
    Limit(name="code", amount=10, window=_QUARTER, key=challenge, when=has_code),
    Limit(name="code-client", amount=100, window=_QUARTER, key=client),
)
CODE_MAIL = (Limit(name="code-mail", amount=5, window=_QUARTER, key=challenge),)
WAITING = (
    Limit(name="waiting", amount=600, window=_QUARTER, key=waiting),
    Limit(name="waiting-client", amount=6000, window=_QUARTER, key=client),
)
PASSKEY_OPTIONS = (Limit(name="passkey-options", amount=300, window=_QUARTER, key=client),)
PASSKEY = (Limit(name="passkey-client", amount=100, window=_QUARTER, key=client),)
PASSKEY_OWN = (Limit(name="passkey-own", amount=30, window=_QUARTER, key=account),)
PASSWORD_CHECK = (Limit(name="password-check", amount=10, window=_QUARTER, key=account),)
EMAIL_CHANGE = (Limit(name="email-change", amount=5, window=_HOUR, key=account),)
STRENGTH = (Limit(name="password-strength", amount=120, window=_MINUTE, key=client),)
LINKS = (Limit(name="links-client", amount=100, window=_QUARTER, key=client),)
REFRESH = (Limit(name="refresh", amount=100, window=_QUARTER, key=family),)
# Behind one address there may be a whole back end, with everybody's sign-ins.
TOKEN = (
    Limit(name="token-client", amount=6000, window=_MINUTE, key=client),
    Limit(name="refresh", amount=100, window=_QUARTER, key=family, when=has_refresh_token),
)
DELETION = (Limit(name="deletion", amount=10, window=_QUARTER, key=account),)
# Codes of one's own account, typed by whoever is signed in: they share the allowance of signing in with a code.
OWN_CODE = (Limit(name="code", amount=10, window=_QUARTER, key=own_code),)
FACTOR_CHANGE = (Limit(name="factor-change", amount=20, window=_HOUR, key=account),)
BACKUP_CODES = (Limit(name="backup-codes", amount=10, window=_HOUR, key=account),)
STEP_UP = (
    Limit(name="code", amount=10, window=_QUARTER, key=own_code, when=has_code),
    *PASSWORD_CHECK,
)
STEP_UP_MAIL = (Limit(name="code-mail", amount=5, window=_QUARTER, key=own_code),)
# What administrators change on pages.
ADMIN = (Limit(name="admin", amount=300, window=_QUARTER, key=account),)
# Every app of the tenant sends its people here, whole offices behind one address.
AUTHORIZE = (Limit(name="authorize-client", amount=1200, window=_MINUTE, key=client),)
END_SESSION = (Limit(name="end-session-client", amount=1200, window=_MINUTE, key=client),)
PUSHED = (Limit(name="pushed-client", amount=6000, window=_MINUTE, key=client),)
API = (Limit(name="api", amount=600, window=_MINUTE, key=caller),)
PRESENTED = (Limit(name="userinfo", amount=600, window=_MINUTE, key=presented),)
LOOK_UP = (Limit(name="look-up", amount=600, window=_MINUTE, key=client),)
# A server asks for all of its people. Nobody guesses a secret of 256 bits, but each wrong one leaves a row behind.
CLIENT = (Limit(name="client", amount=6000, window=_MINUTE, key=client),)
INTROSPECTION = (replace(API[0], when=has_bearer), replace(CLIENT[0], when=lambda: not has_bearer()))
DEVICE_AUTHORIZATION = (Limit(name="device-authorization", amount=60, window=_MINUTE, key=client),)
# Codes that devices show are short: RFC 8628, section 5.1. Nobody gets far with so few guesses at 34 bits.
DEVICE_CODE = (
    Limit(name="device-code", amount=10, window=_QUARTER, key=account),
    Limit(name="device-code-client", amount=50, window=_QUARTER, key=client),
)
DEVICE_DECISION = (Limit(name="device-decision", amount=60, window=_QUARTER, key=account),)
# Buttons on the way to an application.
FLOW_STEP = (Limit(name="flow-step", amount=300, window=_QUARTER, key=client),)


def _known_device(email_key: str) -> str:
    device = _context.origin().device or typed("device_token")
    if not device:
        return "anywhere"
    known = services().login.knows(_context.tenant(), email_key=email_key, device=device)
    return _digest(device) if known else "anywhere"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
