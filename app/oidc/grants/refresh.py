"""Refresh tokens (RFC 6749, section 6)."""

from typing import Any

from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from app.oidc.grants.common import Bridged, BridgedClient
from app.oidc.issuing import Basis
from app.oidc.refreshing import RefreshToken


class Refreshes(Bridged, RefreshTokenGrant):  # type: ignore[misc]
    """What is asked for is checked before anything is rotated (see ``refreshing``)."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def _validate_request_token(self, client: BridgedClient) -> RefreshToken:
        request = self.request
        presented = request.call.needed("refresh_token")
        found: RefreshToken = self.server.refreshing.look(request.tenant, client.client, presented, request.call)
        return found

    def _validate_token_scope(self, token: Any) -> None:
        """Done with the rest of what is asked for."""

    def authenticate_user(self, token: RefreshToken) -> Basis:
        request = self.request
        basis: Basis = self.server.refreshing.rotate(
            request.tenant, request.client.client, token, request.call, dpop_jkt=request.dpop_jkt
        )
        return basis

    def issue_token(self, user: Basis, _: RefreshToken) -> dict[str, Any]:
        return self.generate_token(user)

    def revoke_old_credential(self, token: RefreshToken) -> None:
        """A generation is over when there is a next one."""
