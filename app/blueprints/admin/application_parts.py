"""What belongs to an application in the admin console: its secrets and its picture."""

from contextlib import closing
from uuid import UUID

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.blueprints import _context
from app.blueprints._forms import field
from app.blueprints._limits import ADMIN, limited
from app.blueprints._problems import is_htmx
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.admin._application_pages import get, page, path_of
from app.errors import InvalidInput, TooLarge
from app.oidc.application_secrets import LastSecret, NoSecrets, TooManySecrets

bp = Blueprint("admin_application_parts", __name__)
_SECRETS = "admin/applications/_secrets.html"
# For how long the secret before still counts. Nothing: until somebody removes it.
_OVERLAPS = {"day": 24, "week": 168, "now": 0}


@bp.post("/admin/applications/<uuid:application_id>/secrets")
@limited(*ADMIN)
def add_secret(application_id: UUID) -> ResponseReturnValue:
    """The answer shows it, and nothing ever does again."""
    view = get(application_id)
    try:
        made = services().openid.applications.add_secret(
            _context.tenant(), _context.scope(), view.id, overlap_hours=_OVERLAPS.get(field("overlap"))
        )
    except (TooManySecrets, NoSecrets) as refusal:
        return page(view, status=refusal.status, part=_SECRETS, secrets_error=refusal.title)
    return page(view, status=201, part=_SECRETS, new_secret=made.client_secret)


@bp.post("/admin/applications/<uuid:application_id>/secrets/<uuid:secret_id>/removal")
@limited(*ADMIN)
def remove_secret(application_id: UUID, secret_id: UUID) -> ResponseReturnValue:
    view = get(application_id)
    try:
        services().openid.applications.remove_secret(_context.tenant(), _context.scope(), view.id, secret_id)
    except LastSecret as refusal:
        return page(view, status=refusal.status, part=_SECRETS, secrets_error=refusal.title)
    if is_htmx():
        return page(view, part=_SECRETS, removed=True)
    flash("The secret is removed.", "success")
    return to(path_of(view.id, "#secrets"))


@bp.post("/admin/applications/<uuid:application_id>/logo")
@limited(*ADMIN)
def put_logo(application_id: UUID) -> ResponseReturnValue:
    view, raw = get(application_id), _sent("logo")
    try:
        services().openid.applications.set_logo(_context.tenant(), _context.scope(), view.id, raw)
    except (InvalidInput, TooLarge) as refusal:
        sentence = refusal.by_field.get("logo") or refusal.detail
        return page(view, status=refusal.status, errors={"logo": sentence})
    flash("The logo is saved.", "success")
    return to(path_of(view.id, "#logo-title"))


@bp.post("/admin/applications/<uuid:application_id>/logo/removal")
@limited(*ADMIN)
def remove_logo(application_id: UUID) -> ResponseReturnValue:
    services().openid.applications.remove_logo(_context.tenant(), _context.scope(), application_id)
    flash("The logo is removed.", "success")
    return to(path_of(application_id, "#logo-title"))


def _sent(name: str) -> bytes:
    """The file of this field; nothing where there is none."""
    with closing(request.files.get(name) or FileStorage()) as file:
        return bytes(file.read())
