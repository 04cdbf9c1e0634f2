"""Revocation (RFC 7009): an application gives back what it was given."""

from uuid import UUID

from app import events
from app.auth.ending import Ending
from app.auth.errors import InvalidRefreshToken, InvalidToken
from app.auth.refresh_tokens import PREFIX, Families
from app.clock import Clock, wall_clock
from app.events import Event
from app.oidc.access_tokens import AccessTokens
from app.oidc.clients import Client
from app.oidc.revoking import Revoking
from app.scope import Actor, ActorKind, Origin
from app.storage import grants
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


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

    def revoke(self, tenant: Tenant, client: Client, token: str, *, origin: Origin) -> None:
        """Revoke a token of this client's, by what it is, whatever kind the client took it for (section 2.1).

        1. A refresh token of any generation, or an access token about a person: the whole grant, with everything else
           that came of it.
        2. An access token about the client itself, or from an exchange: that token.
        3. Unknown, expired, revoked already, or another client's: nothing, and nobody is told which (section 2.2).

        The first two are written down, on the account of whomever it was about.
        """
        if token.startswith(PREFIX):
            self._refresh_token(tenant, client, token, origin)
        else:
            self._access_token(tenant, client, token, origin)

    def _refresh_token(self, tenant: Tenant, client: Client, token: str, origin: Origin) -> None:
        try:
            known = self._families.recognise(tenant.id, token)
        except InvalidRefreshToken:
            return
        self._grant(tenant, client, known.family_id, origin)

    def _access_token(self, tenant: Tenant, client: Client, token: str, origin: Origin) -> None:
        try:
            verified = self._access_tokens.verify(tenant, token)
        except InvalidToken:
            return
        if verified.client.id != client.id:
            return
        # Whoever acts for somebody holds a token of a grant that is another's, or more than this.
        if verified.grant_id and "act" not in verified.claims:
            self._grant(tenant, client, verified.grant_id, origin)
            return
        with self._units.begin(tenant.id) as unit:
            jti = UUID(verified.claims["jti"])
            self._ending.refuse(unit, tenant, kind="jti", subjects=[jti], now=self._clock())
            about = (verified.user_id, verified.session_id)
            self._record(unit, tenant, client, about, origin, jti=str(jti))

    def _grant(self, tenant: Tenant, client: Client, grant_id: UUID, origin: Origin) -> None:
        with self._units.begin(tenant.id) as unit:
            if not self._revoking.grant(unit, tenant, grant_id, now=self._clock(), application_id=client.id):
                return
            found = grants.family(unit.db, tenant_id=tenant.id, family_id=grant_id)
            about = (found[1].user_id, found[1].id) if found else (None, None)
            self._record(unit, tenant, client, about, origin, family=str(grant_id))

    def _record(
        self,
        unit: Unit,
        tenant: Tenant,
        client: Client,
        about: tuple[UUID | None, UUID | None],
        origin: Origin,
        *,
        family: str | None = None,
        jti: str | None = None,
    ) -> None:
        """``about``: the person and their session, if it was about one."""
        row = events.row(
            Event.TOKEN_REVOKED,
            now=self._clock(),
            actor=Actor(kind=ActorKind.APPLICATION, id=client.id),
            origin=origin,
            subject_id=about[0],
            session_id=about[1],
            application_name=client.name,
            family=family,
            jti=jti,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
