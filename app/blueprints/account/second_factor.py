"""The second step of signing in: what one has, and authentication apps."""

from uuid import UUID

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.auth import totp
from app.auth.errors import InvalidCode, SecondFactorNeeded
from app.blueprints import _context, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import FACTOR_CHANGE, OWN_CODE, limited
from app.blueprints._qr import qr_of
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import InvalidInput, NotFound

bp = Blueprint("account_second_factor", __name__)
HOME = "/account/second-factor"
_WRONG = (
    "That code does not work. Type the one that your app shows now. Still wrong? Set your phone's clock to automatic."
)


@bp.get("/account/second-factor")
def index() -> ResponseReturnValue:
    return _page(values=_way_back.kept())


@bp.post("/account/second-factor/app")
@limited(*FACTOR_CHANGE)
def create() -> ResponseReturnValue:
    try:
        begun = services().own_apps.begin(_context.tenant(), _context.scope(), name=field("name"))
    except InvalidInput as refusal:
        return _page(status=422, errors=refusal.by_field, values={"name": field("name")})
    return to(f"{HOME}/app/{begun.id}")


@bp.get("/account/second-factor/app/<uuid:totp_id>")
def show_app(totp_id: UUID) -> ResponseReturnValue:
    try:
        return _app(totp_id)
    except NotFound:
        return _over()


@bp.post("/account/second-factor/app/<uuid:totp_id>")
@limited(*OWN_CODE)
def confirm(totp_id: UUID) -> ResponseReturnValue:
    code = field("code")
    try:
        made = services().own_apps.confirm(_context.tenant(), _context.scope(), totp_id, code=code, with_codes=True)
    except InvalidCode:
        sentence = _WRONG if code.strip() else "Enter the code that your app shows."
        return _app(totp_id, status=422, errors={"code": sentence}, values={"code": code})
    except NotFound:
        return _over()
    flash("Your app is set up. From now on we ask for a code when you sign in.", "success")
    return to("/account/backup-codes" if made else HOME)


@bp.post("/account/second-factor/app/<uuid:totp_id>/name")
@limited(*FACTOR_CHANGE)
def rename(totp_id: UUID) -> ResponseReturnValue:
    try:
        services().own_apps.rename(_context.tenant(), _context.scope(), totp_id, name=field("name"))
    except InvalidInput as refusal:
        error = refusal.by_field["name"]
        return _page(status=422, errors={"new_name": error}, values={"new_name": field("name")}, renaming=totp_id)
    flash("The new name is saved.", "success")
    return to(HOME)


@bp.get("/account/second-factor/app/<uuid:totp_id>/removal")
def ask_removal(totp_id: UUID) -> ResponseReturnValue:
    tenant, scope = _context.tenant(), _context.scope()
    name = services().own_apps.name_of(tenant, scope, totp_id)
    factors = len(services().totp.list(tenant, scope.user_id)) + len(services().passkeys.list(tenant, scope.user_id))
    return show(
        "account/remove_factor.html",
        name=name,
        kind="totp",
        action=f"{HOME}/app/{totp_id}/removal",
        last=factors == 1,
        needed=factors == 1 and tenant.settings.requires_second_factor(scope.roles),
    )


@bp.post("/account/second-factor/app/<uuid:totp_id>/removal")
@limited(*FACTOR_CHANGE)
def destroy(totp_id: UUID) -> ResponseReturnValue:
    try:
        services().own_apps.remove(_context.tenant(), _context.scope(), totp_id)
    except SecondFactorNeeded as refusal:
        return _page(status=refusal.status, form_error=refusal.title)
    flash("The app is removed.", "success")
    return to(HOME)


def _over() -> ResponseReturnValue:
    """Done already, begun anew in another tab, or left for too long: what there is, and where it begins."""
    return _page(status=404, form_error="That set-up is over. If your app is not in the list, set it up once more.")


def _app(
    totp_id: UUID, *, status: int = 200, errors: dict[str, str] | None = None, values: dict[str, str] | None = None
) -> ResponseReturnValue:
    begun = services().own_apps.look(_context.tenant(), _context.scope(), totp_id)
    return show(
        "account/authenticator.html",
        status=status,
        totp=begun,
        qr=qr_of(begun.uri),
        errors=errors or {},
        values=values or {},
    )


def _page(
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
    renaming: UUID | None = None,
    form_error: str = "",
) -> ResponseReturnValue:
    tenant, scope = _context.tenant(), _context.scope()
    apps = services().totp.list(tenant, scope.user_id)
    keys = len(services().passkeys.list(tenant, scope.user_id))
    off = tenant.settings.second_factor == "off"
    return show(
        "account/second_factor.html",
        status=status,
        enrolled=bool(apps or keys),
        apps=apps,
        passkeys=keys,
        backup=services().backup_codes.state(tenant, scope.user_id),
        backup_low=tenant.settings.backup_codes_low,
        trusted=services().trusted_devices.list(tenant, scope),
        required=tenant.settings.requires_second_factor(scope.roles),
        off=off,
        may_add_app=not off and len(apps) < totp.MOST,
        reset=services().factor_resets.own(tenant, scope),
        errors=errors or {},
        values=values or {},
        renaming=renaming or "",
        form_error=form_error,
    )
