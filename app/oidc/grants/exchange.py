"""Token exchange (RFC 8693): Authlib has none, so this is a grant from the ground."""

from collections.abc import Mapping
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749.errors import UnauthorizedClientError

from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.grants.common import Bridged
from app.tenancy import Tenant


class Exchanges(Protocol):
    """Trades tokens. The client is authenticated, and may use the grant."""

    def exchange(self, tenant: Tenant, client: Client, call: Call, *, dpop_jkt: str | None) -> Mapping[str, Any]: ...


class Exchanged(Bridged, BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Hands over to ``exchange``."""

    GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"

    def validate_token_request(self) -> None:
        client = self.authenticate_token_endpoint_client()
        if client.client.is_public or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("the client may not exchange tokens")

    def create_token_response(self) -> tuple[int, Mapping[str, Any], list[tuple[str, str]]]:
        request = self.request
        said = self.server.exchanges.exchange(
            request.tenant, request.client.client, request.call, dpop_jkt=request.dpop_jkt
        )
        return 200, said, self.TOKEN_RESPONSE_HEADER
