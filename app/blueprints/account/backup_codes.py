"""Backup codes: made, shown until they are saved, and counted."""

from flask import Blueprint, Response, flash, session
from flask.typing import ResponseReturnValue

from app.auth.errors import SecondFactorNeeded
from app.blueprints import _context
from app.blueprints._forms import checked
from app.blueprints._limits import BACKUP_CODES, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.clock import wall_clock
from app.errors import NotFound

bp = Blueprint("account_backup_codes", __name__)
HOME = "/account/backup-codes"
# Where one goes from here: to what a new factor was set up for on the way in (``pages.enrolment``), or back.
_AFTER, _NEXT = "after_codes", "/account/second-factor"


@bp.get("/account/backup-codes")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/account/backup-codes")
@limited(*BACKUP_CODES)
def create() -> ResponseReturnValue:
    try:
        services().backup_codes.make(_context.tenant(), _context.scope())
    except SecondFactorNeeded as refusal:
        return _page(status=refusal.status, form_error=refusal.title)
    return to(HOME)


@bp.post("/account/backup-codes/saved")
def save() -> ResponseReturnValue:
    if not checked("saved"):
        return _page(status=422, errors={"saved": "Tick this once you have saved them."})
    services().backup_codes.saved(_context.tenant(), _context.scope().user_id)
    flash("Good. Keep your backup codes where you find them without your phone.", "success")
    return to(session.pop(_AFTER, _NEXT))


@bp.get("/account/backup-codes.txt")
def download() -> ResponseReturnValue:
    tenant, scope = _context.tenant(), _context.scope()
    codes = services().backup_codes.look(tenant, scope)
    if codes is None:
        raise NotFound
    return Response(
        _file(codes),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{tenant.slug}_backup_codes.txt"'},
    )


def _file(codes: list[str]) -> str:
    """The codes, and what they are for, with the line ends that every editor knows."""
    tenant, scope = _context.tenant(), _context.scope()
    state = services().backup_codes.state(tenant, scope.user_id)
    made = (state.made_at if state else wall_clock()).strftime("%d %B %Y").lstrip("0")
    lines = [f"Backup codes for {tenant.name}", f"Account: {scope.email}", f"Made on {made}", "", *codes, ""]
    return "\r\n".join([*lines, "Each of them works once. They stop working when you make new ones.", ""])


def _page(*, status: int = 200, form_error: str = "", errors: dict[str, str] | None = None) -> ResponseReturnValue:
    tenant, scope = _context.tenant(), _context.scope()
    return show(
        "account/backup_codes.html",
        status=status,
        form_error=form_error,
        errors=errors or {},
        enrolled=services().backup_codes.may_make(tenant, scope.user_id),
        codes=services().backup_codes.look(tenant, scope),
        state=services().backup_codes.state(tenant, scope.user_id),
        low=tenant.settings.backup_codes_low,
        next=session.get(_AFTER, _NEXT),
    )
