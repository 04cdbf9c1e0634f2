"""Client credentials (RFC 6749, section 4.4): a client that asks for itself. Nothing is read and nothing is written."""

from typing import Any

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from app.oidc.errors import UnauthorizedClient
from app.oidc.grants.common import Bridged
from app.oidc.issuing import Basis
from app.oidc.narrowing import OF_PEOPLE, resources_asked, scopes_asked


class OwnTokens(Bridged, ClientCredentialsGrant):  # type: ignore[misc]
    """There is no person, so no scope about one, no ID token and no refresh token."""

    def validate_requested_scope(self) -> None:
        """Only for clients that can keep a secret (section 4.4); scopes are checked where they are used."""
        if self.request.client.client.is_public:
            raise UnauthorizedClient("a public client has no credentials")

    def generate_token(self, user: Basis | None = None, **_: Any) -> dict[str, Any]:  # noqa: ARG002 - nobody
        request = self.request
        client = request.client.client
        allowed = tuple(sorted(client.scopes - OF_PEOPLE))
        resources = request.call.every("resource") and resources_asked(
            request.tenant, request.call, client.resources | {request.tenant.origin}
        )
        return self.server.issuing.for_client(  # type: ignore[no-any-return]
            request.tenant,
            client,
            scopes=scopes_asked(request.call, allowed),
            resources=resources,
            dpop_jkt=request.dpop_jkt,
            now=self.server.now(),
        )
