"""What we are, for programs: one document for OpenID Connect Discovery 1.0 and RFC 8414, which name the same things.

Everything here is something that the code accepts; a test asks it for each.
"""

from typing import Any, get_args

from app.auth import factors
from app.auth.published_keys import ALGORITHMS
from app.oidc import claims, foreign, scopes
from app.oidc.application_details import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
    TOKEN_EXCHANGE,
)
from app.oidc.clients import AuthMethod
from app.oidc.requests import ResponseMode

GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS, DEVICE_CODE, TOKEN_EXCHANGE)
PROMPTS = ("none", "login", "consent", "select_account", "create")
DISPLAYS = ("page", "popup")
# Some libraries take the first that stands there: the one that proves nothing comes last.
_METHODS: tuple[AuthMethod, ...] = tuple(sorted(get_args(AuthMethod), key="none".__eq__))
# Of the token itself; the person's are in ``claims``.
_OF_TOKENS = ("sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")
_ENDPOINTS = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userinfo",
    "jwks_uri": "/oauth2/jwks",
    "end_session_endpoint": "/oauth2/logout",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "pushed_authorization_request_endpoint": "/oauth2/par",
    "device_authorization_endpoint": "/oauth2/device_authorization",
}


def document(issuer: str) -> dict[str, Any]:
    """The metadata of the provider that is ``issuer``."""
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in _ENDPOINTS.items()},
        **_requests(),
        **_clients(),
        **_tokens(),
    }


def _requests() -> dict[str, Any]:
    """What may be asked (OpenID Connect Core, section 3.1.2.1; RFC 7636, 9101, 9126, 9207)."""
    return {
        "scopes_supported": list(scopes.STANDARD),
        "response_types_supported": ["code"],
        "response_modes_supported": list(get_args(ResponseMode)),
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "acr_values_supported": [factors.ONE, factors.TWO],
        "ui_locales_supported": ["en"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        # To be said: where it is missing it means true.
        "request_uri_parameter_supported": False,
        # Of single clients it is.
        "require_pushed_authorization_requests": False,
        "authorization_response_iss_parameter_supported": True,
    }


def _clients() -> dict[str, Any]:
    """How they show who they are (RFC 8414, section 2). Whoever introspects has to have something to show."""
    said: dict[str, Any] = {}
    for endpoint, methods in (
        ("token", _METHODS),
        ("revocation", _METHODS),
        ("introspection", tuple(method for method in _METHODS if method != "none")),
    ):
        said[f"{endpoint}_endpoint_auth_methods_supported"] = list(methods)
        said[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = list(foreign.ALGORITHMS)
    return said


def _tokens() -> dict[str, Any]:
    """What they get (OpenID Connect Discovery, section 3; RFC 9449; Back-Channel Logout, section 2.1)."""
    return {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claim_types_supported": ["normal"],
        "claims_supported": [*_OF_TOKENS, *claims.CLAIMS],
        "dpop_signing_alg_values_supported": list(foreign.ALGORITHMS),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
