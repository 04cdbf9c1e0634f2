"""Authlib's server parts, behind one bridge: nothing else in the house knows them (``grants`` are its arms).

What Authlib would do otherwise, and what we do (it is read again with each of its releases):

- It answers with a framework's responses: here they are plain values, and refusals are ours.
- It takes only https, by the address of the request: which addresses count is the edge's to say.
- It authenticates clients by trying one method after the other: ours has one that counts (``client_auth``).
- It makes tokens before it uses up what they are made for, and revokes nothing on reuse: ours does it first, and does.
- Its tokens live ten days, its PKCE allows ``plain``: ours do not, and S256 alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer

from app.clock import Clock, wall_clock
from app.oidc import errors
from app.oidc.calls import Call
from app.oidc.client_auth import ClientAuthentication
from app.oidc.clients import Client
from app.oidc.dpop import Dpop
from app.oidc.errors import InvalidDpopProof, OAuthRefusal
from app.oidc.grants.client_credentials import OwnTokens
from app.oidc.grants.code import S256, Codes
from app.oidc.grants.common import BridgedRequest
from app.oidc.grants.device import DeviceCodes, RedeemsDevices
from app.oidc.grants.exchange import Exchanged, Exchanges
from app.oidc.grants.refresh import Refreshes
from app.oidc.issuing import Basis, Issuing
from app.oidc.opening import Opening
from app.oidc.redeeming import Redeeming
from app.oidc.refreshing import Refreshing
from app.tenancy import Tenant

_REFUSALS: dict[str, type[OAuthRefusal]] = {
    refusal.error: refusal
    for refusal in (
        errors.InvalidRequest,
        errors.InvalidClient,
        errors.InvalidGrant,
        errors.InvalidScope,
        errors.UnauthorizedClient,
        errors.UnsupportedGrantType,
    )
}


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the endpoint answers; it is never kept (``Cache-Control: no-store``)."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


class Bridge(AuthorizationServer):  # type: ignore[misc]
    """The token endpoint (RFC 6749, section 3.2)."""

    def __init__(
        self,
        *,
        client_auth: ClientAuthentication,
        dpop: Dpop,
        issuing: Issuing,
        opening: Opening,
        redeeming: Redeeming,
        refreshing: Refreshing,
        devices: RedeemsDevices | None = None,
        exchanges: Exchanges | None = None,
        clock: Clock = wall_clock,
    ) -> None:
        super().__init__()
        self._client_auth_of = client_auth
        self._dpop = dpop
        self.issuing = issuing
        self.opening = opening
        self.redeeming = redeeming
        self.refreshing = refreshing
        self.devices = devices
        self.exchanges = exchanges
        self.now = clock
        self._register()

    def _register(self) -> None:
        self.register_grant(Codes, [S256(required=True)])
        self.register_grant(Refreshes)
        self.register_grant(OwnTokens)
        if self.devices:
            self.register_grant(DeviceCodes)
        if self.exchanges:
            self.register_grant(Exchanged)

    def token(self, tenant: Tenant, call: Call) -> TokenAnswer:
        """Answer one request. Raises ``OAuthRefusal``."""
        answer: TokenAnswer = self.create_token_response(BridgedRequest(tenant, call))
        return answer

    def authenticate(self, request: BridgedRequest) -> Client:
        """The client. Its proof of possession counts from here on; one that it owes is asked for (RFC 9449, 5.2)."""
        client = self._client_auth_of.authenticate(request.tenant, request.call)
        request.auth_method = client.auth_method
        request.dpop_jkt = self._dpop.proven(request.tenant, request.call)
        if client.require_dpop and request.dpop_jkt is None:
            raise InvalidDpopProof("this client has to send a DPoP proof")
        return client

    def tokens(self, request: BridgedRequest, basis: Basis) -> dict[str, Any]:
        return self.issuing.for_person(request.tenant, request.client.client, basis, now=self.now())

    def create_oauth2_request(self, request: BridgedRequest) -> BridgedRequest:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what happens is written down where it happens."""

    def handle_response(self, status: int, body: Mapping[str, Any], headers: list[tuple[str, str]]) -> TokenAnswer:
        return TokenAnswer(status, body, dict(headers))

    def handle_error_response(self, _: BridgedRequest, error: OAuth2Error) -> TokenAnswer:
        """As ours. What Authlib says of a grant type repeats what was sent, so it is not said."""
        raise _REFUSALS.get(error.error, errors.InvalidRequest)(error.description or "") from error
