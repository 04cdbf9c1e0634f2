"""Reading an authorization request: the checks, and what is left of it then."""

from collections.abc import Mapping
from typing import Any

from app.auth.errors import InvalidToken
from app.auth.key_ring import KeyRing
from app.oidc import claims_parameter
from app.oidc.asked import Asked, Parameters
from app.oidc.checks import check, is_too_long
from app.oidc.clients import Client
from app.oidc.requests import AuthorizationRequest
from app.tenancy import Tenant

_ID_TOKEN = "JWT"  # noqa: S105 - the type of one


class Reading:
    """Reads requests."""

    def __init__(self, *, key_ring: KeyRing) -> None:
        self._key_ring = key_ring

    def read(
        self, tenant: Tenant, client: Client | None, parameters: Parameters, *, pushed: bool = False
    ) -> AuthorizationRequest:
        """The request, once every check has passed. Raises the first refusal."""
        asked = Asked(
            issuer=tenant.origin,
            client=client,
            parameters=parameters,
            pushed=pushed,
            hint=self._hint(tenant, parameters),
        )
        check(asked)
        return request_of(asked)

    def _hint(self, tenant: Tenant, parameters: Parameters) -> Mapping[str, Any] | None:
        """What the ID token says that was sent along; ``None`` where it is not one of ours."""
        token = next(iter(parameters.get("id_token_hint", ())), "")
        if not token:
            return None
        try:
            return self._key_ring.verify(tenant, token, kind=_ID_TOKEN)
        except InvalidToken:
            return None


def request_of(asked: Asked) -> AuthorizationRequest:
    """The values of a request that was checked; where it can be answered, also those of one that was refused."""
    claims = claims_parameter.read(asked.one("claims"))
    max_age = asked.one("max_age")
    return AuthorizationRequest(
        **_address(asked),
        scopes=asked.words("scope") or ("openid",),
        nonce=asked.one("nonce"),
        code_challenge=asked.one("code_challenge"),
        prompt=asked.words("prompt"),
        max_age=int(max_age) if max_age else None,
        acr_values=asked.words("acr_values"),
        login_hint=asked.one("login_hint"),
        subject=asked.hint["sub"] if asked.hint else claims_parameter.subject_of(claims),
        ui_locales=asked.words("ui_locales"),
        claims=claims,
        resources=asked.every("resource"),
        dpop_jkt=asked.one("dpop_jkt"),
    )


def return_address(parameters: Parameters) -> AuthorizationRequest:
    """As much of a refused request as its answer needs. Client and redirect URI have been proven before.

    A ``state`` that is too long to be taken is too long to be sent back.
    """
    address = _address(Asked(issuer="", client=None, parameters=parameters))
    if is_too_long("state", address["state"] or ""):
        address["state"] = None
    return AuthorizationRequest(**address)


def _address(asked: Asked) -> dict[str, Any]:
    return {
        "redirect_uri": asked.one("redirect_uri") or "",
        "response_mode": "form_post" if asked.one("response_mode") == "form_post" else "query",
        "state": asked.one("state"),
    }
