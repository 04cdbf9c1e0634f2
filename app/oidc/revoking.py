"""Taking back what applications were granted: the family, and every access token that names it."""

from datetime import datetime, timedelta
from uuid import UUID

from app.auth.ending import Ending
from app.storage import authorizations, device_grants, grants
from app.storage.unit import Unit
from app.tenancy import Tenant

# Tokens carry whole seconds: those of this one are refused too.
_THIS_SECOND = timedelta(seconds=1)


class Revoking:
    """Revokes grants, within the unit of whatever revokes them. Writing it down is the caller's."""

    def __init__(self, *, ending: Ending) -> None:
        self._ending = ending

    def grant(
        self, unit: Unit, tenant: Tenant, grant_id: UUID, *, now: datetime, application_id: UUID | None = None
    ) -> bool:
        """End one grant, of this application if one is named. ``False`` where it is not its, or has ended."""
        ended = grants.revoke_family(
            unit.db, tenant_id=tenant.id, family_id=grant_id, application_id=application_id, now=now
        )
        if ended is None:
            return False
        self._ending.refuse(unit, tenant, kind="grant", subjects=[grant_id], now=now)
        return True

    def all_of(
        self, unit: Unit, tenant: Tenant, application_id: UUID, *, user_id: UUID | None = None, now: datetime
    ) -> int:
        """End all that an application was granted, or what one person has. Returns how many grants that were.

        Codes that they have allowed, and devices, that nobody has redeemed yet, count no more either. Nor does, where
        no person is named, what it holds for itself: also if it is switched on again.
        """
        if user_id is None:
            self._ending.refuse(unit, tenant, kind="user", subjects=[application_id], now=now + _THIS_SECOND)
        authorizations.void_codes(unit.db, tenant_id=tenant.id, application_id=application_id, user_id=user_id, now=now)
        device_grants.void(unit.db, tenant_id=tenant.id, application_id=application_id, user_id=user_id, now=now)
        ended = grants.revoke_families(
            unit.db, tenant_id=tenant.id, application_id=application_id, user_id=user_id, now=now
        )
        self._ending.refuse(unit, tenant, kind="grant", subjects=ended, now=now)
        return len(ended)
