"""Devices on which the caller is not asked for a second factor."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from pydantic import Field

from app.agents import describe
from app.auth.errors import InvalidToken
from app.auth.trusted_devices import TrustedDevice as View
from app.blueprints import _context
from app.blueprints._limits import API, limited
from app.blueprints._services import services
from app.blueprints.api._operations import Model, answer, operation
from app.errors import NotFound

bp = Blueprint("api_trusted_devices", __name__, url_prefix="/api/v1/me/trusted-devices")
TAG = "Own account"


class TrustedDevice(Model):
    """Where, and until when, no second factor is asked for. A change of the password or of a factor ends them all."""

    id: UUID
    client: str = Field(examples=["Firefox on Windows"])
    user_agent: str
    ip: str | None
    place: str | None
    trusted_at: datetime
    trusted_until: datetime


class TrustedDeviceList(Model):
    data: list[TrustedDevice]


@bp.get("")
@limited(*API)
@operation("Trusted devices", tag=TAG, answers={200: TrustedDeviceList}, refusals=(InvalidToken,))
def index() -> Response:
    """All of them at once: a person has few, so there is never a next page."""
    views = services().trusted_devices.list(_context.tenant(), _context.scope())
    return answer(TrustedDeviceList(data=[_device(view) for view in views]))


@bp.delete("")
@limited(*API)
@operation("Trust no device any more", tag=TAG, answers={204: None}, refusals=(InvalidToken,))
def destroy_all() -> Response:
    services().trusted_devices.forget_all(_context.tenant(), _context.scope())
    return answer(None, 204)


@bp.delete("/<uuid:device_id>")
@limited(*API)
@operation("Trust one device no more", tag=TAG, answers={204: None}, refusals=(NotFound, InvalidToken))
def destroy(device_id: UUID) -> Response:
    services().trusted_devices.forget(_context.tenant(), _context.scope(), device_id)
    return answer(None, 204)


def _device(view: View) -> TrustedDevice:
    return TrustedDevice(
        id=view.id,
        client=describe(view.user_agent, browser=True)[0],
        user_agent=view.user_agent,
        ip=view.ip,
        place=services().place_of(view.ip),
        trusted_at=view.trusted_at,
        trusted_until=view.trusted_until,
    )
