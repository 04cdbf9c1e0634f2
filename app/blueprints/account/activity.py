"""What happened to the account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.blueprints import _context
from app.blueprints._render import show
from app.blueprints._services import services
from app.blueprints.api._operations import once
from app.blueprints.api._pages import BY_TIME, asked, cursor_for
from app.scope import Scope
from app.users.activity import Entry, Kind

bp = Blueprint("account_activity", __name__)
_PAGE, _FEW = 20, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry, as the page shows it. ``client`` and ``client_kind`` are empty where somebody else acted."""

    id: UUID
    title: str
    kind: Kind
    at: datetime
    client: str
    client_kind: str
    ip: str | None
    place: str | None
    note: str


@bp.get("/account/activity")
def index() -> ResponseReturnValue:
    entries, mark = services().activity.entries(_context.scope(), after=asked(BY_TIME).after, limit=_PAGE)
    return show(
        "account/activity.html",
        part="account/_activity.html",
        entries=[_row(entry) for entry in entries],
        cursor=once("cursor"),
        next_cursor=cursor_for(BY_TIME, mark),
    )


def latest(scope: Scope) -> list[Row]:
    """The last few, for the overview."""
    entries, _ = services().activity.entries(scope, after=None, limit=_FEW)
    return [_row(entry) for entry in entries]


def _row(entry: Entry) -> Row:
    client, kind = client_of(entry)
    return Row(
        id=entry.id,
        title=entry.title,
        kind=entry.kind,
        at=entry.at,
        client=client,
        client_kind=kind,
        ip=entry.ip,
        place=entry.place,
        note=entry.note,
    )


def client_of(entry: Entry) -> tuple[str, str]:
    """What acted, in words, and its kind; nothing where somebody else did."""
    if entry.user_agent is None:
        return "", ""
    # Every browser says so, and hardly anything else does (RFC 9110, section 10.1.5, has the history).
    return describe(entry.user_agent, browser=entry.user_agent.startswith("Mozilla/"))
