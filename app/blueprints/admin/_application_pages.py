"""The page of one application, as all of its forms show it again."""

from typing import Any
from uuid import UUID

from flask import Response

from app.blueprints import _context, _way_back
from app.blueprints._render import show
from app.blueprints._services import services
from app.blueprints.admin._application_forms import values_of
from app.blueprints.admin._snippets import endpoints_of, snippets_of
from app.oidc.application_details import KINDS, STANDARD_SCOPES
from app.oidc.application_views import ApplicationView

HOME = "/admin/applications"


def get(application_id: UUID) -> ApplicationView:
    """The application that the address names. Raises ``Forbidden``, ``NotFound``."""
    return services().openid.applications.get(_context.tenant(), _context.scope(), application_id)


def path_of(application_id: UUID, part: str = "") -> str:
    return f"{HOME}/{application_id}{part}"


def page(view: ApplicationView, *, status: int = 200, part: str | None = None, **context: Any) -> Response:
    """``part``: the template of the section that htmx asked for."""
    tenant, scope = _context.tenant(), _context.scope()
    values = values_of(view)
    return show(
        "admin/applications/show.html",
        part=part,
        status=status,
        application=view,
        kind=KINDS[view.details.type],
        standard_scopes=STANDARD_SCOPES,
        endpoints=endpoints_of(tenant),
        snippets=snippets_of(tenant, view),
        secrets=services().openid.applications.secrets(tenant, scope, view.id),
        **{"errors": {}, "form_error": "", "new_secret": None, "values": _kept() or values, **context},
    )


def _kept() -> dict[str, Any]:
    """What they had typed into the long form before they had to confirm that it is them."""
    kept = _way_back.kept()
    return kept if "redirect_uris" in kept else {}
