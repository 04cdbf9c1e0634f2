"""Access tokens as applications present them (RFC 6750, section 2; RFC 9449, section 7.1)."""

import re
from dataclasses import dataclass
from typing import Literal

from app.auth.errors import InvalidToken
from app.oidc.access_tokens import AccessTokens, Verified
from app.oidc.calls import Call
from app.oidc.dpop import Dpop
from app.oidc.errors import InvalidAccessToken, InvalidDpopProof, InvalidRequest, Scheme
from app.oidc.foreign import ALGORITHMS
from app.tenancy import Tenant

_HEADER = re.compile(r"(bearer|dpop) +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token, and by which scheme it came."""

    token: str
    scheme: Literal["Bearer", "DPoP"]


class RefusedProof(InvalidDpopProof):
    """The same where a token is used, not asked for (RFC 9449, section 7.1)."""

    status = 401


class PresentedTokens:
    """Says whose access token is presented, and that whoever presents it may."""

    def __init__(self, *, access_tokens: AccessTokens, dpop: Dpop) -> None:
        self._access_tokens = access_tokens
        self._dpop = dpop

    def verify(self, tenant: Tenant, call: Call) -> Verified:
        """The token of this call, in force.

        Raises one of these:

        1. ``InvalidRequest`` for two at once (RFC 6750, section 2);
        2. ``InvalidAccessToken`` for none, for one that is not in force, and for one that is bound to a key without a
           proof of that key, or as a mere bearer token (RFC 9449, section 7.2);
        3. ``RefusedProof`` for a proof that is no good.
        """
        presented = presented_in(call)
        if presented is None:
            raise InvalidAccessToken("an access token is needed", headers=_challenges(tenant))
        try:
            verified = self._access_tokens.verify(tenant, presented.token)
        except InvalidToken as refusal:
            raise _refused(presented.scheme, log=refusal.log) from refusal
        bound_to = (verified.claims.get("cnf") or {}).get("jkt")
        shown = self._shown(tenant, call, presented)
        if bound_to != shown or (shown is None) != (presented.scheme == "Bearer"):
            raise _refused("DPoP" if bound_to else presented.scheme, log="not shown with its key")
        return verified

    def _shown(self, tenant: Tenant, call: Call, presented: Presented) -> str | None:
        if presented.scheme == "Bearer":
            return None
        try:
            return self._dpop.proven(tenant, call, access_token=presented.token)
        except InvalidDpopProof as refusal:
            raise RefusedProof(refusal.description, log=refusal.log, scheme="DPoP") from refusal


def presented_in(call: Call) -> Presented | None:
    """The token of the Authorization header or of a POST's form (RFC 6750, section 2.2); in the address none counts."""
    in_form = call.one("access_token") if call.method == "POST" else None
    match = _HEADER.fullmatch(call.authorization.strip())
    if in_form and call.authorization:
        raise InvalidRequest("send the access token once")
    if match:
        return Presented(token=match[2], scheme="DPoP" if match[1].lower() == "dpop" else "Bearer")
    return Presented(token=in_form, scheme="Bearer") if in_form else None


def _refused(scheme: Scheme, *, log: str) -> InvalidAccessToken:
    return InvalidAccessToken("the access token is not valid here", log=log, scheme=scheme)


def _challenges(tenant: Tenant) -> dict[str, str]:
    """Without an error: nothing was tried (RFC 6750, section 3.1)."""
    realm = f'realm="{tenant.slug}"'
    return {"WWW-Authenticate": f'Bearer {realm}, DPoP {realm}, algs="{" ".join(ALGORITHMS)}"'}
