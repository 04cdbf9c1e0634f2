"""Which applications can use the caller's account, and taking that back."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.agents import describe
from app.auth.errors import InvalidToken
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import Forbidden, NotFound
from app.oidc.allowed import Allowed, Use

bp = Blueprint("api_own_applications", __name__, url_prefix="/api/v1/me/applications")
TAG = "Own account"


class ApplicationUse(Model):
    """A session in which the application was signed in to."""

    session_id: UUID
    client: str = Field(examples=["Firefox on Windows"])
    ip: str | None
    place: str | None
    current: bool
    last_at: datetime


class AllowedApplication(Model):
    """An application that can use the account. `remembered`: it was allowed, and does not ask again for `scopes`."""

    id: UUID
    name: str
    home_uri: str | None
    first_party: bool
    remembered: bool
    scopes: list[str]
    since: datetime
    last_used_at: datetime | None
    uses: list[ApplicationUse]


class AllowedApplicationList(Model):
    data: list[AllowedApplication]


@bp.get("")
@limited(*API)
@operation("Applications that can use the account", tag=TAG, answers={200: AllowedApplicationList})
def index() -> Response:
    """All of them at once: a person has few, so there is never a next page."""
    views = services().openid.consents.list(_context.tenant(), _context.scope())
    return answer(AllowedApplicationList(data=[_application(view) for view in views]))


@bp.delete("/<uuid:application_id>")
@limited(*API)
@operation("Remove an application's access", tag=TAG, answers={204: None}, refusals=(NotFound, Forbidden, InvalidToken))
def destroy(application_id: UUID) -> Response:
    services().openid.consents.revoke(_context.tenant(), _context.scope(), application_id)
    return answer(None, 204)


def _application(view: Allowed) -> AllowedApplication:
    return AllowedApplication(
        id=view.id,
        name=view.name,
        home_uri=view.home_uri,
        first_party=view.first_party,
        remembered=view.remembered,
        scopes=list(view.scopes),
        since=view.since,
        last_used_at=view.last_used_at,
        uses=[_use(use) for use in view.uses],
    )


def _use(use: Use) -> ApplicationUse:
    return ApplicationUse(
        session_id=use.session_id,
        client=describe(use.user_agent, browser=use.browser)[0],
        ip=use.ip,
        place=services().place_of(use.ip),
        current=use.current,
        last_at=use.last_at,
    )
