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
        said = {"application_name": client.name, "scope": " ".join(scopes)}
        if actor is None:
            events.record(unit, tenant_id=tenant.id, rows=[_exchanged(client, subject, said, origin=origin, now=now)])
            return
        rows = _impersonated(subject, actor, said, outcome="success", origin=origin, now=now)
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
        said = {"application_name": client.name, "reason": why}
        rows = _impersonated(subject, actor, said, outcome="refused", origin=origin, now=now)
        with self._units.begin(tenant.id) as unit:
            events.record(unit, tenant_id=tenant.id, rows=rows)


def _impersonated(
    subject: Party,
    actor: Party,
    said: dict[str, str],
    *,
    outcome: Literal["success", "refused"],
    origin: Origin,
    now: datetime,
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
            **said,
        )
        for whose in (subject, actor)
    ]


def _exchanged(client: Client, subject: Party, said: dict[str, str], *, origin: Origin, now: datetime) -> events.Row:
    return events.row(
        Event.TOKEN_EXCHANGED,
        now=now,
        actor=Actor(kind=ActorKind.APPLICATION, id=client.id),
        origin=origin,
        subject_id=subject.live.user_id,
        session_id=subject.live.session_id,
        **said,
    )
