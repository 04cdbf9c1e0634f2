"""The application's sign-in that a request belongs to, and how every step of it is carried to the next.

Its id comes by ``flow``, in an address or a form; it means something only in the browser that began it.
"""

from typing import cast
from uuid import UUID

from flask import Flask, g

from app import crypto
from app.blueprints import _context, _cookies, _pending
from app.blueprints._services import services
from app.oidc.flows import Flow

AUTHORIZE = "/oauth2/authorize"
# Where the way to an application leads through.
_JOURNEY = (
    "/login",
    "/register",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/magic-link",
    "/reauthenticate",
)


def current() -> Flow | None:
    """The sign-in that this request belongs to, if it is this browser's: read once a request."""
    if "flow" not in g:
        flow_id = _context.flow_id() if _context.tenant_or_none() else None
        g.flow = services().openid.flows.read(_context.tenant(), flow_id, browser()) if flow_id else None
    return cast("Flow | None", g.flow)


def browser() -> str | None:
    """What this browser is known by, for its flows."""
    return _cookies.read(_cookies.BROWSER)


def browser_or_new() -> str:
    return browser() or crypto.mint()


def onward(path: str) -> str:
    """``path`` with the flow, where it is a step of the way and there is one."""
    flow = current() if path.startswith(_JOURNEY) else None
    return f"{path}{'&' if '?' in path else '?'}flow={flow.id}" if flow else path


def way_on() -> str | None:
    """Where a flow goes on once its person is signed in; ``None`` where this request belongs to none."""
    flow = current()
    return on(flow.id) if flow else None


def ended() -> str | None:
    """Where a page is that says so, and leads on; ``None`` while the flow of this request goes on, or without one."""
    flow = current()
    return on(flow.id) if flow and not flow.open else None


def on(flow_id: UUID) -> str:
    """The same, for forms to lead to: it ends in a page, never in a redirect to elsewhere."""
    return f"{AUTHORIZE}/{flow_id}/continue"


def address() -> str:
    """Whose address a form begins with: the one typed in this very flow, else the application's hint, else the last."""
    pending, flow = _pending.read(), current()
    typed = pending.email if pending else ""
    if flow is None or (pending and pending.flow_id == flow.id):
        return typed
    return flow.request.login_hint or typed


def register(app: Flask) -> None:
    """For templates."""
    app.jinja_env.globals.update(onward=onward, current_flow=current)
