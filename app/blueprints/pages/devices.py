"""Signing in on a device that has no keyboard (RFC 8628): type its code here, look at who asks, and decide."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.blueprints import _context
from app.blueprints._forms import field
from app.blueprints._limits import DEVICE_CODE, DEVICE_DECISION, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import InvalidInput, NotFound
from app.oidc.scopes import grouped
from app.oidc.user_codes import shown

bp = Blueprint("devices", __name__)


@bp.get("/device")
def new() -> ResponseReturnValue:
    """The code may come in the address, to be compared with what the device shows: it is never sent by itself."""
    return _code_page(shown(request.args.get("user_code", "")))


@bp.post("/device")
@limited(*DEVICE_CODE)
def create() -> ResponseReturnValue:
    try:
        grant_id = services().openid.devices.claim(_context.tenant(), _context.scope(), field("code"))
    except InvalidInput as refusal:
        return _code_page(shown(field("code")), errors=refusal.by_field, status=422)
    return to(f"/device/{grant_id}")


@bp.get("/device/<uuid:grant_id>")
def edit(grant_id: UUID) -> ResponseReturnValue:
    """For the account that has typed its code, as long as nobody has decided."""
    return _confirm_page(grant_id)


@bp.post("/device/<uuid:grant_id>")
@limited(*DEVICE_DECISION)
def update(grant_id: UUID) -> ResponseReturnValue:
    """Neither yes nor no is no decision."""
    tenant, scope, decision = _context.tenant(), _context.scope(), field("decision")
    if decision not in {"allow", "deny"}:
        return _confirm_page(grant_id, form_error="Please press one of the two buttons.", status=422)
    allow = decision == "allow"
    try:
        services().openid.devices.decide(tenant, scope, grant_id, allow=allow)
    except NotFound:
        return show("device/over.html", status=404)
    return to("/device/allowed" if allow else "/device/denied")


@bp.get("/device/allowed")
def allowed() -> ResponseReturnValue:
    return show("device/done.html", allowed=True)


@bp.get("/device/denied")
def denied() -> ResponseReturnValue:
    return show("device/done.html", allowed=False)


def _code_page(code: str, *, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    return show("device/code.html", values={"code": code}, errors=errors or {}, status=status)


def _confirm_page(grant_id: UUID, *, form_error: str = "", status: int = 200) -> ResponseReturnValue:
    try:
        waiting = services().openid.devices.look(_context.tenant(), _context.scope(), grant_id)
    except NotFound:
        return show("device/over.html", status=404)
    return show(
        "device/confirm.html",
        waiting=waiting,
        groups=grouped(waiting.scopes),
        device=_in_words(waiting.user_agent),
        place=services().place_of(waiting.ip),
        form_error=form_error,
        status=status,
    )


def _in_words(user_agent: str) -> str:
    """What the device says it is: few of them are browsers, and none has to be true."""
    return describe(user_agent, browser=True)[0] if user_agent.startswith("Mozilla/") else user_agent[:60]
