"""Client authentication (RFC 6749, sections 2.3 and 3.2.1): which client is calling, and whether it is."""

import time
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from app import crypto, events
from app.clock import Clock, wall_clock
from app.events import Event
from app.oidc.assertions import Assertions
from app.oidc.calls import Call
from app.oidc.clients import Client, Clients, Secret
from app.oidc.credentials import Shown, shown
from app.oidc.errors import InvalidClient, Scheme
from app.oidc.foreign import Unacceptable
from app.scope import Actor, ActorKind
from app.storage import application_secrets
from app.storage.unit import Units
from app.tenancy import Tenant

# "Last used" is for people: to the minute is enough, and spares a write for each request.
_NOTE_EVERY_S = 60.0
_BY_SECRET = frozenset({"client_secret_basic", "client_secret_post"})


class ClientAuthentication:
    """Says which client is calling. Public clients only name themselves."""

    def __init__(self, units: Units, *, clients: Clients, assertions: Assertions, clock: Clock = wall_clock) -> None:
        self._units = units
        self._clients = clients
        self._assertions = assertions
        self._clock = clock
        self._noted: dict[UUID, float] = {}

    def authenticate(self, tenant: Tenant, call: Call) -> Client:
        """The client, proven by what it is registered for: a secret, however it is sent, or an assertion, or nothing.

        Raises ``InvalidRequest`` for several methods at once, else ``InvalidClient``, which leaves a mark: unknown,
        another tenant's and switched-off clients read like a wrong secret.
        """
        introduced = shown(call)
        client = self._clients.by_id(tenant, introduced.client_id)
        if client is None:
            self._refuse(tenant, call, introduced, None, "unknown client")
        if not _fits(client, introduced):
            self._refuse(tenant, call, introduced, client, "another method")
        if introduced.secret:
            self._check_secret(tenant, call, introduced, client)
        elif introduced.assertion:
            self._check_assertion(tenant, call, introduced, client)
        return client

    def _check_secret(self, tenant: Tenant, call: Call, introduced: Shown, client: Client) -> None:
        now = self._clock()
        secret = _matching(client, introduced.secret, now)
        if secret is None:
            self._refuse(tenant, call, introduced, client, "wrong secret")
        self._note(tenant, secret, now)

    def _check_assertion(self, tenant: Tenant, call: Call, introduced: Shown, client: Client) -> None:
        try:
            self._assertions.check(tenant, client, introduced.assertion)
        except Unacceptable as refusal:
            self._refuse(tenant, call, introduced, client, str(refusal))

    def _note(self, tenant: Tenant, secret: Secret, now: datetime) -> None:
        """Write down that it was used, unless this process has just done so."""
        tick = time.monotonic()
        if tick - self._noted.get(secret.id, -_NOTE_EVERY_S) < _NOTE_EVERY_S:
            return
        self._noted[secret.id] = tick
        with self._units.begin(tenant.id) as unit:
            application_secrets.note_use(unit.db, tenant_id=tenant.id, secret_id=secret.id, now=now)

    def _refuse(self, tenant: Tenant, call: Call, introduced: Shown, client: Client | None, reason: str) -> NoReturn:
        actor = Actor(kind=ActorKind.APPLICATION, id=client.id if client else None)
        row = events.row(
            Event.LOGIN_FAILED,
            now=self._clock(),
            actor=actor,
            origin=call.origin,
            outcome="refused",
            reason="client_authentication",
            method=introduced.method,
            why=reason,
        )
        with self._units.begin(tenant.id) as unit:
            events.record(unit, tenant_id=tenant.id, rows=[row])
        scheme: Scheme | None = "Basic" if introduced.method == "client_secret_basic" else None
        raise InvalidClient("client authentication failed", log=reason, scheme=scheme)


def _fits(client: Client, introduced: Shown) -> bool:
    """Whether it came by its method. A secret in the form proves what one in the header does (RFC 6749, section 2.3.1).

    Half of the client libraries begin with the one, half with the other, and say nothing of it.
    """
    return introduced.method == client.auth_method or {introduced.method, client.auth_method} <= _BY_SECRET


def _matching(client: Client, secret: str, now: datetime) -> Secret | None:
    """The secret of the client's that this is, if it counts. All are compared, whichever it is."""
    digest = crypto.digest(secret)
    found = [known for known in client.secrets if crypto.same(known.digest, digest)]
    return next((known for known in found if known.expires_at is None or known.expires_at > now), None)
