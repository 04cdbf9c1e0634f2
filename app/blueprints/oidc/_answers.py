"""How an application gets its answer by way of the browser: in an address, or in a form that posts itself."""

import re

import structlog
from flask import Response

from app.blueprints import _headers
from app.blueprints._render import show
from app.metrics import REFUSALS
from app.oidc.answering import Answer, Refused
from app.oidc.errors import OAuthRefusal
from app.oidc.flows import Flow

# What a content security policy can spell: no IPv6 address (CSP Level 3, section 2.3.1).
_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*:(?://[A-Za-z0-9.-]+(?::[0-9]+)?)?")
_log = structlog.get_logger()


def sent(answer: Answer) -> Response:
    """From a GET: straight there (RFC 9700, section 4.12), or the form."""
    if answer.mode == "form_post":
        return _form(answer)
    response = Response(status=303, mimetype="text/html")
    response.headers["Location"] = answer.location
    return private(response)


def continued(answer: Answer, name: str) -> Response:
    """From a form of ours: a page that moves on, as Chromium lets no form lead elsewhere by redirects."""
    if answer.mode == "form_post":
        return _form(answer)
    return private(show("oidc/continue.html", location=answer.location, name=name))


def refused(refused: Refused) -> Response:
    """A request that its application hears was wrong."""
    _note(refused.refusal)
    return sent(refused.answer)


def error(refusal: OAuthRefusal) -> Response:
    """For the person alone: nobody knows whether an application is behind this."""
    _note(refusal)
    return private(show("oidc/error.html", status=400, code=refusal.error, description=refusal.description))


def over(flow: Flow | None) -> Response:
    """A flow that cannot go on: another browser's or none; answered; or expired."""
    if flow is None:
        return private(show("oidc/unknown.html", status=404))
    if flow.answered:
        return private(show("oidc/answered.html", flow=flow))
    return private(show("oidc/expired.html", status=410, flow=flow))


def private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(refusal: OAuthRefusal) -> None:
    _log.info("refused", code=refusal.error, why=refusal.log or refusal.description)
    REFUSALS.labels(refusal.error).inc()


def _form(answer: Answer) -> Response:
    """OAuth 2.0 Form Post Response Mode, section 2: the one page of ours that may post to another place."""
    response = show("oidc/form_post.html", action=answer.redirect_uri, parameters=answer.parameters)
    source = answer.origin if _SOURCE.fullmatch(answer.origin) else f"{answer.origin.partition(':')[0]}:"
    response.headers["Content-Security-Policy"] = _headers.POLICY.replace("form-action 'self'", f"form-action {source}")
    return private(response)
