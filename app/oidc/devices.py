"""Sign-ins for devices without a keyboard (RFC 8628): they show a code, its person types it elsewhere, and says yes.

A code that was typed belongs to the account that has typed it: nobody else sees what it is for, or decides upon it.
What the device gets then is that account's, within the session in which it was allowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import crypto
from app.clock import Clock, wall_clock
from app.errors import NotFound, Unauthenticated, refuse
from app.ids import uuid7
from app.oidc import device_polling
from app.oidc.clients import Client, Clients
from app.oidc.consent import Consents, refuse_impersonators
from app.oidc.device_polling import Approved
from app.oidc.errors import InvalidGrant, InvalidTarget, OAuthRefusal, ServerError, UnauthorizedClient
from app.oidc.issuing import Basis
from app.oidc.opening import Opening
from app.oidc.scopes import asked_for
from app.oidc.user_codes import UserCodes
from app.scope import Origin, Scope
from app.storage import applications, device_grants
from app.storage.unit import Units
from app.tenancy import Tenant

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
LIFE = timedelta(minutes=10)
INTERVAL_S = 5
# Two devices with the same code at once: once in a hundred years, and not three times in a row.
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a device is told (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A device that waits for its person's decision: for which application, what it wants, and where it is."""

    id: UUID
    client: Client
    scopes: tuple[str, ...]
    ip: str | None
    user_agent: str
    began_at: datetime


class Devices:
    """Begins, shows, decides and redeems them."""

    def __init__(
        self,
        units: Units,
        *,
        clients: Clients,
        consents: Consents,
        opening: Opening,
        codes: UserCodes,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._clients = clients
        self._consents = consents
        self._opening = opening
        self._codes = codes
        self._clock = clock

    def begin(
        self, tenant: Tenant, client: Client, *, scope: str | None, resources: Sequence[str] = (), origin: Origin
    ) -> Begun:
        """Give a device its two codes (RFC 8628, section 3.1).

        1. The client may not use this: ``UnauthorizedClient``.
        2. A scope or a resource that it may not ask for: ``InvalidScope``, ``InvalidTarget``.
        3. Otherwise codes for ten minutes, to be asked about every five seconds.
        """
        if GRANT_TYPE not in client.grant_types:
            raise UnauthorizedClient("this client may not use the device grant")
        scopes = asked_for(client, scope)
        if not (client.resources | {tenant.origin}).issuperset(resources):
            raise InvalidTarget("this client may not ask for one of these resources")
        for _ in range(_MOST_TRIES):
            device_code, user_code, now = crypto.mint(), self._codes.new(), self._clock()
            with self._units.begin(tenant.id) as unit:
                added = device_grants.add(
                    unit.db,
                    tenant_id=tenant.id,
                    new_id=uuid7(),
                    application_id=client.id,
                    secret_digest=crypto.digest(device_code),
                    user_code_digest=self._codes.digest(tenant.id, user_code) or b"",
                    scopes=scopes,
                    resources=tuple(dict.fromkeys(resources)),
                    ip=origin.ip,
                    user_agent=origin.user_agent,
                    interval_s=INTERVAL_S,
                    now=now,
                    expires_at=now + LIFE,
                )
            if added:
                expires_in = int(LIFE.total_seconds())
                return Begun(device_code=device_code, user_code=user_code, expires_in=expires_in, interval=INTERVAL_S)
        raise ServerError("no code is free; try again")

    def claim(self, tenant: Tenant, scope: Scope, typed: str) -> UUID:
        """The caller has typed a code: what waits for it is theirs to decide upon. Raises ``InvalidInput``.

        The same words for a code that was never given out, has expired, was decided upon, or another person's.
        """
        refuse_impersonators(scope)
        digest = self._codes.digest(tenant.id, typed)
        if digest is None:
            raise refuse("code", "malformed", "Enter the eight letters that your device shows.")
        with self._units.begin(tenant.id) as unit:
            found = device_grants.claim(
                unit.db, tenant_id=tenant.id, user_code_digest=digest, user_id=scope.user_id, now=self._clock()
            )
        if found is None:
            raise refuse("code", "unknown", "That code does not work. Check it, or get a new one on your device.")
        return found.id

    def look(self, tenant: Tenant, scope: Scope, grant_id: UUID) -> Waiting:
        """What the caller is asked for, by the code that they have typed. Raises ``NotFound``."""
        with self._units.read(tenant.id) as db:
            found = device_grants.claimed(
                db, tenant_id=tenant.id, grant_id=grant_id, user_id=scope.user_id, now=self._clock()
            )
        client = self._clients.by_id(tenant, str(found.application_id)) if found else None
        if found is None or client is None:
            raise NotFound
        return Waiting(
            id=found.id,
            client=client,
            scopes=tuple(found.scopes),
            ip=found.ip,
            user_agent=found.user_agent,
            began_at=found.created_at,
        )

    def decide(self, tenant: Tenant, scope: Scope, grant_id: UUID, *, allow: bool) -> Client:
        """Allow the device what it wants, or refuse it, once. What was allowed is remembered.

        Raises ``NotFound`` where it is not the caller's, was decided upon, or has expired.
        """
        refuse_impersonators(scope)
        if scope.session_id is None or scope.auth_time is None:
            raise Unauthenticated
        waiting = self.look(tenant, scope, grant_id)
        with self._units.begin(tenant.id) as unit:
            if not applications.hold(unit.db, tenant_id=tenant.id, application_id=waiting.client.id):
                raise NotFound
            decided = device_grants.decide(
                unit.db,
                tenant_id=tenant.id,
                grant_id=grant_id,
                approved=allow,
                session_id=scope.session_id,
                user_id=scope.user_id,
                auth_time=scope.auth_time,
                acr=scope.acr,
                amr=scope.amr,
                now=self._clock(),
            )
            if decided is None:
                raise NotFound
            if allow:
                self._consents.remember(unit, tenant, scope, waiting.client, decided.scopes, by="device")
            else:
                self._consents.note_denial(unit, tenant, scope, waiting.client, by="device")
        return waiting.client

    def redeem(self, tenant: Tenant, client: Client, device_code: str, *, dpop_jkt: str | None) -> Basis:
        """What the device was allowed (RFC 8628, section 3.5), once; the code is used up with what it becomes.

        1. Unknown, another client's, used, taken back, or of a session that has ended: ``InvalidGrant``.
        2. Ten minutes are over: ``ExpiredToken``. Refused: ``AccessDenied``.
        3. Nobody has decided: ``AuthorizationPending``; or ``SlowDown``, if it asks too often, and it is to ask five
           seconds less often from then on.
        4. Otherwise the grant, of the session in which it was allowed. Of many who ask at once one gets it.
        """
        with self._units.begin(tenant.id) as unit:
            outcome = device_polling.answer(unit, tenant, client, device_code, now=self._clock())
        if isinstance(outcome, OAuthRefusal):
            raise outcome
        return self._spend(tenant, client, outcome, dpop_jkt=dpop_jkt)

    def _spend(self, tenant: Tenant, client: Client, approved: Approved, *, dpop_jkt: str | None) -> Basis:
        granted, now = approved.granted, self._clock()
        family = self._opening.prepare(tenant, granted)
        with self._units.begin(tenant.id) as unit:
            held = self._opening.hold(unit, tenant, client, granted, now=now)
            if not device_grants.spend(unit.db, tenant_id=tenant.id, grant_id=approved.id, now=now):
                raise InvalidGrant(device_polling.DEAD, log="somebody was faster")
            return self._opening.write(
                unit, tenant, client, granted, family=family, held=held, dpop_jkt=dpop_jkt, now=now
            )
