"""What happened to the caller's account."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.auth.errors import InvalidToken
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.account.activity import client_of
from app.blueprints.api._operations import Model, operation
from app.blueprints.api._pages import BY_TIME, PARAMETERS, asked, cursor_for, listed
from app.errors import InvalidInput
from app.users.activity import Entry, Kind

bp = Blueprint("api_activity", __name__, url_prefix="/api/v1/me/activity")


class Happening(Model):
    """Something that happened. ``ip``, ``place`` and ``client`` are absent where somebody else acted."""

    id: UUID
    at: datetime
    event: str = Field(description="A name of the catalogue, like `login.succeeded`.")
    outcome: Literal["success", "refused"]
    title: str
    kind: Kind
    note: str
    client: str | None
    ip: str | None
    place: str | None


class HappeningList(Model):
    data: list[Happening]
    next_cursor: str | None = None


@bp.get("")
@limited(*API)
@operation(
    "What happened to the own account, newest first",
    tag="Own account",
    answers={200: HappeningList},
    refusals=(InvalidInput, InvalidToken),
    query=PARAMETERS,
)
def index() -> Response:
    page = asked(BY_TIME)
    entries, mark = services().activity.entries(_context.scope(), after=page.after, limit=page.limit)
    cursor = cursor_for(BY_TIME, mark)
    return listed(HappeningList(data=[_happening(one) for one in entries], next_cursor=cursor), cursor=cursor)


def _happening(entry: Entry) -> Happening:
    return Happening(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        outcome="refused" if entry.outcome == "refused" else "success",
        title=entry.title,
        kind=entry.kind,
        note=entry.note,
        client=client_of(entry)[0] or None,
        ip=entry.ip,
        place=entry.place,
    )
