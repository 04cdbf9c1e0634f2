"""For machines: alive, ready, metrics, and where to report a weakness."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app import crypto, metrics
from app.blueprints import _context
from app.blueprints._guards import open_to_anyone
from app.blueprints._services import services
from app.errors import NotFound

bp = Blueprint("operations", __name__)


@bp.get("/livez")
@open_to_anyone
def livez() -> ResponseReturnValue:
    return {"status": "alive"}


@bp.get("/readyz")
@open_to_anyone
def readyz() -> ResponseReturnValue:
    """503 while something is missing without which nothing can be answered. Redis is not among that."""
    checks = services().health.readiness()
    ready = all(check.well for check in checks if check.needed)
    body = {
        "status": "ready" if ready else "not ready",
        "checks": {check.name: "ok" if check.well else check.said for check in checks},
    }
    return body, 200 if ready else 503, {} if ready else {"Retry-After": "2"}


@bp.get("/metrics")
@open_to_anyone
def show() -> ResponseReturnValue:
    """Only for whoever sends the token; without one in the settings there is nothing here."""
    token, sent = services().settings.metrics_token, _context.bearer()
    if token is None or sent is None or not crypto.same(sent.encode(), token.get_secret_value().encode()):
        raise NotFound
    page = metrics.exposition(services().health.facts, processes=metrics.in_several_processes())
    return Response(page, content_type=metrics.CONTENT_TYPE)
