"""Closed by default: a route is open only where it says so, and no state changes on another site's word."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.blueprints import _context
from app.errors import Problem

V = TypeVar("V", bound=Callable[..., object])
OPEN = "is_open_to_anyone"
FROM_ELSEWHERE = "is_asked_by_applications"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSite(Problem):
    code = "cross_site_request"
    status = 403
    title = "This request came from another site, so it was not carried out."


class CsrfFailed(Problem):
    code = "csrf_failed"
    status = 403
    title = "This page was open for too long. Please go back, reload it and try again."


def open_to_anyone(view: V) -> V:
    """Mark a view that needs no sign-in. A test knows all of them by name."""
    setattr(view, OPEN, True)
    return view


def asked_by_applications(view: V) -> V:
    """Mark a view that applications post to, from wherever they are: it changes nothing on a cookie's word."""
    setattr(view, FROM_ELSEWHERE, True)
    return view


def register(app: Flask) -> None:
    app.before_request(_refuse_other_sites)
    app.before_request(_require_a_caller)


def _refuse_other_sites() -> None:
    """Fetch metadata first, ``Origin`` for older browsers. Tenants are siblings: same-site is not good enough."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in _SAFE or getattr(view, FROM_ELSEWHERE, False):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite(log=f"Sec-Fetch-Site: {site}")
        return
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host.lower():
        raise CrossSite(log="Origin")


def _host_of(origin: str) -> str | None:
    """``None`` for what is no address, which is nobody's origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _require_a_caller() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, OPEN, request.endpoint == "static"):
        return
    _context.scope()
