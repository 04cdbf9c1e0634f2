"""A code or a refresh token that is shown again: two hold it, and we cannot tell which of them is the thief."""

from uuid import UUID

from app import events
from app.clock import Clock, wall_clock
from app.events import Event
from app.oidc.clients import Client
from app.oidc.revoking import Revoking
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin
from app.storage.unit import Units
from app.tenancy import Tenant


class Reuse:
    """Takes the grant back, for good, and says so: in the trail, and to its person."""

    def __init__(self, units: Units, *, revoking: Revoking, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._revoking = revoking
        self._outbox = outbox
        self._clock = clock

    def revoke(
        self,
        tenant: Tenant,
        client: Client,
        *,
        grant_id: UUID,
        user_id: UUID,
        session_id: UUID,
        reason: str,
        origin: Origin,
        presented: int | None = None,
        current: int | None = None,
    ) -> None:
        """The application's grant ends, and not the sign-in it was given in: only the application let something out.

        Nothing where somebody was faster, or nothing was ever given for the code.
        """
        now = self._clock()
        row = events.row(
            Event.TOKEN_REUSED,
            now=now,
            actor=Actor(kind=ActorKind.APPLICATION, id=client.id),
            origin=origin,
            subject_id=user_id,
            session_id=session_id,
            outcome="refused",
            family=str(grant_id),
            reason=reason,
            presented=presented,
            current=current,
        )
        with self._units.begin(tenant.id) as unit:
            if not self._revoking.grant(unit, tenant, grant_id, application_id=client.id, now=now):
                return
            events.record(unit, tenant_id=tenant.id, rows=[row])
            self._outbox.put(
                unit,
                tenant_id=tenant.id,
                kind="mail.security_alert",
                user_id=user_id,
                reason="application_token_reused",
            )
