"""An application asks for access: what it is, what it wants, and yes or no."""

from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.blueprints import _accounts, _context, _flows
from app.blueprints._forms import field
from app.blueprints._guards import open_to_anyone
from app.blueprints._limits import FLOW_STEP, limited
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.errors import NotFound
from app.oidc.flows import Flow
from app.oidc.progress import Step
from app.oidc.scopes import grouped

bp = Blueprint("consent", __name__)


@bp.get("/oauth2/consent/<uuid:flow_id>")
@open_to_anyone
def edit(flow_id: UUID) -> ResponseReturnValue:
    """Whoever is not at this step is sent to the one they are at."""
    flow = _waiting(flow_id)
    return _page(flow) if flow else to(_flows.on(flow_id))


@bp.post("/oauth2/consent/<uuid:flow_id>")
@open_to_anyone
@limited(*FLOW_STEP)
def update(flow_id: UUID) -> ResponseReturnValue:
    """What was allowed is remembered. Neither yes nor no is no decision."""
    flow, decision, openid = _waiting(flow_id), field("decision"), services().openid
    if flow is None:
        return to(_flows.on(flow_id))
    if decision == "allow":
        openid.consents.allow(_context.tenant(), _context.scope(), flow.client, flow.request.scopes)
        openid.flows.consented(_context.tenant(), flow_id, _flows.browser(), by=_context.scope().user_id)
    elif decision == "deny":
        openid.consents.deny(_context.tenant(), _context.scope(), flow.client)
        openid.flows.denied(_context.tenant(), flow_id, _flows.browser())
    else:
        return _page(flow, form_error="Please press one of the two buttons.", status=422)
    return to(_flows.on(flow_id))


def _waiting(flow_id: UUID) -> Flow | None:
    """The sign-in, if this is its step: no other is owed. Raises ``NotFound`` for one that is not this browser's."""
    _context.belongs_to(flow_id)
    flow, scope, is_at = _flows.current(), _context.scope_or_none(), services().openid.authorization.is_at
    if flow is None:
        raise NotFound
    return flow if scope and is_at(_context.tenant(), flow, Step.CONSENT, scope, _accounts.beside()) else None


def _page(flow: Flow, *, form_error: str = "", status: int = 200) -> ResponseReturnValue:
    known = services().openid.consents.remembered(_context.tenant(), flow.client, _context.scope().user_id)
    return show(
        "consent/show.html",
        flow=flow,
        groups=grouped(flow.request.scopes),
        known=known,
        more=not known.issuperset(flow.request.scopes),
        host=_host(flow.request.redirect_uri),
        form_error=form_error,
        status=status,
    )


def _host(uri: str) -> str:
    """Where it leads back to, for people; empty for an application on this very device."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in {"http", "https"} else ""
