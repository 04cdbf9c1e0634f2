"""What a device is answered when it asks whether it was allowed (RFC 8628, section 3.5): within one unit, as values.

A refusal is returned and not raised: that it was asked too early has to stay written down.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto
from app.oidc.clients import Client
from app.oidc.errors import AccessDenied, AuthorizationPending, ExpiredToken, InvalidGrant, OAuthRefusal, SlowDown
from app.oidc.granted import Granted
from app.storage import device_grants
from app.storage.device_grants import DeviceGrant
from app.storage.unit import Unit
from app.tenancy import Tenant

DEAD = "this device code does not count"
_SLOWER_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Somebody has said yes, and nobody has fetched it yet."""

    id: UUID
    granted: Granted


def answer(unit: Unit, tenant: Tenant, client: Client, device_code: str, *, now: datetime) -> Approved | OAuthRefusal:
    """What was allowed; or why it was not, or not yet."""
    found = device_grants.hold(
        unit.db, tenant_id=tenant.id, application_id=client.id, secret_digest=crypto.digest(device_code)
    )
    if found is None or found.spent_at:
        return InvalidGrant(DEAD)
    if found.expires_at <= now:
        return ExpiredToken("this device code has expired")
    if found.decided_at is None:
        return _wait(unit, tenant, found, now)
    if not found.approved:
        return AccessDenied("the request was denied")
    return _approved(found)


def _wait(unit: Unit, tenant: Tenant, found: DeviceGrant, now: datetime) -> OAuthRefusal:
    hasty = found.polled_at is not None and now < found.polled_at + timedelta(seconds=found.interval_s)
    interval_s = found.interval_s + (_SLOWER_S if hasty else 0)
    device_grants.polled(unit.db, tenant_id=tenant.id, grant_id=found.id, interval_s=interval_s, now=now)
    return SlowDown(f"ask every {interval_s} seconds") if hasty else AuthorizationPending("nobody has decided yet")


def _approved(found: DeviceGrant) -> Approved | OAuthRefusal:
    who, session_id, auth_time = found.user_id, found.session_id, found.auth_time
    if who is None or session_id is None or auth_time is None:
        return InvalidGrant(DEAD)
    return Approved(
        id=found.id,
        granted=Granted(
            user_id=who,
            session_id=session_id,
            scopes=tuple(found.scopes),
            resources=tuple(found.resources),
            claims={},
            auth_time=auth_time,
            acr=found.acr or "0",
            amr=tuple(found.amr or ()),
        ),
    )
