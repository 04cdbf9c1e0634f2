"""Refresh tokens of applications: the same rotation, grace and reuse rules as the API's (RFC 9700, section 4.14.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import events
from app.auth.errors import InvalidRefreshToken
from app.auth.refresh_tokens import Families, Recognised
from app.clock import Clock, wall_clock
from app.events import Event
from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidGrant
from app.oidc.granted import Granted
from app.oidc.issuing import Basis
from app.oidc.narrowing import may_refresh, resources_asked, scopes_asked, still_resources, still_scopes
from app.oidc.opening import owed_by
from app.oidc.reuse import Reuse
from app.scope import Actor, ActorKind
from app.storage import grants, hot
from app.storage.hot import Rotation
from app.storage.pool import Pool
from app.storage.unit import Units
from app.tenancy import Tenant

_INVALID = "the refresh token is not valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token that was truly issued to somebody."""

    token: Recognised
    client: Client

    def check_client(self, _: object) -> bool:
        """As Authlib asks for it. Whose family it is, rotating it says."""
        return True


class Refreshing:
    """Rotates families of applications."""

    def __init__(
        self, pool: Pool, units: Units, *, families: Families, reuse: Reuse, clock: Clock = wall_clock
    ) -> None:
        self._pool = pool
        self._units = units
        self._families = families
        self._reuse = reuse
        self._clock = clock

    def look(self, tenant: Tenant, client: Client, presented: str, call: Call) -> RefreshToken:
        """Refuse what cannot be granted before anything is rotated: a refusal must not cost the client its token.

        Raises ``InvalidGrant`` for what was never issued, ``InvalidScope`` and ``InvalidTarget`` for more than was
        granted (RFC 6749, section 6; RFC 8707, section 2.2).
        """
        try:
            token = self._families.recognise(tenant.id, presented)
        except InvalidRefreshToken as refusal:
            raise InvalidGrant(_INVALID, log=refusal.log) from refusal
        if not may_refresh(client):
            raise InvalidGrant("offline access is not allowed any more")
        if call.one("scope") or call.every("resource"):
            self._check_asked(tenant, client, token, call)
        return RefreshToken(token=token, client=client)

    def rotate(
        self, tenant: Tenant, client: Client, presented: RefreshToken, call: Call, *, dpop_jkt: str | None
    ) -> Basis:
        """One generation on, by one statement. ``dpop_jkt``: the key that was shown.

        1. Another client's, expired, ended, or bound to another key: ``InvalidGrant``; nothing is touched.
        2. The current generation: the next one. The immediate parent within the grace: the same successor again.
        3. Any other generation: the grant is revoked, and ``InvalidGrant`` all the same.
        """
        token, now = presented.token, self._clock()
        rotation = hot.rotate(
            self._pool,
            tenant_id=tenant.id,
            family_id=token.family_id,
            generation=token.generation,
            grace=tenant.settings.refresh_grace,
            now=now,
            lives=tenant.settings.lives,
            family_lives=client.family_lives(tenant),
            application_id=client.id,
            audit=[_row(client, token, call, now)],
            dpop_jkt=dpop_jkt,
        )
        if rotation.outcome == "reused":
            self._reused(tenant, client, token, rotation, call)
        granted = _granted(token, rotation)
        if granted is None or rotation.expires_at is None:
            raise InvalidGrant(_INVALID, log=f"family={token.family_id} {rotation.outcome}")
        if owed := owed_by(tenant, email_verified=bool(rotation.email_verified)):
            raise InvalidGrant(_INVALID, log=f"family={token.family_id} owed {owed}")
        return Basis(
            granted=granted,
            scopes=scopes_asked(call, still_scopes(client, granted.scopes)),
            resources=still_resources(tenant, client, resources_asked(tenant, call, granted.resources)),
            roles=tuple(rotation.roles),
            session_ends=rotation.expires_at,
            dpop_jkt=dpop_jkt,
            refresh_token=token.successor,
        )

    def _check_asked(self, tenant: Tenant, client: Client, token: Recognised, call: Call) -> None:
        with self._units.read(tenant.id) as db:
            found = grants.family(db, tenant_id=tenant.id, family_id=token.family_id)
        if found is None or found[0].application_id != client.id:
            raise InvalidGrant(_INVALID, log=f"family={token.family_id} is another client's")
        scopes_asked(call, still_scopes(client, found[0].scopes))
        still_resources(tenant, client, resources_asked(tenant, call, found[0].resources))

    def _reused(self, tenant: Tenant, client: Client, token: Recognised, rotation: Rotation, call: Call) -> None:
        if rotation.user_id and rotation.session_id:
            self._reuse.revoke(
                tenant,
                client,
                grant_id=token.family_id,
                user_id=rotation.user_id,
                session_id=rotation.session_id,
                reason="refresh_token_reused",
                origin=call.origin,
                presented=token.generation,
                current=rotation.generation,
            )


def _row(client: Client, token: Recognised, call: Call, now: datetime) -> events.Row:
    return events.row(
        Event.TOKEN_REFRESHED,
        now=now,
        actor=Actor(kind=ActorKind.USER),
        origin=call.origin,
        family=str(token.family_id),
        application=client.client_id,
    )


def _granted(token: Recognised, rotation: Rotation) -> Granted | None:
    """What the family was granted; ``None`` where the token does not count."""
    if rotation.outcome not in {"rotated", "grace"}:
        return None
    if not (rotation.user_id and rotation.session_id and rotation.auth_time):
        raise RuntimeError("a rotation has a session")
    return Granted(
        grant_id=token.family_id,
        user_id=rotation.user_id,
        session_id=rotation.session_id,
        scopes=_all(rotation.scopes),
        resources=_all(rotation.resources),
        claims=rotation.claims or {},
        auth_time=rotation.auth_time,
        acr=rotation.acr or "0",
        amr=_all(rotation.amr),
        dpop_jkt=rotation.dpop_jkt,
    )


def _all(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(values or ())
