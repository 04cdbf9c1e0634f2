"""Devices on which no second factor is asked for, and ending that; saying no to having one's factors taken away."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from app.agents import describe
from app.auth.trusted_devices import TrustedDevice
from app.blueprints import _context
from app.blueprints._render import show, to
from app.blueprints._services import services

bp = Blueprint("account_devices", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A trusted device, as the page shows it."""

    id: UUID
    current: bool
    client: str
    kind: str
    ip: str | None
    place: str | None
    trusted_at: datetime
    trusted_until: datetime


@bp.get("/account/devices")
def index() -> ResponseReturnValue:
    rows = [_row(device) for device in services().trusted_devices.list(_context.tenant(), _context.scope())]
    return show("account/devices.html", devices=rows)


@bp.post("/account/devices/<uuid:device_id>/removal")
def destroy(device_id: UUID) -> ResponseReturnValue:
    services().trusted_devices.forget(_context.tenant(), _context.scope(), device_id)
    return _done("The second step will be asked for on that device again.", "/account/devices")


@bp.post("/account/devices/removal")
def destroy_all() -> ResponseReturnValue:
    services().trusted_devices.forget_all(_context.tenant(), _context.scope())
    return _done("The second step will be asked for everywhere again.", "/account/devices")


@bp.post("/account/second-factor/reset/removal")
def keep_factors() -> ResponseReturnValue:
    services().factor_resets.cancel_own(_context.tenant(), _context.scope())
    return _done("Your second step stays as it is.", "/account/second-factor")


def _done(notice: str, path: str) -> ResponseReturnValue:
    flash(notice, "success")
    return to(path)


def _row(device: TrustedDevice) -> Row:
    client, kind = describe(device.user_agent, browser=True)
    return Row(
        id=device.id,
        current=device.current,
        client=client,
        kind=kind,
        ip=device.ip,
        place=services().place_of(device.ip),
        trusted_at=device.trusted_at,
        trusted_until=device.trusted_until,
    )
