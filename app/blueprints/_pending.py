"""The pending sign-in of this browser, read once a request."""

from typing import cast

from flask import Response, g

from app.blueprints import _context, _cookies
from app.blueprints._services import services


def email() -> str | None:
    """The address that was typed in an earlier step, or ``None``."""
    if "pending_email" not in g:
        g.pending_email = services().pending_logins.read(_context.tenant(), _cookies.read(_cookies.PENDING))
    return cast("str | None", g.pending_email)


def begin(response: Response, typed: str) -> None:
    """Remember who is meant, until the next step."""
    _cookies.put(response, _cookies.PENDING, services().pending_logins.begin(_context.tenant(), email=typed), life=None)


def end(response: Response) -> None:
    services().pending_logins.end(_context.tenant(), _cookies.read(_cookies.PENDING))
    _cookies.drop(response, _cookies.PENDING)
