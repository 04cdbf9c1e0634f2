"""Revocation (RFC 7009): an application gives back what it was given."""

from uuid import UUID

import structlog

from app.auth.ending import Ending
from app.auth.errors import InvalidRefreshToken, InvalidToken
from app.auth.refresh_tokens import PREFIX, Families
from app.clock import Clock, wall_clock
from app.oidc.access_tokens import AccessTokens
from app.oidc.clients import Client
from app.oidc.revoking import Revoking
from app.storage.unit import Units
from app.tenancy import Tenant

_log = structlog.get_logger()


class Revocation:
    """Revokes tokens for the client that they were issued to."""

    def __init__(
        self,
        units: Units,
        *,
        access_tokens: AccessTokens,
        families: Families,
        revoking: Revoking,
        ending: Ending,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._access_tokens = access_tokens
        self._families = families
        self._revoking = revoking
        self._ending = ending
        self._clock = clock

    def revoke(self, tenant: Tenant, client: Client, token: str) -> None:
        """Revoke a token of this client's, by what it is, whatever kind the client took it for (section 2.1).

        1. A refresh token of any generation, or an access token about a person: the whole grant, with everything else
           that came of it.
        2. An access token about the client itself, or from an exchange: that token.
        3. Unknown, expired, revoked already, or another client's: nothing, and nobody is told which (section 2.2).
        """
        if token.startswith(PREFIX):
            self._refresh_token(tenant, client, token)
        else:
            self._access_token(tenant, client, token)

    def _refresh_token(self, tenant: Tenant, client: Client, token: str) -> None:
        try:
            known = self._families.recognise(tenant.id, token)
        except InvalidRefreshToken:
            return
        self._grant(tenant, client, known.family_id)

    def _access_token(self, tenant: Tenant, client: Client, token: str) -> None:
        try:
            verified = self._access_tokens.verify(tenant, token)
        except InvalidToken:
            return
        if verified.client.id != client.id:
            return
        # Whoever acts for somebody holds a token of a grant that is another's, or more than this.
        if verified.grant_id and "act" not in verified.claims:
            self._grant(tenant, client, verified.grant_id)
            return
        with self._units.begin(tenant.id) as unit:
            jti = UUID(verified.claims["jti"])
            self._ending.refuse(unit, tenant, kind="jti", subjects=[jti], now=self._clock())

    def _grant(self, tenant: Tenant, client: Client, grant_id: UUID) -> None:
        with self._units.begin(tenant.id) as unit:
            ended = self._revoking.grant(unit, tenant, grant_id, now=self._clock(), application_id=client.id)
        if ended:
            # No event: nobody but the application has done anything, and it knows.
            _log.info("grant given back", grant_id=str(grant_id), client_id=client.client_id)
