"""Authorization code (RFC 6749, section 4.1), with PKCE (RFC 7636)."""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge

from app import crypto
from app.oidc.errors import InvalidGrant
from app.oidc.grants.common import Bridged, BridgedClient
from app.oidc.issuing import Basis
from app.oidc.redeeming import Code


def _matches(verifier: str, challenge: str) -> bool:
    return crypto.same(create_s256_code_challenge(verifier).encode(), challenge.encode())


class S256(CodeChallenge):  # type: ignore[misc]
    """S256 and nothing else. A code without a challenge takes no verifier (RFC 9700, section 2.1.1: downgrade)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": _matches}  # noqa: RUF012 - Authlib's name and type

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Whatever is wrong with the verifier, it is the code that is refused (RFC 7636, section 4.6)."""
        if grant.client.client.require_pkce and not grant.request.authorization_code.challenge:
            raise InvalidGrant("the code was asked for without a code_challenge")
        try:
            super().validate_code_verifier(grant, result)
        except InvalidRequestError as error:
            raise InvalidGrant("the code_verifier does not fit the code", log=error.description) from error


class Codes(Bridged, AuthorizationCodeGrant):  # type: ignore[misc]
    """The code is looked at first, and used up in one unit with what it begins (see ``redeeming``)."""

    def query_authorization_code(self, code: str, client: BridgedClient) -> Code:
        found: Code = self.server.redeeming.look(self.request.tenant, client.client, code, self.request.call)
        return found

    def authenticate_user(self, code: Code) -> Basis:
        request = self.request
        basis: Basis = self.server.redeeming.redeem(
            request.tenant, request.client.client, code, request.call, dpop_jkt=request.dpop_jkt
        )
        return basis

    def delete_authorization_code(self, code: Code) -> None:
        """It is spent already, and stays: so that a second use is recognised."""
