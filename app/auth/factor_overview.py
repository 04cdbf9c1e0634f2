"""What somebody has to show as a second factor, as administrators see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.storage import backup_codes, factor_resets, passkeys, totp_authenticators
from app.storage.base import Db
from app.storage.factor_resets import FactorReset
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetView:
    """A reset that is under way. ``started_by``: which administrator; ``None`` for an operator."""

    id: UUID
    reason: str
    started_by: UUID | None
    started_at: datetime
    takes_effect_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppView:
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    id: UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What somebody has to show as a second factor. ``backup_codes_left``: ``None`` where they never made any."""

    apps: tuple[AppView, ...]
    passkeys: tuple[PasskeyView, ...]
    backup_codes_left: int | None
    reset: ResetView | None

    @property
    def enrolled(self) -> bool:
        return bool(self.apps or self.passkeys)


def overview(db: Db, tenant: Tenant, user_id: UUID) -> Overview:
    """All of it, and whether it is being taken away."""
    apps = totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user_id)
    keys = passkeys.of_user(db, tenant_id=tenant.id, user_id=user_id)
    codes = backup_codes.of_user(db, tenant_id=tenant.id, user_id=user_id)
    reset = factor_resets.open_of(db, tenant_id=tenant.id, user_id=user_id)
    return Overview(
        apps=tuple(
            AppView(id=app.id, name=app.name, created_at=app.created_at, last_used_at=app.last_used_at)
            for app in apps
            if app.confirmed_at
        ),
        passkeys=tuple(
            PasskeyView(
                id=key.id, name=key.name, synced=key.synced, created_at=key.created_at, last_used_at=key.last_used_at
            )
            for key in keys
        ),
        backup_codes_left=backup_codes.left(db, tenant_id=tenant.id, user_id=user_id) if codes else None,
        reset=view_of(reset) if reset else None,
    )


def view_of(reset: FactorReset) -> ResetView:
    """A reset as callers see it."""
    return ResetView(
        id=reset.id,
        reason=reset.reason,
        started_by=reset.started_by,
        started_at=reset.started_at,
        takes_effect_at=reset.takes_effect_at,
    )
