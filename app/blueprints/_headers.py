"""What every response carries."""

import time
from functools import lru_cache

import structlog
from flask import Flask, Response, current_app, request
from prometheus_client import Counter, Histogram

from app.blueprints import _context, _counting
from app.metrics import REQUEST_SECONDS, REQUESTS

# Nothing inline and nothing from elsewhere, so no nonce is needed.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "manifest-src 'self'"
)
_PAGES = frozenset({"text/html", "text/css", "text/javascript"})
_PERMISSIONS = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", _PERMISSIONS),
)
# JSON is never a page: opened in a browser it can do nothing.
_JSON_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
_log = structlog.get_logger()


def register(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    # Constants that nobody sets elsewhere: neither checked nor looked for, which would cost more than all else here.
    headers._list.extend(_ALWAYS)  # noqa: SLF001
    headers.add("X-Request-Id", _context.request_id())
    if "Content-Security-Policy" not in headers:
        headers.add("Content-Security-Policy", POLICY if response.mimetype in _PAGES else _JSON_POLICY)
    if "Referrer-Policy" not in headers:
        headers.add("Referrer-Policy", "strict-origin-when-cross-origin")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.add("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload")
    if request.endpoint == "static":
        versioned = "v" in request.args and response.status_code == 200  # noqa: PLR2004 - found
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "public, max-age=60"
    elif "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-store")
        headers.add("X-Robots-Tag", "noindex")
        response.vary.add("Cookie")
    _counting.add_headers(response)
    _count(response)
    return response


@lru_cache(maxsize=4096)
def _meters(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, method, status), REQUEST_SECONDS.labels(route)


def _count(response: Response) -> None:
    route = str(request.url_rule) if request.url_rule else "(none)"
    took = time.perf_counter() - _context.started()
    requests, seconds = _meters(route, request.method if request.url_rule else "", response.status_code)
    requests.inc()
    seconds.observe(took)
    tenant = _context.tenant_or_none()
    _log.debug(
        "answered",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(took * 1000, 1),
        tenant=tenant.slug if tenant else None,
    )
