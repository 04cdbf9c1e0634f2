"""Sign-ins on behalf of applications, while they are under way: a row each, bound to the browser that began it.

The id stands in addresses and opens nothing by itself: only the browser whose secret the row knows may go on. A request
that was posted comes without that secret, as no cookie is sent across sites with a POST: its row is bound to a ticket
that goes into the address of the next hop, and is exchanged there, once, for the browser.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app import crypto
from app.clock import Clock, wall_clock
from app.oidc.clients import Client, Clients
from app.oidc.requests import AuthorizationRequest
from app.storage import authorization_flows
from app.storage.authorization_flows import AuthorizationFlow
from app.storage.unit import Units
from app.tenancy import Tenant

LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sign-in for an application. ``kept``: there is a row of it, so that it can be left and come back to.

    ``chosen``, ``consented_by``, ``denied``: what its person has decided meanwhile; who has allowed it has not done so
    for anybody else. ``answered``: the application has heard, and hears nothing more of it.
    """

    id: UUID
    client: Client
    request: AuthorizationRequest
    created_at: datetime
    expires_at: datetime
    chosen: bool = False
    consented_by: UUID | None = None
    denied: bool = False
    answered: bool = False
    expired: bool = False
    kept: bool = True

    @property
    def consented(self) -> bool:
        return self.consented_by is not None

    @property
    def open(self) -> bool:
        return not (self.answered or self.expired)


class Flows:
    """Begins, reads and notes them."""

    def __init__(self, units: Units, *, clients: Clients, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clients = clients
        self._clock = clock

    def new(self, client: Client, request: AuthorizationRequest) -> Flow:
        """A flow that rests nowhere yet: what can be answered at once needs no row."""
        now = self._clock()
        # Random altogether, unlike other ids: it stands in addresses.
        return Flow(id=uuid4(), client=client, request=request, created_at=now, expires_at=now + LIFE, kept=False)

    def keep(self, tenant: Tenant, flow: Flow, secret: str) -> None:
        """Write it down, bound to ``secret``: the browser's, or a ticket that is exchanged for it."""
        with self._units.begin(tenant.id) as unit:
            authorization_flows.begin(
                unit.db,
                tenant_id=tenant.id,
                new_id=flow.id,
                application_id=flow.client.id,
                browser_digest=crypto.digest(secret),
                request=flow.request.to_json(),
                now=flow.created_at,
                expires_at=flow.expires_at,
            )

    def bind(self, tenant: Tenant, flow_id: UUID, *, ticket: str, browser: str) -> bool:
        """Exchange the ticket for the browser; of many who try, one may."""
        with self._units.begin(tenant.id) as unit:
            return authorization_flows.rebind(
                unit.db,
                tenant_id=tenant.id,
                flow_id=flow_id,
                from_digest=crypto.digest(ticket),
                to_digest=crypto.digest(browser),
                now=self._clock(),
            )

    def read(self, tenant: Tenant, flow_id: UUID, browser: str | None) -> Flow | None:
        """The flow, also one that has expired or was answered; ``None`` for another browser's or a gone client's."""
        if not browser:
            return None
        with self._units.read(tenant.id) as db:
            row = authorization_flows.flow(db, tenant_id=tenant.id, flow_id=flow_id)
        if row is None or not crypto.same(row.browser_digest, crypto.digest(browser)):
            return None
        client = self._clients.by_id(tenant, str(row.application_id))
        return _flow(row, client, self._clock()) if client else None

    def chosen(self, tenant: Tenant, flow_id: UUID, browser: str | None) -> bool:
        """An account was chosen in it; ``False`` where it is not this browser's, or is over."""
        return self._note(tenant, flow_id, browser, "chosen_at")

    def consented(self, tenant: Tenant, flow_id: UUID, browser: str | None, *, by: UUID) -> bool:
        """It was allowed, by this person."""
        return self._note(tenant, flow_id, browser, "consented_at", by=by)

    def denied(self, tenant: Tenant, flow_id: UUID, browser: str | None) -> bool:
        """It was refused: the application hears so when the flow goes on."""
        return self._note(tenant, flow_id, browser, "denied_at")

    def _note(
        self,
        tenant: Tenant,
        flow_id: UUID,
        browser: str | None,
        what: authorization_flows.Decision,
        *,
        by: UUID | None = None,
    ) -> bool:
        if not browser:
            return False
        with self._units.begin(tenant.id) as unit:
            return authorization_flows.note(
                unit.db,
                tenant_id=tenant.id,
                flow_id=flow_id,
                browser_digest=crypto.digest(browser),
                what=what,
                by=by,
                now=self._clock(),
            )


def _flow(row: AuthorizationFlow, client: Client, now: datetime) -> Flow:
    return Flow(
        id=row.id,
        client=client,
        request=AuthorizationRequest.from_json(row.request),
        created_at=row.created_at,
        expires_at=row.expires_at,
        chosen=row.chosen_at is not None,
        consented_by=row.consented_by,
        denied=row.denied_at is not None,
        answered=row.answered_at is not None,
        expired=row.expires_at <= now,
    )
