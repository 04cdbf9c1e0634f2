"""What can happen, in words: one catalogue for the audit trail, webhooks and the events API."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from app.ids import uuid7
from app.scope import Actor, Origin
from app.storage import audit
from app.storage.unit import Unit

Row = dict[str, Any]


class Event(StrEnum):
    """noun.verb, in the past. Names are fixed: webhooks and saved searches rely on them."""

    USER_REGISTERED = "user.registered"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_EMAIL_VERIFIED = "user.email_verified"
    USER_EMAIL_CHANGED = "user.email_changed"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - an event's name
    USER_PASSWORD_RESET = "user.password_reset"  # noqa: S105 - an event's name
    USER_PASSWORD_RESET_REQUESTED = "user.password_reset_requested"  # noqa: S105 - an event's name
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGIN_BLOCKED = "login.blocked"
    LOGIN_SECOND_FACTOR_REQUIRED = "login.second_factor_required"
    LOGIN_SECOND_FACTOR_FAILED = "login.second_factor_failed"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    SESSION_CREATED = "session.created"
    SESSION_REVOKED = "session.revoked"
    SESSION_LIMIT_REACHED = "session.limit_reached"
    LOGOUT_COMPLETED = "logout.completed"
    TOKEN_REFRESHED = "token.refreshed"  # noqa: S105 - an event's name
    TOKEN_REUSED = "token.reused"  # noqa: S105 - an event's name
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - an event's name
    TOKEN_EXCHANGED = "token.exchanged"  # noqa: S105 - an event's name
    IMPERSONATION_STARTED = "impersonation.started"
    SECOND_FACTOR_ENROLLED = "second_factor.enrolled"
    SECOND_FACTOR_REMOVED = "second_factor.removed"
    BACKUP_CODES_GENERATED = "backup_codes.generated"
    BACKUP_CODE_USED = "backup_code.used"
    BACKUP_CODES_LOW = "backup_codes.low"
    PASSKEY_CREATED = "passkey.created"
    PASSKEY_REMOVED = "passkey.removed"
    DEVICE_TRUSTED = "device.trusted"
    DEVICE_FORGOTTEN = "device.forgotten"
    MAGIC_LINK_SENT = "magic_link.sent"
    MAGIC_LINK_USED = "magic_link.used"
    RISK_ASSESSED = "risk.assessed"
    DATA_EXPORTED = "data.exported"
    ROLE_ASSIGNED = "role.assigned"
    TENANT_CREATED = "tenant.created"
    TENANT_UPDATED = "tenant.updated"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_ACTIVATED = "tenant.activated"
    APPLICATION_CREATED = "application.created"
    APPLICATION_UPDATED = "application.updated"
    APPLICATION_DELETED = "application.deleted"
    APPLICATION_SECRET_ROTATED = "application.secret_rotated"  # noqa: S105 - an event's name
    CONSENT_GRANTED = "consent.granted"
    CONSENT_REVOKED = "consent.revoked"
    SIGNING_KEY_ROTATED = "signing_key.rotated"


def row(
    event: Event,
    *,
    now: datetime,
    actor: Actor,
    origin: Origin,
    subject_id: UUID | None = None,
    session_id: UUID | None = None,
    impersonator_id: UUID | None = None,
    outcome: Literal["success", "refused"] = "success",
    **details: str | int | bool | None,
) -> Row:
    """One audit row: who, on whose behalf, what, when, where. ``details`` hold no secret and no password."""
    return {
        "id": str(uuid7()),
        "at": now.isoformat(),
        "event": event.value,
        "outcome": outcome,
        "actor_kind": actor.kind.value,
        "actor_id": _text(actor.id),
        "impersonator_id": _text(impersonator_id),
        "subject_id": _text(subject_id),
        "session_id": _text(session_id),
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "request_id": origin.request_id,
        "details": {name: value for name, value in details.items() if value is not None},
    }


def record(unit: Unit, *, tenant_id: UUID, rows: Sequence[Row]) -> None:
    """Write what happened, in the transaction of the change itself."""
    audit.write(unit.db, tenant_id=tenant_id, rows=rows)


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
