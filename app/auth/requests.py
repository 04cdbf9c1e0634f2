"""Requests for a mailed link: one row for a known and an unknown address alike; the worker decides, and mints."""

from datetime import datetime, timedelta
from uuid import UUID

from app import crypto
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import Origin
from app.storage import link_requests, links
from app.storage.base import Db
from app.storage.link_requests import LinkRequest
from app.storage.unit import Unit
from app.storage.users import User
from app.tenancy import Tenant


def ask(
    unit: Unit,
    tenant: Tenant,
    *,
    outbox: Outbox,
    purpose: str,
    email: str,
    life: timedelta,
    origin: Origin,
    now: datetime,
    registration: bool = False,
    challenge: bytes | None = None,
    channel: str = "page",
    **payload: UUID | str,
) -> None:
    """Write down that a link was asked for, and promise ``mail.<purpose>``."""
    request_id = uuid7()
    link_requests.add(
        unit.db,
        tenant_id=tenant.id,
        new_id=request_id,
        purpose=purpose,
        email=email,
        registration=registration,
        challenge_digest=challenge,
        channel=channel,
        ip=origin.ip,
        user_agent=origin.user_agent,
        now=now,
        expires_at=now + life,
    )
    outbox.put(unit, tenant_id=tenant.id, kind=f"mail.{purpose}", request_id=request_id, **payload)


def asked(db: Db, tenant: Tenant, request_id: str, *, now: datetime) -> LinkRequest | None:
    """What was asked, if it is not too late to answer."""
    request = link_requests.by_id(db, tenant_id=tenant.id, request_id=UUID(request_id))
    return request if request and request.expires_at > now else None


def answer(
    unit: Unit,
    asked: LinkRequest,
    user: User,
    *,
    secret: str,
    now: datetime,
    sent_to: str | None = None,
    challenge: bytes | None = None,
    code_digest: bytes | None = None,
) -> None:
    """Mint what was asked for: for this person, to their address or ``sent_to``, bound to ``challenge`` if to any."""
    links.mint(
        unit.db,
        tenant_id=asked.tenant_id,
        new_id=uuid7(),
        user_id=user.id,
        purpose=asked.purpose,
        secret_digest=crypto.digest(secret),
        challenge_digest=challenge,
        sent_to=sent_to or user.email,
        now=now,
        expires_at=asked.expires_at,
        request=asked,
        code_digest=code_digest,
    )


def in_words(minutes: int) -> str:
    """How long a link lives, for people."""
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
