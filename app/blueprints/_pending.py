"""The pending sign-in of this browser, read once a request."""

from typing import cast

from flask import Response, g

from app.auth.pending import Pending, PendingStep
from app.blueprints import _context, _cookies
from app.blueprints._services import services


def secret() -> str | None:
    """What this browser holds of it."""
    return _cookies.read(_cookies.PENDING)


def read() -> Pending | None:
    """The pending sign-in, or ``None``."""
    if "pending" not in g:
        g.pending = services().pending_logins.read(_context.tenant(), secret())
    return cast("Pending | None", g.pending)


def at(step: PendingStep) -> Pending | None:
    """The pending sign-in, if this is its step."""
    pending = read()
    return pending if pending and pending.step == step else None


def email() -> str | None:
    """The address that was typed in an earlier step, or ``None``."""
    pending = read()
    return pending.email if pending else None


def carry_on() -> None:
    """A link from the mail was opened: it names no sign-in of an application, but what waits here may belong to one."""
    pending = read()
    if pending and pending.flow_id and _context.flow_id() is None:
        _context.belongs_to(pending.flow_id)


def begin(response: Response, typed: str, *, step: PendingStep) -> None:
    """Remember who is meant, until the next step."""
    put(
        response, services().pending_logins.begin(_context.tenant(), email=typed, step=step, flow_id=_context.flow_id())
    )


def put(response: Response, challenge: str) -> None:
    """Let the browser keep a challenge that begun elsewhere."""
    _cookies.put(response, _cookies.PENDING, challenge, life=None)


def end(response: Response) -> None:
    services().pending_logins.end(_context.tenant(), secret())
    _cookies.drop(response, _cookies.PENDING)
