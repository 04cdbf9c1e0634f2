"""What the token endpoint hands out: access tokens (RFC 9068), what goes with them, and the answer that says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.auth.key_ring import KeyRing
from app.ids import uuid7
from app.oidc.access_tokens import KIND
from app.oidc.clients import Client
from app.oidc.granted import Granted
from app.oidc.id_tokens import IdTokens
from app.tenancy import Tenant

BEARER, DPOP = "Bearer", "DPoP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What tokens for a person are made from.

    ``scopes`` and ``resources``: of this access token, which may be less than was granted. ``dpop_jkt``: the key that
    was shown now. ``refresh_token``: what goes with it, if anything.
    """

    granted: Granted
    scopes: tuple[str, ...]
    resources: tuple[str, ...]
    roles: tuple[str, ...]
    session_ends: datetime
    dpop_jkt: str | None
    refresh_token: str | None = None


class Issuing:
    """Makes tokens. Everything has been checked and written before it is asked."""

    def __init__(self, *, key_ring: KeyRing, id_tokens: IdTokens) -> None:
        self._key_ring = key_ring
        self._id_tokens = id_tokens

    def for_person(self, tenant: Tenant, client: Client, basis: Basis, *, now: datetime) -> dict[str, Any]:
        """The answer (RFC 6749, section 5.1) with tokens about a person. They never outlive their session."""
        life = min(client.access_token_life(tenant), basis.session_ends - now)
        token = self.access(
            tenant,
            client,
            _person_claims(basis),
            resources=basis.resources,
            scopes=basis.scopes,
            life=life,
            dpop_jkt=basis.dpop_jkt,
            now=now,
        )
        said = answered(token, scopes=basis.scopes, life=life, dpop_jkt=basis.dpop_jkt)
        if basis.refresh_token:
            said["refresh_token"] = basis.refresh_token
        if "openid" in basis.scopes:
            said["id_token"] = self._id_tokens.make(tenant, client, basis.granted, access_token=token, now=now)
        return said

    def for_client(
        self,
        tenant: Tenant,
        client: Client,
        *,
        scopes: tuple[str, ...],
        resources: tuple[str, ...],
        dpop_jkt: str | None,
        now: datetime,
    ) -> dict[str, Any]:
        """The answer with an access token about the client itself (RFC 6749, section 4.4.3; RFC 9068, section 5).

        Its subject is the client's id: no person's id is ever the same (they are drawn from one source).
        """
        life = client.access_token_life(tenant)
        token = self.access(
            tenant,
            client,
            {"sub": client.client_id},
            resources=resources,
            scopes=scopes,
            life=life,
            dpop_jkt=dpop_jkt,
            now=now,
        )
        return answered(token, scopes=scopes, life=life, dpop_jkt=dpop_jkt)

    def access(
        self,
        tenant: Tenant,
        client: Client,
        claims: Mapping[str, Any],
        *,
        resources: tuple[str, ...],
        scopes: Iterable[str],
        life: timedelta,
        dpop_jkt: str | None,
        now: datetime,
    ) -> str:
        """An access token. ``claims`` say whom it is about; the rest is the same for all (RFC 9068, section 2.2)."""
        issued_at = int(now.timestamp())
        said = {
            "iss": tenant.origin,
            "aud": _audience(tenant, resources),
            "client_id": client.client_id,
            "exp": issued_at + int(life.total_seconds()),
            "iat": issued_at,
            "nbf": issued_at,
            "jti": str(uuid7()),
            "tid": str(tenant.id),
            "scope": " ".join(scopes),
            **claims,
        }
        if dpop_jkt:
            said["cnf"] = {"jkt": dpop_jkt}
        return self._key_ring.sign(tenant, said, algorithm=client.signing_algorithm, kind=KIND)


def answered(token: str, *, scopes: Iterable[str], life: timedelta, dpop_jkt: str | None) -> dict[str, Any]:
    """The answer of a token endpoint (RFC 6749, section 5.1; RFC 9449, section 5)."""
    return {
        "access_token": token,
        "token_type": DPOP if dpop_jkt else BEARER,
        "expires_in": int(life.total_seconds()),
        "scope": " ".join(scopes),
    }


def _audience(tenant: Tenant, resources: tuple[str, ...]) -> str | list[str]:
    """Whom it is for (RFC 8707, section 2.2); where nothing was asked for, ourselves."""
    if not resources:
        return tenant.origin
    return resources[0] if len(resources) == 1 else list(resources)


def _person_claims(basis: Basis) -> dict[str, Any]:
    granted = basis.granted
    said: dict[str, Any] = {
        "sub": str(granted.user_id),
        "sid": str(granted.session_id),
        "gid": str(granted.grant_id),
        "auth_time": int(granted.auth_time.timestamp()),
        "acr": granted.acr,
        "amr": list(granted.amr),
    }
    if "roles" in basis.scopes:
        said["roles"] = list(basis.roles)
    return said
