"""The caller's own account and sessions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from app.agents import describe
from app.auth.errors import InvalidToken
from app.auth.sessions import SessionView
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api import schemas
from app.blueprints.api._accounts import user_of
from app.blueprints.api._operations import answer, flag, operation
from app.errors import InvalidInput, NotFound
from app.scope import Scope
from app.users.service import view_of

bp = Blueprint("api_me", __name__, url_prefix="/api/v1/me")
TAG = "Own account"


@bp.get("")
@limited(*API)
@operation("Who is asking", tag=TAG, answers={200: schemas.Me}, refusals=(InvalidToken,))
def show() -> Response:
    return _answer(_context.scope(), services().profiles.read(_context.scope()))


@bp.patch("")
@limited(*API)
@operation(
    "Change the own profile",
    tag=TAG,
    body=schemas.Profile,
    answers={200: schemas.Me},
    refusals=(InvalidInput, InvalidToken),
)
def update(body: schemas.Profile) -> Response:
    scope = _context.scope()
    changes = body.profile.model_dump() if body.profile else None
    changed = services().profiles.change(scope, name=body.name, changes=changes)
    return _answer(replace(scope, name=changed.name), changed.profile)


@bp.get("/sessions")
@limited(*API)
@operation("Where one is signed in", tag=TAG, answers={200: schemas.SessionList}, refusals=(InvalidToken,))
def index() -> Response:
    """All of them at once: a person has few, so there is never a next page."""
    views = services().sessions.list(_context.tenant(), _context.scope())
    return answer(schemas.SessionList(data=[_session(view) for view in views]))


@bp.delete("/sessions")
@limited(*API)
@operation(
    "Sign out everywhere else",
    tag=TAG,
    answers={204: None},
    refusals=(InvalidInput, InvalidToken),
    query={"current": "Send true to end this session too."},
)
def destroy_all() -> Response:
    services().sessions.end_all(_context.tenant(), _context.scope(), current_too=flag("current"))
    return answer(None, 204)


@bp.delete("/sessions/<uuid:session_id>")
@limited(*API)
@operation("Sign out one session", tag=TAG, answers={204: None}, refusals=(NotFound, InvalidToken))
def destroy(session_id: UUID) -> Response:
    services().sessions.end(_context.tenant(), _context.scope(), session_id)
    return answer(None, 204)


def _answer(scope: Scope, profile: Mapping[str, Any]) -> Response:
    user = view_of(scope)
    said = user_of(user, status=user.status).model_dump()
    return answer(schemas.Me(**said, profile=schemas.PersonalProfile.model_validate(profile)))


def _session(view: SessionView) -> schemas.Session:
    return schemas.Session(
        id=view.id,
        current=view.current,
        kind="browser" if view.browser else "api",
        client=describe(view.user_agent, browser=view.browser)[0],
        ip=view.ip,
        place=services().place_of(view.ip),
        user_agent=view.user_agent,
        remember=view.remember,
        amr=list(view.amr),
        created_at=view.created_at,
        last_seen_at=view.last_seen_at,
        expires_at=view.expires_at,
    )
