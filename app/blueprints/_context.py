"""What a request is: its id, its tenant, where it comes from, and who asks. The only place that reads ``flask.g``."""

import ipaddress
import re
import time
from dataclasses import replace
from functools import lru_cache
from typing import cast
from uuid import UUID

import structlog
from flask import Flask, Request, g, request

from app.auth.errors import TenantSuspended, UnknownTenant
from app.auth.sessions import Sessions
from app.blueprints import _cookies
from app.blueprints._services import services
from app.errors import NotFound, Unauthenticated
from app.ids import uuid7
from app.scope import Origin, Scope
from app.tenancy import Tenant

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PORT = re.compile(r":\d+$")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_AGENT = 400
_LONGEST_AUTHORIZATION = 8192
# Answered without a tenant: for machines, and for files that are the same for everybody.
_NO_TENANT = ("/static/", "/dev/", "/livez", "/readyz", "/metrics")
_FOR_APPLICATIONS = ("/oauth2/", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
_FOR_PEOPLE = ("/oauth2/authorize", "/oauth2/consent", "/oauth2/logout")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


def register(app: Flask) -> None:
    """First of all hooks: everything after it may ask for the tenant."""
    app.before_request(_begin)


def request_id() -> str:
    return cast(str, g.get("request_id") or "")


def started() -> float:
    return cast(float, g.get("started") or time.perf_counter())


def tenant() -> Tenant:
    """The tenant of this request."""
    return cast(Tenant, g.tenant)


def tenant_or_none() -> Tenant | None:
    return cast("Tenant | None", g.get("tenant"))


def is_api() -> bool:
    return request.path.startswith("/api/")


def is_for_applications() -> bool:
    """Whether programs ask here in the manner of OAuth; what they send people to is pages."""
    path = request.path
    return path.startswith(_FOR_APPLICATIONS) and not path.startswith(_FOR_PEOPLE)


def origin() -> Origin:
    """Where the request comes from. The device secret is the browser's cookie, or what an API client sends."""
    if "origin" not in g:
        g.origin = Origin(
            ip=client_ip(),
            user_agent=_printable(request.headers.get("User-Agent", ""))[:_LONGEST_AGENT],
            request_id=request_id(),
            device=None if is_api() else _cookies.read(_cookies.DEVICE),
            flow_id=flow_id(),
        )
    return cast(Origin, g.origin)


def flow_id() -> UUID | None:
    """The application's sign-in that this request names: in its form, else in its address. Nothing vouches for it."""
    if "flow_id" not in g:
        said = "" if is_api() else request.form.get("flow") or request.args.get("flow") or ""
        g.flow_id = UUID(said) if _UUID.fullmatch(said) else None
    return cast("UUID | None", g.flow_id)


def belongs_to(flow_id: UUID) -> None:
    """A request that names no sign-in of an application is known to belong to one."""
    g.flow_id = flow_id
    g.pop("flow", None)
    if "origin" in g:
        g.origin = replace(g.origin, flow_id=flow_id)


def arriving() -> Origin:
    """The same for somebody who signs in: with the session that this browser has now, which the new one replaces."""
    before = scope_or_none()
    return replace(origin(), session_id=before.session_id if before else None)


def client_ip() -> str | None:
    """The client's address, without a zone; an IPv4 address in IPv6's clothes is an IPv4 address."""
    return _plain(request.remote_addr or "")


@lru_cache(maxsize=4096)
def _plain(said: str) -> str | None:
    try:
        address = ipaddress.ip_address(said.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def bearer() -> str | None:
    """The token of the Authorization header, or ``None`` where there is none of that kind."""
    header = request.headers.get("Authorization", "")
    match = _BEARER.fullmatch(header.strip()) if len(header) <= _LONGEST_AUTHORIZATION else None
    return match[1] if match else None


def scope() -> Scope:
    """The caller. Raises ``Unauthenticated`` where nobody is signed in."""
    found = scope_or_none()
    if found is None:
        raise Unauthenticated
    return found


def scope_or_none() -> Scope | None:
    """The caller, looked up once a request: by access token under /api, by session cookie elsewhere."""
    if "scope" not in g:
        g.scope = _look_up(services().sessions)
    return cast("Scope | None", g.scope)


def known_scope() -> Scope | None:
    """The caller, if this request has looked them up: asking costs nothing, and cannot fail."""
    return cast("Scope | None", g.get("scope"))


def forget_scope() -> None:
    """The session has begun or ended within this request."""
    g.scope = None


def _look_up(sessions: Sessions) -> Scope | None:
    if tenant_or_none() is None:
        return None
    if is_api():
        token = bearer()
        return sessions.by_token(tenant(), token, origin=origin()) if token else None
    secret = _cookies.read(_cookies.SESSION)
    return sessions.by_cookie(tenant(), secret, origin=origin()) if secret else None


def _begin() -> None:
    # Looked up once: each mention of a proxy asks for its context anew.
    asked, mine = request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    mine.started = time.perf_counter()
    wished = asked.headers.get("X-Request-Id", "")
    mine.request_id = wished if _REQUEST_ID.fullmatch(wished) else str(uuid7())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=mine.request_id)
    mine.tenant = None
    # Werkzeug reads "//login" as "/login"; whoever looks at the path before us may not.
    if asked.environ.get("PATH_INFO", "").startswith("//"):
        raise NotFound
    if asked.path.startswith(_NO_TENANT):
        return
    mine.tenant = _resolve(asked)
    if mine.tenant is None:
        raise UnknownTenant
    if mine.tenant.suspended:
        raise TenantSuspended


def _resolve(asked: Request) -> Tenant | None:
    """By host; on the base domain an API call may name another tenant. On a tenant's host the header is ignored."""
    tenants, settings = services().tenants, services().settings
    host = asked.host.rpartition(":")[0] if _PORT.search(asked.host) else asked.host
    named = asked.headers.get("X-Tenant")
    if named and is_api() and host.lower() == settings.base_host:
        return tenants.by_header(named)
    return tenants.by_host(host)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
