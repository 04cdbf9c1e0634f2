"""Which applications can use the account, and taking that back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.blueprints import _context
from app.blueprints._problems import is_htmx
from app.blueprints._render import show, to
from app.blueprints._services import services
from app.oidc.allowed import Allowed, Use
from app.oidc.scopes import ScopeText, grouped

bp = Blueprint("account_applications", __name__)
PATH = "/account/applications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an application was signed in to, as the page shows it."""

    client: str
    place: str | None
    ip: str | None
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An application, as the page shows it."""

    id: UUID
    name: str
    home_uri: str | None
    first_party: bool
    has_logo: bool
    remembered: bool
    groups: tuple[tuple[str, tuple[ScopeText, ...]], ...]
    since: datetime
    last_used_at: datetime | None
    uses: tuple[Place, ...]


@bp.get(PATH)
def index() -> ResponseReturnValue:
    return _list()


@bp.post(f"{PATH}/<uuid:application_id>/removal")
def destroy(application_id: UUID) -> ResponseReturnValue:
    services().openid.consents.revoke(_context.tenant(), _context.scope(), application_id)
    notice = "That application can't use your account any more."
    if is_htmx():
        return _list(notice=notice)
    flash(notice, "success")
    return to(PATH)


def _list(*, notice: str = "") -> ResponseReturnValue:
    rows = [_row(one) for one in services().openid.consents.list(_context.tenant(), _context.scope())]
    return show("account/applications.html", part="account/_applications.html", applications=rows, notice=notice)


def _row(one: Allowed) -> Row:
    return Row(
        id=one.id,
        name=one.name,
        home_uri=one.home_uri,
        first_party=one.first_party,
        has_logo=one.has_logo,
        remembered=one.remembered,
        groups=grouped(one.scopes),
        since=one.since,
        last_used_at=one.last_used_at,
        uses=tuple(map(_place, one.uses)),
    )


def _place(use: Use) -> Place:
    client, _ = describe(use.user_agent, browser=use.browser)
    return Place(client=client, place=services().place_of(use.ip), ip=use.ip, current=use.current)
