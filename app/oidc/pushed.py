"""Pushed authorization requests (RFC 9126): an application sends its request ahead; the browser carries its name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app import crypto
from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.oidc.calls import Call
from app.oidc.client_auth import ClientAuthentication
from app.oidc.clients import Client
from app.oidc.dpop import Dpop
from app.oidc.errors import InvalidDpopProof, InvalidRequest
from app.oidc.reading import Reading
from app.oidc.requests import AuthorizationRequest
from app.storage import pushed_requests
from app.storage.unit import Units
from app.tenancy import Tenant

LIFE = timedelta(seconds=60)
PREFIX = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What the application gets: the name of its request, good once. ``expires_in``: seconds."""

    request_uri: str
    expires_in: int


class PushedRequests:
    """Takes requests in, and gives each out once."""

    def __init__(
        self,
        units: Units,
        *,
        authentication: ClientAuthentication,
        dpop: Dpop,
        reading: Reading,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._authentication = authentication
        self._dpop = dpop
        self._reading = reading
        self._clock = clock

    def push(self, tenant: Tenant, call: Call) -> Pushed:
        """Keep a request for a minute (section 2.1).

        1. A client that is not proven: ``InvalidClient``.
        2. A request that the front door would refuse, or that names another one: that refusal.
        3. A DPoP proof by another key than ``dpop_jkt``, or none that counts: ``InvalidDpopProof`` (RFC 9449, 10.1).
        """
        client = self._authentication.authenticate(tenant, call)
        request = self._reading.read(tenant, client, _parameters(call, client), pushed=True)
        request = replace(request, dpop_jkt=_bound(request.dpop_jkt, self._dpop.proven(tenant, call)))
        secret, now = crypto.mint(), self._clock()
        with self._units.begin(tenant.id) as unit:
            pushed_requests.add(
                unit.db,
                tenant_id=tenant.id,
                new_id=uuid7(),
                application_id=client.id,
                secret_digest=crypto.digest(secret),
                request=request.to_json(),
                now=now,
                expires_at=now + LIFE,
            )
        return Pushed(request_uri=PREFIX + secret, expires_in=int(LIFE.total_seconds()))

    def take(self, tenant: Tenant, client: Client, request_uri: str) -> AuthorizationRequest | None:
        """What this client has pushed under that name; once (section 4)."""
        with self._units.begin(tenant.id) as unit:
            found = pushed_requests.take(
                unit.db,
                tenant_id=tenant.id,
                application_id=client.id,
                secret_digest=crypto.digest(request_uri.removeprefix(PREFIX)),
                now=self._clock(),
            )
        return AuthorizationRequest.from_json(found) if found else None


def _parameters(call: Call, client: Client) -> dict[str, Sequence[str]]:
    """The request, in the name of whoever has proven to be the client (section 2.1)."""
    named = call.one("client_id")
    if named not in {None, client.client_id}:
        raise InvalidRequest("client_id is another client's")
    return {**call.form, "client_id": [client.client_id]}


def _bound(asked: str | None, shown: str | None) -> str | None:
    if asked and shown and asked != shown:
        raise InvalidDpopProof("the proof is by another key than dpop_jkt")
    return shown or asked
