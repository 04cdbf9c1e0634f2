"""Whether somebody has shown lately, and well enough, that it is them (RFC 9470): asked before what would hurt."""

from datetime import timedelta

from app.auth.errors import StepUpRequired
from app.auth.factor_changes import is_enrolled
from app.auth.factors import ONE, TWO
from app.clock import Clock, wall_clock
from app.errors import Forbidden
from app.scope import Scope
from app.storage.unit import Units
from app.tenancy import Tenant


class Freshness:
    """Asks of the scope, and of nothing that the caller says."""

    def __init__(self, units: Units, *, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clock = clock

    def require(self, tenant: Tenant, scope: Scope) -> None:
        """Let nobody pass who has not just shown that it is them. Services call it first.

        1. Somebody who acts for another person: ``Forbidden``, whatever they have shown.
        2. Signed in, or asked again, too long ago; or with one factor although they have a second: ``StepUpRequired``.
        """
        if scope.impersonator_id:
            raise Forbidden("You cannot do this for somebody else.")
        if not self._holds(tenant, scope, enrolled=None):
            self._refuse(tenant, enrolled=self._enrolled(tenant, scope))

    def require_second(self, tenant: Tenant, scope: Scope) -> None:
        """The same, for what asks for the password by itself: only whoever has a second factor is asked for it."""
        if scope.impersonator_id:
            raise Forbidden("You cannot do this for somebody else.")
        if self._enrolled(tenant, scope) and not self._holds(tenant, scope, enrolled=True):
            self._refuse(tenant, enrolled=True)

    def holds(self, tenant: Tenant, scope: Scope) -> bool:
        """Whether ``require`` would let them pass."""
        return scope.impersonator_id is None and self._holds(tenant, scope, enrolled=None)

    def _holds(self, tenant: Tenant, scope: Scope, *, enrolled: bool | None) -> bool:
        """``enrolled``: where it is known; else it is looked up, if it matters."""
        if scope.auth_time is None or scope.auth_time + _life(tenant) <= self._clock():
            return False
        if scope.acr == TWO:
            return True
        return not (self._enrolled(tenant, scope) if enrolled is None else enrolled)

    def _enrolled(self, tenant: Tenant, scope: Scope) -> bool:
        with self._units.read(tenant.id) as db:
            return is_enrolled(db, tenant, scope.user_id)

    @staticmethod
    def _refuse(tenant: Tenant, *, enrolled: bool) -> None:
        max_age = int(_life(tenant).total_seconds())
        raise StepUpRequired(members={"max_age": max_age, "acr_values": TWO if enrolled else ONE})


def _life(tenant: Tenant) -> timedelta:
    return timedelta(minutes=tenant.settings.step_up_minutes)
