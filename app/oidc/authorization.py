"""The authorization endpoint (RFC 6749, 3.1; OpenID Connect Core, 3.1.2): from a request to an answer."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from app.auth.factor_changes import is_enrolled
from app.clock import Clock, wall_clock
from app.oidc import redirects
from app.oidc.answering import Answer, Answering, Refused, refusal_to
from app.oidc.asked import Parameters
from app.oidc.checks import UnknownClient, Unproven
from app.oidc.clients import Client, Clients
from app.oidc.errors import OAuthRefusal
from app.oidc.flows import Flow, Flows
from app.oidc.progress import Account, Facts, Step, asks_for_more, owed
from app.oidc.pushed import PREFIX, PushedRequests
from app.oidc.reading import Reading, return_address
from app.oidc.requests import AuthorizationRequest
from app.scope import Scope
from app.storage.unit import Units
from app.tenancy import Tenant


class Consent(Protocol):
    """Whether somebody has to be asked before an application gets what it asks for."""

    def needed(self, tenant: Tenant, client: Client, user_id: UUID, scopes: Collection[str]) -> bool: ...


class GoneRequest(Unproven):
    """RFC 9101, section 6.1."""

    error = "invalid_request_uri"


class Authorization:
    """Takes requests, and says what comes next in each."""

    def __init__(
        self,
        units: Units,
        *,
        clients: Clients,
        flows: Flows,
        reading: Reading,
        pushed: PushedRequests,
        answering: Answering,
        consent: Consent,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._clients = clients
        self._flows = flows
        self._reading = reading
        self._pushed = pushed
        self._answering = answering
        self._consent = consent
        self._clock = clock

    def begin(self, tenant: Tenant, parameters: Parameters) -> Flow:
        """The flow that a request begins.

        1. Not from a known client, or not to one of its redirect URIs: ``Unproven``, for the person alone.
        2. Any other fault: ``Refused``, with the answer that the application gets.
        """
        named = parameters.get("client_id", ())
        client = self._clients.by_id(tenant, named[0]) if len(named) == 1 else None
        if any(each.startswith(PREFIX) for each in parameters.get("request_uri", ())):
            return self._flows.new(*self._taken(tenant, client, parameters))
        try:
            request = self._reading.read(tenant, client, parameters)
        except Unproven:
            raise
        except OAuthRefusal as refusal:
            raise Refused(refusal, refusal_to(tenant, return_address(parameters), refusal)) from refusal
        if client is None:
            raise UnknownClient
        return self._flows.new(client, request)

    def again(self, flow: Flow) -> Flow:
        """The same request once more, from now. Raises ``Unproven`` where its redirect URI is no longer registered."""
        _still_registered(flow.client, flow.request)
        return self._flows.new(flow.client, flow.request)

    def advance(
        self, tenant: Tenant, flow: Flow, scope: Scope | None, others: tuple[Account, ...] = ()
    ) -> Step | Answer | None:
        """The step that comes next, or the answer; ``None`` where the application has had one.

        Raises ``Unproven`` where the redirect URI is no longer registered.
        """
        _still_registered(flow.client, flow.request)
        found = owed(flow, self._facts(tenant, flow, scope, others))
        if isinstance(found, OAuthRefusal):
            return self._answering.refuse(tenant, flow, found)
        if found or scope is None:
            return found
        return self._answering.code(tenant, flow, scope)

    def is_at(self, tenant: Tenant, flow: Flow, step: Step, scope: Scope, others: tuple[Account, ...] = ()) -> bool:
        """Whether this step comes next, before any other: no page of one does anything before its turn."""
        return flow.open and owed(flow, self._facts(tenant, flow, scope, others)) is step

    def _facts(self, tenant: Tenant, flow: Flow, scope: Scope | None, others: tuple[Account, ...]) -> Facts:
        if scope is None:
            return Facts(now=self._clock(), scope=None)
        return Facts(
            now=self._clock(),
            scope=scope,
            others=others,
            proven=scope.email_verified or not tenant.settings.email_verification_required,
            second_factor=asks_for_more(flow, scope) and self._enrolled(tenant, scope),
            consents=self._consent.needed(tenant, flow.client, scope.user_id, flow.request.scopes),
        )

    def _enrolled(self, tenant: Tenant, scope: Scope) -> bool:
        with self._units.read(tenant.id) as db:
            return is_enrolled(db, tenant, scope.user_id)

    def _taken(
        self, tenant: Tenant, client: Client | None, parameters: Parameters
    ) -> tuple[Client, AuthorizationRequest]:
        """What was pushed under the name that is sent; of all else only ``client_id`` counts (RFC 9126, section 4)."""
        if client is None:
            raise UnknownClient("client_id is not known here, or switched off")
        named = parameters["request_uri"]
        request = self._pushed.take(tenant, client, named[0]) if len(named) == 1 else None
        if request is None:
            raise GoneRequest("this request has expired, was used before, or never was")
        _still_registered(client, request)
        return client, request


def _still_registered(client: Client, request: AuthorizationRequest) -> None:
    if not redirects.is_registered(client, request.redirect_uri):
        raise Unproven("redirect_uri is not one of this application's")
