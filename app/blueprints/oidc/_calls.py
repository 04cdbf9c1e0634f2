"""How applications are read and answered: forms in, JSON out, refusals in the protocol's own shape (RFC 6749, 5.2)."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import orjson
import structlog
from flask import Response, make_response, request

from app.blueprints import _context
from app.blueprints._guards import asked_by_applications, open_to_anyone
from app.blueprints._services import services
from app.metrics import REFUSALS
from app.oidc.calls import Call
from app.oidc.errors import InvalidRequest, OAuthRefusal, Scheme

V = TypeVar("V", bound=Callable[..., Any])
_LONGEST_HEADER = 16_384
_log = structlog.get_logger()


def endpoint(view: V) -> V:
    """An endpoint that applications call: open (it asks for its own credentials), from everywhere, with CORS.

    What it refuses with ``OAuthRefusal`` is answered as RFC 6749, section 5.2, and RFC 6750, section 3, want it.
    """

    @wraps(view)
    def answered(**arguments: Any) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        try:
            response = make_response(view(**arguments))
        except OAuthRefusal as refusal:
            response = refused(refusal)
        return _shared(response)

    answered.provide_automatic_options = False  # type: ignore[attr-defined]
    return open_to_anyone(asked_by_applications(answered))  # type: ignore[return-value]


def call() -> Call:
    """What was sent. Raises ``InvalidRequest`` for a body that is no form, or parameters in the address."""
    typed = request.mimetype or request.content_length
    if request.method == "POST" and typed and request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequest("send application/x-www-form-urlencoded")
    if request.method == "POST" and request.args:
        raise InvalidRequest("send parameters in the body, not in the address")
    return as_sent()


def as_sent() -> Call:
    """The same where the body is no form but something else that the view reads."""
    authorization = request.headers.get("Authorization", "")
    if len(authorization) > _LONGEST_HEADER:
        raise InvalidRequest("the Authorization header is too long")
    return Call(
        method=request.method,
        url=f"{_context.tenant().origin}{request.path}",
        form={name: request.form.getlist(name) for name in request.form},
        origin=_context.origin(),
        authorization=authorization,
        dpop=request.headers.getlist("DPoP"),
    )


def answer(said: Mapping[str, Any], status: int = 200) -> Response:
    """JSON that nobody keeps (RFC 6749, section 5.1)."""
    response = Response(orjson.dumps(dict(said)), status=status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def refused(refusal: OAuthRefusal) -> Response:
    """A refusal, in the protocol's shape."""
    _log.info("refused", code=refusal.error, why=refusal.log or refusal.description or None)
    REFUSALS.labels(refusal.error).inc()
    said = {"error": refusal.error}
    if refusal.description:
        said["error_description"] = refusal.description
    response = answer(said, refusal.status)
    if refusal.scheme:
        response.headers["WWW-Authenticate"] = _challenge(refusal, refusal.scheme)
    for name, value in refusal.headers.items():
        response.headers[name] = value
    return response


def _challenge(refusal: OAuthRefusal, scheme: Scheme) -> str:
    realm = f'{scheme} realm="{_context.tenant().slug}"'
    if scheme == "Basic":
        return realm
    said = f'{realm}, error="{refusal.error}"'
    return f'{said}, error_description="{refusal.description}"' if refusal.description else said


def _preflight() -> Response:
    response = _shared(Response(status=204))
    if "Access-Control-Allow-Origin" in response.headers:
        methods = sorted((request.url_rule.methods or set()) - {"HEAD", "OPTIONS"}) if request.url_rule else []
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, DPoP"
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def _shared(response: Response) -> Response:
    """Pages of the tenant's own applications may read the answer, and no others; cookies never count."""
    origin = request.headers.get("Origin")
    response.vary.add("Origin")
    if origin and origin in services().openid.clients.origins(_context.tenant()):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, DPoP-Nonce"
    return response
