"""Whose tokens are exchanged: people who are signed in now, and tokens that the client may show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.auth.errors import InvalidToken
from app.auth.rbac import permissions_of
from app.clock import Clock, wall_clock
from app.oidc.access_tokens import AccessTokens, Verified
from app.oidc.clients import Client
from app.oidc.errors import InvalidRequest
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import hot
from app.storage.hot import LiveSession
from app.storage.pool import Pool
from app.tenancy import Tenant

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the type of one
_INVALID = "the token is not valid here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whose token was shown. ``live``: who they are now, whatever it says; ``ends``: when it does."""

    verified: Verified
    live: LiveSession
    scope: Scope
    ends: datetime

    @property
    def claims(self) -> Mapping[str, Any]:
        return self.verified.claims


class Parties:
    """Reads the tokens that are shown."""

    def __init__(self, pool: Pool, *, access_tokens: AccessTokens, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._access_tokens = access_tokens
        self._clock = clock

    def read(self, tenant: Tenant, client: Client, token: str, *, dpop_jkt: str | None) -> Party:
        """Say whose token it is. Raises ``InvalidRequest`` (section 2.2.2).

        1. for what is no access token of an application of this tenant, expired, or revoked;
        2. for one that was neither issued to this client nor for it (``serves``);
        3. for one of this client's that is bound to a key, without a proof of that key;
        4. for one that is about nobody, or about somebody who is not signed in any more.
        """
        try:
            verified = self._access_tokens.verify(tenant, token)
        except InvalidToken as refusal:
            raise InvalidRequest(_INVALID, log=refusal.log) from refusal
        own = verified.client.id == client.id
        if not own and not client.serves & verified.audience:
            raise InvalidRequest(_INVALID, log="neither the client's nor for it")
        bound_to = (verified.claims.get("cnf") or {}).get("jkt")
        if own and bound_to not in {None, dpop_jkt}:
            raise InvalidRequest(_INVALID, log="not shown with its key")
        live = self._live(tenant, verified)
        if live is None:
            raise InvalidRequest(_INVALID, log="nobody is signed in")
        return Party(verified=verified, live=live, scope=_scope(tenant, live), ends=_ends(tenant, verified))

    def _live(self, tenant: Tenant, verified: Verified) -> LiveSession | None:
        if verified.session_id is None:
            return None
        live = hot.session_by_id(
            self._pool,
            tenant_id=tenant.id,
            session_id=verified.session_id,
            now=self._clock(),
            lives=tenant.settings.lives,
        )
        return live if live and live.user_id == verified.user_id else None


def _scope(tenant: Tenant, live: LiveSession) -> Scope:
    """What they may do now."""
    return Scope(
        tenant_id=tenant.id,
        actor=Actor(kind=ActorKind.USER, id=live.user_id),
        origin=Origin(),
        permissions=permissions_of(live.roles, live.granted),
        roles=tuple(live.roles),
        session_id=live.session_id,
    )


def _ends(tenant: Tenant, verified: Verified) -> datetime:
    """As ``AccessTokens`` counts: a tenant that shortens its tokens shortens those already out."""
    issued_at = datetime.fromtimestamp(verified.claims["iat"], UTC)
    return min(datetime.fromtimestamp(verified.claims["exp"], UTC), issued_at + tenant.settings.access_token_life)
