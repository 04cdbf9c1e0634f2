"""What is written down of exchanges: on both accounts where a person acts for another."""

from datetime import datetime
from typing import Literal

from app import events
from app.events import Event
from app.oidc.clients import Client
from app.oidc.exchange_parties import Party
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class ExchangeLog:
    """Writes it down, and tells the person for whom somebody else acts."""

    def __init__(self, units: Units, *, outbox: Outbox) -> None:
        self._units = units
        self._outbox = outbox

    def done(
        self,
        unit: Unit,
        tenant: Tenant,
        client: Client,
        subject: Party,
        actor: Party | None,
        *,
        scopes: tuple[str, ...],
        origin: Origin,
        now: datetime,
    ) -> None:
        scope = " ".join(scopes)
        if actor is None:
            row = _exchanged(client, subject, scope=scope, origin=origin, now=now)
            events.record(unit, tenant_id=tenant.id, rows=[row])
            return
        rows = _impersonated(client, subject, actor, outcome="success", scope=scope, origin=origin, now=now)
        events.record(unit, tenant_id=tenant.id, rows=rows)
        self._outbox.put(
            unit,
            tenant_id=tenant.id,
            kind="mail.security_alert",
            user_id=subject.live.user_id,
            reason="impersonated",
        )

    def refused(
        self, tenant: Tenant, client: Client, subject: Party, actor: Party, *, why: str, origin: Origin, now: datetime
    ) -> None:
        rows = _impersonated(client, subject, actor, outcome="refused", reason=why, origin=origin, now=now)
        with self._units.begin(tenant.id) as unit:
            events.record(unit, tenant_id=tenant.id, rows=rows)


def _impersonated(
    client: Client,
    subject: Party,
    actor: Party,
    *,
    outcome: Literal["success", "refused"],
    origin: Origin,
    now: datetime,
    scope: str | None = None,
    reason: str | None = None,
) -> list[events.Row]:
    """One row for each account: what was done to it, and what was done with it."""
    return [
        events.row(
            Event.IMPERSONATION_STARTED,
            now=now,
            actor=actor.scope.actor,
            origin=origin,
            subject_id=whose.live.user_id,
            session_id=whose.live.session_id,
            outcome=outcome,
            acted_for=str(subject.live.user_id),
            changed="acting" if whose is actor else None,
            application_name=client.name,
            scope=scope,
            reason=reason,
        )
        for whose in (subject, actor)
    ]


def _exchanged(client: Client, subject: Party, *, scope: str, origin: Origin, now: datetime) -> events.Row:
    return events.row(
        Event.TOKEN_EXCHANGED,
        now=now,
        actor=Actor(kind=ActorKind.APPLICATION, id=client.id),
        origin=origin,
        subject_id=subject.live.user_id,
        session_id=subject.live.session_id,
        application_name=client.name,
        scope=scope,
    )
