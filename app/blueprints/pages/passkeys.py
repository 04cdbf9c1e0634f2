"""Signing in with a passkey, and what browsers and password managers look for where there are any."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.auth.errors import PasskeyRefused
from app.auth.passkey_asking import LIFE
from app.auth.passkeys import can_add
from app.blueprints import _context, _cookies, _pending
from app.blueprints._entering import enter
from app.blueprints._forms import checked, field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import PASSKEY, PASSKEY_OPTIONS, limited
from app.blueprints._services import services
from app.blueprints.pages.sign_in import identifier_page
from app.errors import NotFound

bp = Blueprint("passkeys", __name__)


@bp.post("/login/passkey-options")
@open_to_anyone
@limited(*PASSKEY_OPTIONS)
def ask() -> ResponseReturnValue:
    """What is to be signed. The answer counts only from the browser that keeps this cookie."""
    asked = services().passkeys.ask_to_sign_in(_context.tenant(), secret=_cookies.read(_cookies.PASSKEY))
    response = jsonify(asked.options)
    _cookies.put(response, _cookies.PASSKEY, asked.secret, life=LIFE)
    return response


@bp.post("/login/passkey")
@open_to_anyone
@limited(*PASSKEY)
def create() -> ResponseReturnValue:
    try:
        response = enter(
            lambda: services().passkeys.sign_in(
                _context.tenant(),
                secret=_cookies.read(_cookies.PASSKEY),
                credential=field("credential"),
                for_api=False,
                remember=checked("remember"),
                origin=_context.arriving(),
            )
        )
    except PasskeyRefused as refusal:
        return identifier_page(email=_pending.email() or "", form_error=refusal.title, status=422)
    _cookies.drop(response, _cookies.PASSKEY)
    return response


@bp.get("/.well-known/webauthn")
@open_to_anyone
def origins() -> ResponseReturnValue:
    """Where else passkeys of this host may be used (WebAuthn Level 3, section 5.11)."""
    return jsonify({"origins": services().passkeys.origins(_context.tenant())})


@bp.get("/.well-known/passkey-endpoints")
@open_to_anyone
def endpoints() -> ResponseReturnValue:
    """Where people add and manage theirs, for password managers."""
    tenant = _context.tenant()
    if not can_add(tenant):
        raise NotFound
    page = f"{tenant.origin}/account/passkeys"
    return jsonify({"enroll": page, "manage": page})
