"""One handler, three faces: problem+json, a fragment for htmx, or a page."""

import json

import structlog
from flask import Flask, Response, flash, make_response, redirect, render_template, request, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod

from app.auth.errors import InvalidToken, LinkExpired, StepUpRequired, TenantSuspended, UnknownTenant
from app.blueprints import _context, _flows, _way_back
from app.blueprints._guards import CsrfFailed
from app.email import addresses
from app.errors import (
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unexpected,
    UnsupportedMediaType,
)
from app.metrics import REFUSALS
from app.wiring import database_is_away

_log = structlog.get_logger()
_BY_STATUS: dict[int, type[Problem]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
}
# RFC 6749, section 4.1.2.1: what has a name there.
_OAUTH = {400: "invalid_request", 500: "server_error", 503: "temporarily_unavailable"}


def register(app: Flask) -> None:
    app.register_error_handler(Problem, show)
    app.register_error_handler(CSRFError, _worn_out)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _unexpected)


def show(problem: Problem) -> Response:
    """The answer to a refusal, in the shape that the caller reads."""
    _log.info("refused", code=problem.code, why=problem.log or None)
    REFUSALS.labels(problem.code).inc()
    if isinstance(problem, Unauthenticated | InvalidToken) and not wants_json():
        return _to_sign_in()
    if isinstance(problem, StepUpRequired) and not _context.is_api():
        _way_back.remember()
        if not wants_json():
            return _see(_way_back.REAUTHENTICATION)
    response = _as_json(problem) if wants_json() else _as_html(problem)
    response.status_code = problem.status
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401 and _context.is_api():  # noqa: PLR2004 - RFC 9110, section 15.5.2
        response.headers["WWW-Authenticate"] = _challenge(problem)
    return response


def _worn_out(_: CSRFError) -> Response:
    """A form of before somebody signed in here, or out: in another tab, that of another application.

    It is not carried out. On the way to an application, people go on from where they are now; but for a decision on
    what it may do: a no must not lead to it, and a yes was another account's. Whoever meant another account than the
    one that is signed in is asked again who they are.
    """
    form = request.form
    goes_on = form.get("csrf_token") and "decision" not in form and not wants_json()
    flow = _flows.current() if goes_on else None
    refused = show(CsrfFailed())
    if flow is None:
        return refused
    scope = _context.scope_or_none()
    if scope and form.get("email") and addresses.key_of(form["email"]) != addresses.key_of(scope.email):
        flash(f"You are signed in as {scope.email} in another tab. To use another account, sign in here again.", "info")
        return _see(_flows.onward("/login"))
    return _see(_flows.on(flow.id))


def _challenge(problem: Problem) -> str:
    """What a client has to come with (RFC 6750, section 3; RFC 9470, section 3)."""
    if isinstance(problem, InvalidToken):
        return 'Bearer error="invalid_token"'
    if not isinstance(problem, StepUpRequired):
        return "Bearer"
    asked = {"error": problem.code, "error_description": problem.title, **problem.members}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in asked.items())


def wants_json() -> bool:
    """Programs get JSON: everything under /api, applications, and whoever asks for it and not for HTML."""
    accept = request.accept_mimetypes
    return (
        _context.is_api()
        or _context.is_for_applications()
        or (accept.best == "application/json" and not accept.accept_html)
    )


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type") != "full"
        and "HX-History-Restore-Request" not in headers
    )


def _as_json(problem: Problem) -> Response:
    body: dict[str, object] = {
        "type": f"urn:portico:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "instance": f"urn:request:{_context.request_id()}",
        "code": problem.code,
        **problem.members,
    }
    if _context.is_for_applications():
        # As whoever speaks OAuth reads it (RFC 6749, section 5.2), beside our own members.
        body |= {
            "error": _OAUTH.get(problem.status, problem.code),
            "error_description": problem.detail or problem.title,
        }
    if problem.errors:
        body["errors"] = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in problem.errors]
    return Response(json.dumps(body), mimetype="application/problem+json")


def _as_html(problem: Problem) -> Response:
    part = is_htmx()
    response = make_response(
        render_template(
            "problems/_alert.html" if part else "problems/page.html",
            problem=problem,
            retry_after=problem.retry_after,
            action=_action(problem),
        )
    )
    if part:
        response.headers["HX-Retarget"] = "#alert"
    return response


def _action(problem: Problem) -> dict[str, str] | None:
    """The next step for somebody who meets this problem on a page."""
    if isinstance(problem, UnknownTenant | TenantSuspended):
        return None
    if isinstance(problem, LinkExpired):
        return {"label": "Sign in to get a new link", "href": _flows.onward("/login")}
    return {"label": "Back to the start", "href": "/"}


def _to_sign_in() -> Response:
    """Nobody is signed in: to the door, and back here afterwards. The way back is ours, never the caller's."""
    if request.method == "GET":
        session["next"] = _way_back.here()
    return _see(_flows.onward("/login"))


def _see(path: str) -> Response:
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": path})
    return make_response(redirect(path, 303))


def _from_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400 or error.response is not None:  # noqa: PLR2004 - a redirect is no problem
        return make_response(error.get_response())
    kind = _BY_STATUS.get(error.code, MalformedRequest if error.code < 500 else Unexpected)  # noqa: PLR2004
    response = show(kind(log=f"{error.code} {error.name}"))
    if isinstance(error, WrongMethod) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    if database_is_away(error):
        _log.warning("database away", error=type(error).__name__)
        return show(Unavailable(retry_after=2))
    _log.error("unexpected", exc_info=error)
    return show(Unexpected())
