"""Userinfo (OpenID Connect Core, section 5.3): what an application is told of the person its token is about."""

from typing import Any

from app.clock import Clock, wall_clock
from app.oidc.access_tokens import Verified
from app.oidc.calls import Call
from app.oidc.claims import claims_for, may_ask
from app.oidc.errors import InsufficientScope, InvalidAccessToken, Scheme
from app.oidc.people import person_of
from app.oidc.presented import PresentedTokens
from app.storage import hot_people
from app.storage.hot_people import KnownPerson
from app.storage.pool import Pool
from app.tenancy import Tenant


class UserInfo:
    """Tells applications of people."""

    def __init__(self, pool: Pool, *, presented_tokens: PresentedTokens, clock: Clock = wall_clock) -> None:
        self._pool = pool
        self._presented_tokens = presented_tokens
        self._clock = clock

    def read(self, tenant: Tenant, call: Call) -> dict[str, Any]:
        """The claims that the token's scopes tell, and those that were asked for by name.

        Raises ``InvalidAccessToken`` for a token that is not in force, that is meant for somebody else (RFC 9068,
        section 4), or whose person, session or grant counts no more; ``InsufficientScope`` for one without ``openid``.
        """
        verified = self._presented_tokens.verify(tenant, call)
        scheme: Scheme = "DPoP" if "cnf" in verified.claims else "Bearer"
        if tenant.origin not in verified.audience:
            raise InvalidAccessToken("the access token is meant for somebody else", scheme=scheme)
        if "openid" not in verified.scopes:
            raise InsufficientScope("the scope openid is needed", scheme=scheme)
        row = self._person(tenant, verified)
        if row is None:
            raise InvalidAccessToken("the access token is not valid here", log="person, session, grant", scheme=scheme)
        # Whoever acts for somebody has asked for nothing by name: that was the application that the grant is of.
        wishes = {} if "act" in verified.claims else row.asked.get("userinfo") or {}
        asked = may_ask(verified.client, wishes, scopes=verified.scopes)
        claims = claims_for(person_of(row), scopes=verified.scopes, requested=asked)
        return {**claims, "sub": verified.claims["sub"]}

    def _person(self, tenant: Tenant, verified: Verified) -> KnownPerson | None:
        """One round trip for all that may have changed since the token was issued."""
        if verified.user_id is None or verified.session_id is None:
            return None
        return hot_people.person_behind(
            self._pool,
            tenant_id=tenant.id,
            user_id=verified.user_id,
            session_id=verified.session_id,
            grant_id=verified.grant_id,
            now=self._clock(),
            lives=tenant.settings.lives,
        )
