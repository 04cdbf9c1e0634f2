"""Copies of all that is held on the caller."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from flask import Blueprint, Response

from app.auth.errors import InvalidToken, StepUpRequired
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._idempotency import Creates
from app.blueprints.api._operations import Model, answer, operation
from app.errors import NotFound
from app.users.exports import ExportView

bp = Blueprint("api_exports", __name__, url_prefix="/api/v1/me/exports")
TAG = "Own account"


class Export(Model):
    """A copy of one's data. It can be fetched when it is ``ready``, until ``expires_at``."""

    id: UUID
    status: Literal["pending", "ready"]
    asked_at: datetime
    expires_at: datetime


class ExportList(Model):
    data: list[Export]
    next_cursor: str | None = None


class ExportContent(Model):
    """All that is held on the caller: ``data`` has a list for each kind, by name. Kinds may be added."""

    about: dict[str, Any]
    data: dict[str, list[dict[str, Any]]]


@bp.post("")
@limited(*API)
@operation(
    "Ask for a copy of one's data: one a day",
    tag=TAG,
    answers={202: Export},
    refusals=(StepUpRequired,),
    creates=Creates(),
)
def create() -> Response:
    return answer(_export(services().exports.ask(_context.tenant(), _context.scope())), 202)


@bp.get("")
@limited(*API)
@operation("The copies that there are", tag=TAG, answers={200: ExportList}, refusals=(InvalidToken,))
def index() -> Response:
    """All of them at once: they are few, and last a week."""
    views = services().exports.list(_context.scope())
    return answer(ExportList(data=[_export(view) for view in views]))


@bp.get("/<uuid:export_id>")
@limited(*API)
@operation(
    "The content of one that is ready",
    tag=TAG,
    answers={200: ExportContent},
    refusals=(NotFound, StepUpRequired, InvalidToken),
)
def show(export_id: UUID) -> Response:
    content = services().exports.fetch(_context.tenant(), _context.scope(), export_id)
    return Response(content, mimetype="application/json")


def _export(view: ExportView) -> Export:
    return Export(id=view.id, status=view.status, asked_at=view.asked_at, expires_at=view.expires_at)
