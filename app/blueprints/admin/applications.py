"""Applications in the admin console: the list, a new one, and the page of each."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.auth.rbac import Permission, require
from app.blueprints import _context, _way_back
from app.blueprints._forms import field
from app.blueprints._limits import ADMIN, limited
from app.blueprints._render import show as render
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.admin import _application_forms as forms
from app.blueprints.admin._application_pages import HOME, get, page, path_of
from app.blueprints.api._operations import once
from app.blueprints.api._pages import BY_TIME, asked, cursor_for
from app.errors import InvalidInput
from app.oidc.application_views import ApplicationChanged

bp = Blueprint("admin_applications", __name__)
_PAGE, _LONGEST_SEARCH = 20, 100


@bp.get("/admin/applications")
def index() -> ResponseReturnValue:
    search = (once("search") or "").strip()[:_LONGEST_SEARCH]
    found = services().openid.applications.page(
        _context.tenant(), _context.scope(), limit=_PAGE, after=asked(BY_TIME).after, search=search
    )
    return render(
        "admin/applications/index.html",
        part="admin/applications/_list.html",
        applications=found.items,
        search=search,
        cursor=once("cursor"),
        next_cursor=cursor_for(BY_TIME, found.after),
    )


@bp.get("/admin/applications/new")
def new() -> ResponseReturnValue:
    require(_context.scope(), Permission.APPLICATIONS_MANAGE)
    return _new(values={"type": "web", **_way_back.kept()})


@bp.post("/admin/applications/new")
@limited(*ADMIN)
def create() -> ResponseReturnValue:
    """Where it has a secret, the page that follows is the only one that ever shows it: it answers at once."""
    try:
        made = services().openid.applications.create(_context.tenant(), _context.scope(), forms.new())
    except InvalidInput as refusal:
        return _new(status=422, errors=forms.errors_of(refusal), values=forms.typed())
    if made.client_secret:
        return page(made.view, status=201, new_secret=made.client_secret, created=True)
    flash(f"“{made.view.name}” is registered.", "success")
    return to(path_of(made.view.id))


@bp.get("/admin/applications/<uuid:application_id>")
def show(application_id: UUID) -> ResponseReturnValue:
    return page(get(application_id))


@bp.post("/admin/applications/<uuid:application_id>")
@limited(*ADMIN)
def update(application_id: UUID) -> ResponseReturnValue:
    view = get(application_id)
    try:
        services().openid.applications.change(
            _context.tenant(), _context.scope(), view.id, forms.changes(), version=forms.version()
        )
    except InvalidInput as refusal:
        return page(view, status=422, errors=forms.errors_of(refusal), values=forms.typed())
    except ApplicationChanged as refusal:
        return page(view, status=refusal.status, form_error=refusal.title)
    flash("Your changes are saved.", "success")
    return to(path_of(view.id))


@bp.post("/admin/applications/<uuid:application_id>/suspension")
@limited(*ADMIN)
def suspend(application_id: UUID) -> ResponseReturnValue:
    services().openid.applications.disable(_context.tenant(), _context.scope(), application_id)
    flash("It is switched off, and what it was granted is taken back.", "success")
    return to(path_of(application_id))


@bp.post("/admin/applications/<uuid:application_id>/suspension/removal")
@limited(*ADMIN)
def resume(application_id: UUID) -> ResponseReturnValue:
    services().openid.applications.enable(_context.tenant(), _context.scope(), application_id)
    flash("It is switched on again.", "success")
    return to(path_of(application_id))


@bp.post("/admin/applications/<uuid:application_id>/deletion")
@limited(*ADMIN)
def destroy(application_id: UUID) -> ResponseReturnValue:
    view = get(application_id)
    if field("confirmation").strip() != view.name:
        return page(view, status=422, errors={"confirmation": "Type the name exactly as it stands above."})
    services().openid.applications.delete(_context.tenant(), _context.scope(), view.id)
    flash(f"“{view.name}” is deleted.", "success")
    return to(HOME)


def _new(*, status: int = 200, **context: Any) -> ResponseReturnValue:
    return render("admin/applications/new.html", status=status, **{"errors": {}, "values": {}, **context})
