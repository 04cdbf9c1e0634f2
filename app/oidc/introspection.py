"""Introspection (RFC 7662): whether a token is in force, for those whom it concerns."""

from collections.abc import Mapping
from typing import Any

from app.auth.errors import InvalidRefreshToken, InvalidToken
from app.auth.refresh_tokens import PREFIX, Families
from app.auth.sessions import Sessions
from app.clock import Clock, wall_clock
from app.oidc.access_tokens import AccessTokens, Verified
from app.oidc.clients import Client
from app.oidc.errors import InvalidClient
from app.oidc.narrowing import may_refresh, still_scopes
from app.storage import hot_applications
from app.storage.hot_applications import LiveFamily
from app.storage.pool import Pool
from app.tenancy import Tenant

INACTIVE: Mapping[str, Any] = {"active": False}
# What is told of an access token: all that it says but our own ``gid``.
# RFC 7662, section 2.2, and what RFC 8693, 9068, 9449 and 9470 add.
_TOLD = (
    "scope",
    "client_id",
    "exp",
    "iat",
    "nbf",
    "sub",
    "aud",
    "iss",
    "jti",
    "sid",
    "tid",
    "auth_time",
    "acr",
    "amr",
    "roles",
    "act",
    "may_act",
    "cnf",
)


class ClientIntrospection:
    """Tells confidential clients of tokens."""

    def __init__(
        self,
        pool: Pool,
        *,
        access_tokens: AccessTokens,
        families: Families,
        sessions: Sessions,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._access_tokens = access_tokens
        self._families = families
        self._sessions = sessions
        self._clock = clock

    def ask(self, tenant: Tenant, client: Client, token: str) -> dict[str, Any]:
        """What a token says, if it is in force and concerns the client; else no more than that it does not.

        1. An access token: issued to this client, or for an audience that this client is (``serves``). Whoever else has
           got hold of one learns nothing by it.
        2. A refresh token of this client: the newest of a family that would be rotated.
        3. Anything else, ID tokens and those of our own API too: not active.

        Raises ``InvalidClient`` for a client that anybody could claim to be (section 2.1).
        """
        if client.is_public:
            raise InvalidClient("only a client with credentials may introspect", log="public client")
        if token.startswith(PREFIX):
            return self._refresh_token(tenant, client, token)
        try:
            verified = self._access_tokens.verify(tenant, token)
        except InvalidToken:
            return dict(INACTIVE)
        concerned = verified.client.id == client.id or client.serves & verified.audience
        if not concerned or (verified.session_id and not self._sessions.outlasts(tenant, verified.claims)):
            return dict(INACTIVE)
        return _access_token(tenant, verified)

    def _refresh_token(self, tenant: Tenant, client: Client, token: str) -> dict[str, Any]:
        try:
            known = self._families.recognise(tenant.id, token)
        except InvalidRefreshToken:
            return dict(INACTIVE)
        found = hot_applications.live_family(
            self._pool,
            tenant_id=tenant.id,
            family_id=known.family_id,
            application_id=client.id,
            now=self._clock(),
            lives=tenant.settings.lives,
            family_lives=client.family_lives(tenant),
        )
        if found is None or found.generation != known.generation or not may_refresh(client):
            return dict(INACTIVE)
        return _described(tenant, client, found)


def _access_token(tenant: Tenant, verified: Verified) -> dict[str, Any]:
    claims = verified.claims
    said = {name: claims[name] for name in _TOLD if name in claims} | {"scope": " ".join(verified.scopes)}
    if "act" in said:
        said["act"] = _acting(said["act"])
    # As ``AccessTokens`` counts: a tenant that shortens its tokens shortens those already out.
    said["exp"] = min(claims["exp"], int(claims["iat"] + tenant.settings.access_token_life.total_seconds()))
    return {"active": True, "token_type": "DPoP" if "cnf" in claims else "Bearer", **said}


def _acting(who: Mapping[str, Any]) -> dict[str, Any]:
    """Who acts, and who did before; without our own ``gid``, either."""
    told = {name: value for name, value in who.items() if name != "gid"}
    return told | {"act": _acting(told["act"])} if "act" in told else told


def _described(tenant: Tenant, client: Client, family: LiveFamily) -> dict[str, Any]:
    said: dict[str, Any] = {
        "active": True,
        "client_id": client.client_id,
        "scope": " ".join(still_scopes(client, family.scopes)),
        "iss": tenant.origin,
        "sub": str(family.user_id),
        "sid": str(family.session_id),
        "iat": int(family.rotated_at.timestamp()),
        "exp": int(family.expires_at.timestamp()),
    }
    if family.dpop_jkt:
        said["cnf"] = {"jkt": family.dpop_jkt}
    return said
