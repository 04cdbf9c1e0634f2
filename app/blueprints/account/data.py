"""One's own data: a copy of all of it, and the end of the account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash
from flask.typing import ResponseReturnValue

from app.blueprints import _context, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import DELETION, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.blueprints.pages.logout import leave
from app.errors import InvalidInput, TooManyRequests
from app.users.exports import ExportView
from app.users.farewell import DAYS, LastOwner

bp = Blueprint("account_data", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An export, as the page shows it."""

    id: UUID
    asked_at: datetime
    ready: bool
    expires_at: datetime


@bp.get("/account/data")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/account/data/exports")
def create() -> ResponseReturnValue:
    try:
        services().exports.ask(_context.tenant(), _context.scope())
    except TooManyRequests as refusal:
        flash(refusal.detail, "info")
        response = _page(status=refusal.status)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    flash("We are putting your data together, and send you a message when it is ready.", "success")
    return to("/account/data")


@bp.get("/account/data/exports/<uuid:export_id>")
def export(export_id: UUID) -> ResponseReturnValue:
    content = services().exports.fetch(_context.tenant(), _context.scope(), export_id)
    return Response(
        content,
        mimetype="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{_context.tenant().slug}-data.json"',
            "Cache-Control": "no-store",
        },
    )


@bp.get("/account/data/deletion")
def edit() -> ResponseReturnValue:
    """Asked now rather than afterwards, so that nobody fills it in for nothing."""
    services().freshness.require(_context.tenant(), _context.scope())
    return _form(_way_back.kept().get("confirmation", ""))


@bp.post("/account/data/deletion")
@limited(*DELETION)
def destroy() -> ResponseReturnValue:
    confirmation = field("confirmation")
    try:
        services().farewell.leave(_context.tenant(), _context.scope(), confirmation=confirmation)
    except InvalidInput as refusal:
        return _form(confirmation, errors=refusal.by_field, status=422)
    except LastOwner as refusal:
        return _form(confirmation, form_error=refusal.title, status=refusal.status)
    return leave(f"Your account is closed. For {DAYS} days the link in our message brings it back.")


def _page(*, status: int = 200) -> Response:
    rows = [_row(view) for view in services().exports.list(_context.scope())]
    return show("account/data.html", exports=rows, status=status)


def _form(
    confirmation: str = "", *, errors: dict[str, str] | None = None, form_error: str = "", status: int = 200
) -> ResponseReturnValue:
    return show(
        "account/deletion.html",
        days=DAYS,
        values={"confirmation": confirmation},
        errors=errors or {},
        form_error=form_error,
        status=status,
    )


def _row(view: ExportView) -> Row:
    return Row(id=view.id, asked_at=view.asked_at, ready=view.status == "ready", expires_at=view.expires_at)
