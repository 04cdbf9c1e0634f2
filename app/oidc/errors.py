"""The refusals of OAuth 2.0 and OpenID Connect, by their registered names.

They are no ``Problem``: whoever reads them is a program that speaks these protocols, and expects their shape.
"""

from typing import ClassVar, Literal

Scheme = Literal["Basic", "Bearer", "DPoP"]


class OAuthRefusal(Exception):
    """A refusal (RFC 6749, sections 4.1.2.1 and 5.2). ``description`` is shown, in ASCII; ``log`` never leaves.

    ``scheme``: what to come with instead, in ``WWW-Authenticate``. ``headers``: further ones.
    """

    error: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400
    usual_scheme: ClassVar[Scheme | None] = None

    def __init__(
        self,
        description: str = "",
        *,
        log: str = "",
        scheme: Scheme | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(description or self.error)
        self.description = description
        self.log = log
        self.scheme = scheme or self.usual_scheme
        self.headers = headers or {}


class InvalidRequest(OAuthRefusal):
    error = "invalid_request"


class InvalidClient(OAuthRefusal):
    """However the client tried: whoever is told 401 is told what to come with (RFC 9110, section 15.5.2)."""

    error = "invalid_client"
    status = 401
    usual_scheme = "Basic"


class InvalidGrant(OAuthRefusal):
    error = "invalid_grant"


class UnauthorizedClient(OAuthRefusal):
    error = "unauthorized_client"


class UnsupportedGrantType(OAuthRefusal):
    error = "unsupported_grant_type"


class UnsupportedResponseType(OAuthRefusal):
    error = "unsupported_response_type"


class InvalidScope(OAuthRefusal):
    error = "invalid_scope"


class InvalidTarget(OAuthRefusal):
    """RFC 8707, section 2."""

    error = "invalid_target"


class AccessDenied(OAuthRefusal):
    error = "access_denied"


class ServerError(OAuthRefusal):
    error = "server_error"
    status = 500


class TemporarilyUnavailable(OAuthRefusal):
    error = "temporarily_unavailable"
    status = 503


class LoginRequired(OAuthRefusal):
    """OpenID Connect Core, section 3.1.2.6, as the next ones."""

    error = "login_required"


class ConsentRequired(OAuthRefusal):
    error = "consent_required"


class InteractionRequired(OAuthRefusal):
    error = "interaction_required"


class AccountSelectionRequired(OAuthRefusal):
    error = "account_selection_required"


class RequestNotSupported(OAuthRefusal):
    error = "request_not_supported"


class RequestUriNotSupported(OAuthRefusal):
    error = "request_uri_not_supported"


class InvalidRequestUri(OAuthRefusal):
    error = "invalid_request_uri"


class RegistrationNotSupported(OAuthRefusal):
    error = "registration_not_supported"


class UnmetAuthenticationRequirements(OAuthRefusal):
    """OpenID Connect Core Unmet Authentication Requirements 1.0."""

    error = "unmet_authentication_requirements"


class InvalidDpopProof(OAuthRefusal):
    """RFC 9449, section 5."""

    error = "invalid_dpop_proof"


class InvalidAccessToken(OAuthRefusal):
    """RFC 6750, section 3.1."""

    error = "invalid_token"
    status = 401


class InsufficientScope(OAuthRefusal):
    error = "insufficient_scope"
    status = 403


class UnsupportedTokenType(OAuthRefusal):
    """RFC 7009, section 2.2.1."""

    error = "unsupported_token_type"


class AuthorizationPending(OAuthRefusal):
    """RFC 8628, section 3.5, as the next two."""

    error = "authorization_pending"


class SlowDown(OAuthRefusal):
    error = "slow_down"


class ExpiredToken(OAuthRefusal):
    error = "expired_token"
