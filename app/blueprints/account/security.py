"""How one gets in: an overview, the password, and locking the account down."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.auth.errors import MethodDisabled
from app.blueprints import _context
from app.blueprints._forms import checked, field
from app.blueprints._limits import PASSWORD_CHECK, RESET_OWN, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.account.activity import latest
from app.errors import InvalidInput
from app.scope import Scope

bp = Blueprint("account_security", __name__)


@bp.get("/account/security")
def index() -> ResponseReturnValue:
    scope = _context.scope()
    user = services().password_change.who(scope)
    return show(
        "account/security.html",
        password_changed_at=user.password_changed_at,
        has_password=user.password_hash is not None,
        password_leaked=user.password_leaked_at is not None,
        session_count=len(services().sessions.list(_context.tenant(), scope)),
        last_activity=latest(scope),
        second_factor=_second_factor(scope),
    )


@bp.get("/account/password")
def edit() -> ResponseReturnValue:
    services().password_change.look(_context.tenant(), _context.scope())
    return _form()


@bp.post("/account/password")
@limited(*PASSWORD_CHECK)
def update() -> ResponseReturnValue:
    keep = not checked("sign_out_others")
    try:
        services().password_change.change(
            _context.tenant(),
            _context.scope(),
            password=field("password"),
            new_password=field("new_password"),
            keep_sessions=keep,
        )
    except InvalidInput as refusal:
        return _form(status=422, errors=refusal.by_field, values={"sign_out_others": not keep})
    flash("Your new password is saved." + ("" if keep else " Your other devices are signed out."), "success")
    return to("/account/security")


@bp.post("/account/password/setup")
@limited(*RESET_OWN)
def set_up() -> ResponseReturnValue:
    """A first password is set by a mailed link, like a forgotten one."""
    services().recovery.ask_own(_context.tenant(), _context.scope())
    flash("We have sent you a message with a link.", "success")
    return to("/account/security")


@bp.get("/account/lock-down")
def show_lock_down() -> ResponseReturnValue:
    return show("account/lock_down.html")


@bp.post("/account/lock-down")
def lock_down() -> ResponseReturnValue:
    services().lock_down.from_inside(_context.tenant(), _context.scope())
    flash("You are signed out everywhere else. Now choose a new password.", "success")
    return to("/account/password" if _context.tenant().settings.allows("password") else "/account/security")


def _form(
    *, status: int = 200, errors: dict[str, str] | None = None, values: dict[str, bool] | None = None
) -> ResponseReturnValue:
    settings = _context.tenant().settings
    if not settings.allows("password"):
        raise MethodDisabled
    user = services().password_change.who(_context.scope())
    return show(
        "account/password.html",
        status=status,
        errors=errors or {},
        values=values or {},
        has_password=user.password_hash is not None,
        password_min=settings.shortest_password,
    )


def _second_factor(scope: Scope) -> dict[str, object]:
    """What they have beside the password, and what is asked of them."""
    tenant = _context.tenant()
    return {
        "off": tenant.settings.second_factor == "off",
        "required": tenant.settings.requires_second_factor(scope.roles),
        "apps": len(services().totp.list(tenant, scope.user_id)),
        "passkeys": len(services().passkeys.list(tenant, scope.user_id)),
        "backup": services().backup_codes.state(tenant, scope.user_id),
        "trusted": len(services().trusted_devices.list(tenant, scope)),
    }
