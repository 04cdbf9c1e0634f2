"""One's own passkeys: added, named and removed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, session
from flask.typing import ResponseReturnValue

from app.auth.errors import LastWayIn, PasskeyKnown, PasskeyRefused, SecondFactorNeeded
from app.auth.passkey_asking import LIFE
from app.auth.passkey_keeping import PasskeyView
from app.auth.passkeys import can_add
from app.blueprints import _context, _cookies, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import PASSKEY_OPTIONS, PASSKEY_OWN, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import InvalidInput, NotFound
from app.scope import Scope
from app.tenancy import Tenant

bp = Blueprint("account_passkeys", __name__)
HOME = "/account/passkeys"
# Whether to ask, on the account's front page, if they would like one.
OFFER = "passkey_offer"


@bp.get("/account/passkeys")
def index() -> ResponseReturnValue:
    return _page(values=_way_back.kept())


@bp.post("/account/passkeys/options")
@limited(*PASSKEY_OPTIONS)
def ask() -> ResponseReturnValue:
    secret = _cookies.read(_cookies.PASSKEY)
    asked = services().passkeys.ask_own(_context.tenant(), _context.scope(), secret=secret)
    response = jsonify(asked.options)
    _cookies.put(response, _cookies.PASSKEY, asked.secret, life=LIFE)
    return response


@bp.post("/account/passkeys")
@limited(*PASSKEY_OWN)
def create() -> ResponseReturnValue:
    tenant, scope, name = _context.tenant(), _context.scope(), field("name")
    secret, credential = _cookies.read(_cookies.PASSKEY), field("credential")
    try:
        added = services().passkeys.add_own(tenant, scope, secret=secret, credential=credential, name=name)
    except InvalidInput as refusal:
        error = refusal.by_field.get("credential", "")
        return _page(status=422, errors=refusal.by_field, form_error=error, values={"name": name})
    except (PasskeyRefused, PasskeyKnown) as refusal:
        return _page(status=422, form_error=refusal.title, values={"name": name})
    session.pop(OFFER, None)
    flash(f"Your passkey “{added.name}” is saved.", "success")
    response = to("/account/backup-codes" if _made_codes(tenant, scope) else HOME)
    _cookies.drop(response, _cookies.PASSKEY)
    return response


@bp.post("/account/passkeys/<uuid:passkey_id>/name")
@limited(*PASSKEY_OWN)
def rename(passkey_id: UUID) -> ResponseReturnValue:
    name = field("name")
    try:
        services().passkeys.rename(_context.tenant(), _context.scope(), passkey_id, name)
    except InvalidInput as refusal:
        error = refusal.by_field["name"]
        return _page(status=422, errors={"new_name": error}, values={"new_name": name}, renaming=passkey_id)
    flash("The new name is saved.", "success")
    return to(HOME)


@bp.get("/account/passkeys/<uuid:passkey_id>/removal")
def confirm_removal(passkey_id: UUID) -> ResponseReturnValue:
    return _removal(passkey_id)


@bp.post("/account/passkeys/<uuid:passkey_id>/removal")
@limited(*PASSKEY_OWN)
def remove(passkey_id: UUID) -> ResponseReturnValue:
    try:
        services().passkeys.remove(_context.tenant(), _context.scope(), passkey_id)
    except (LastWayIn, SecondFactorNeeded) as refusal:
        return _removal(passkey_id, status=409, form_error=refusal.title)
    flash("Your passkey is removed here. Delete it on your device too.", "success")
    return to(HOME)


@bp.post("/account/passkeys/offer")
def dismiss() -> ResponseReturnValue:
    """They would rather not have one now. They are not asked again."""
    session.pop(OFFER, None)
    return to("/account")


def _removal(passkey_id: UUID, *, status: int = 200, form_error: str = "") -> ResponseReturnValue:
    tenant, scope = _context.tenant(), _context.scope()
    own, apps = _own(), services().totp.list(tenant, scope.user_id)
    last = len(own) == 1 and not apps
    passkey = next((one for one in own if one.id == passkey_id), None)
    if passkey is None:
        raise NotFound
    return show(
        "account/remove_factor.html",
        status=status,
        name=passkey.name,
        kind="passkey",
        action=f"{HOME}/{passkey_id}/removal",
        last=last,
        needed=last and tenant.settings.requires_second_factor(scope.roles),
        form_error=form_error,
    )


def _page(*, status: int = 200, **context: Any) -> ResponseReturnValue:
    return show(
        "account/passkeys.html",
        status=status,
        passkeys=_own(),
        allowed=can_add(_context.tenant()),
        **{"errors": {}, "values": {}, "form_error": "", **context},
    )


def _made_codes(tenant: Tenant, scope: Scope) -> bool:
    """Codes for the day when it is out of reach come with the first factor: whoever has none gets some at once."""
    if services().backup_codes.state(tenant, scope.user_id):
        return False
    services().backup_codes.make_for(
        tenant, scope.user_id, actor=scope.actor, origin=scope.origin, session_id=scope.session_id
    )
    return True


def _own() -> list[PasskeyView]:
    return services().passkeys.list(_context.tenant(), _context.scope().user_id)
