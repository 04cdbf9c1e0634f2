"""What a confidential application is known by (RFC 6749, section 2.3.1): two secrets at most, to replace one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto
from app.errors import NotFound, Problem, refuse
from app.ids import uuid7
from app.storage import application_secrets
from app.storage.application_secrets import ApplicationSecret
from app.storage.base import Db
from app.tenancy import Tenant

PREFIX = "pcs_"
_MOST = 2
_HINT = 4
LONGEST_OVERLAP_HOURS = 720


class TooManySecrets(Problem):
    code = "too_many_secrets"
    status = 409
    title = "It has two secrets already. Remove one of them first, or let both end with the next."


class NoSecrets(Problem):
    code = "no_secrets"
    status = 409
    title = "This application has no secrets: it does not authenticate with one."


class LastSecret(Problem):
    code = "last_secret"
    status = 409
    title = "This is its only secret. Make another one first."


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretView:
    """A secret as its owners see it: ``hint`` is its end. ``live``: it counts."""

    id: UUID
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """``client_secret`` is known now and never again."""

    view: SecretView
    client_secret: str


def mint() -> str:
    return PREFIX + crypto.mint()


def keep(db: Db, tenant: Tenant, application_id: UUID, *, secret: str, now: datetime) -> SecretView:
    """Remember what it is known by: its digest."""
    new_id, hint = uuid7(), secret[-_HINT:]
    application_secrets.add(
        db,
        tenant_id=tenant.id,
        new_id=new_id,
        application_id=application_id,
        secret_digest=crypto.digest(secret),
        hint=hint,
        now=now,
    )
    return SecretView(id=new_id, hint=hint, created_at=now, last_used_at=None, expires_at=None, live=True)


def add(
    db: Db, tenant: Tenant, application_id: UUID, *, secret: str, now: datetime, overlap: timedelta | None
) -> SecretView:
    """One more. Whoever calls this holds the lock of the application. ``overlap``: how long those before still count.

    Raises ``TooManySecrets`` where two others would count besides. What has expired is swept away.
    """
    rows = application_secrets.of_application(db, tenant_id=tenant.id, application_id=application_id)
    live = live_ones(rows, now=now)
    for row in rows:
        if row not in live or (overlap is not None and not overlap):
            application_secrets.remove(db, tenant_id=tenant.id, application_id=application_id, secret_id=row.id)
        elif overlap:
            application_secrets.end(
                db, tenant_id=tenant.id, application_id=application_id, secret_id=row.id, expires_at=now + overlap
            )
    if len(live) >= _MOST and (overlap is None or overlap):
        raise TooManySecrets
    return keep(db, tenant, application_id, secret=secret, now=now)


def remove(db: Db, tenant: Tenant, application_id: UUID, secret_id: UUID, *, now: datetime, needed: bool) -> None:
    """Remove one; where it is ``needed``, never the last that counts. Raises ``NotFound``, ``LastSecret``."""
    rows = application_secrets.of_application(db, tenant_id=tenant.id, application_id=application_id)
    if secret_id not in {row.id for row in rows}:
        raise NotFound
    if needed and not [row for row in live_ones(rows, now=now) if row.id != secret_id]:
        raise LastSecret
    application_secrets.remove(db, tenant_id=tenant.id, application_id=application_id, secret_id=secret_id)


def live_ones(rows: Sequence[ApplicationSecret], *, now: datetime) -> list[ApplicationSecret]:
    return [row for row in rows if _is_live(row, now=now)]


def view_of(row: ApplicationSecret, *, now: datetime) -> SecretView:
    return SecretView(
        id=row.id,
        hint=row.hint,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        live=_is_live(row, now=now),
    )


def overlap_of(hours: int | None) -> timedelta | None:
    """Raises ``InvalidInput``."""
    if hours is not None and not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise refuse("overlap_hours", "out_of_range", f"Enter a number from 0 to {LONGEST_OVERLAP_HOURS}.")
    return None if hours is None else timedelta(hours=hours)


def _is_live(row: ApplicationSecret, *, now: datetime) -> bool:
    return row.expires_at is None or row.expires_at > now
