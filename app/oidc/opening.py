"""Where a grant begins: its family, within a session that counts, and that the application was used in it."""

from dataclasses import replace
from datetime import datetime

from app.auth.refresh_tokens import Families, Family
from app.auth.stages import PendingLogin, next_step
from app.clock import Clock, wall_clock
from app.oidc.clients import Client
from app.oidc.errors import InvalidGrant
from app.oidc.granted import Granted
from app.oidc.issuing import Basis
from app.oidc.narrowing import OFFLINE, still_resources, still_scopes
from app.storage import application_sessions, applications, grants, roles
from app.storage.grants import HeldSession
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class Opening:
    """Begins grants."""

    def __init__(self, units: Units, *, families: Families, clock: Clock = wall_clock) -> None:
        self._units = units
        self._families = families
        self._clock = clock

    def begin(self, tenant: Tenant, client: Client, granted: Granted, *, dpop_jkt: str | None) -> Basis:
        """Begin what was decided and used up elsewhere, in a unit of its own. Raises ``InvalidGrant`` as ``hold``."""
        family, now = self.prepare(tenant, granted), self._clock()
        with self._units.begin(tenant.id) as unit:
            held = self.hold(unit, tenant, client, granted, now=now)
            return self.write(unit, tenant, client, granted, family=family, held=held, dpop_jkt=dpop_jkt, now=now)

    def prepare(self, tenant: Tenant, granted: Granted) -> Family:
        """The family, not yet written: its secret is sealed outside the unit."""
        return self._families.begin(tenant.id, family_id=granted.grant_id)

    @staticmethod
    def hold(unit: Unit, tenant: Tenant, client: Client, granted: Granted, *, now: datetime) -> HeldSession:
        """The session, which has to count still, and does until the unit ends. Before anything else is locked.

        Raises ``InvalidGrant`` where it does not, its person would have to do something first, or the application has
        been switched off or removed a moment ago.
        """
        held = grants.hold_session(
            unit.db,
            tenant_id=tenant.id,
            session_id=granted.session_id,
            user_id=granted.user_id,
            now=now,
            lives=tenant.settings.lives,
        )
        if held is None:
            raise InvalidGrant("the sign-in has ended", log=f"session={granted.session_id}")
        if owed := owed_by(tenant, email_verified=held.email_verified):
            raise InvalidGrant("the sign-in does not count any more", log=f"owed {owed}")
        if not applications.hold(unit.db, tenant_id=tenant.id, application_id=client.id):
            raise InvalidGrant("the application is switched off", log=f"application={client.id}")
        return held

    def write(
        self,
        unit: Unit,
        tenant: Tenant,
        client: Client,
        granted: Granted,
        *,
        family: Family,
        held: HeldSession,
        dpop_jkt: str | None,
        now: datetime,
    ) -> Basis:
        """Write the family, and say what tokens are made from. ``dpop_jkt``: the key that was shown.

        1. Refresh tokens only with ``offline_access``, for clients that may refresh; those of public clients are bound
           to the key that was shown (RFC 9449, section 5). Without, the family is there to be revoked.
        2. The session's end will be told to the application.
        """
        bound = replace(granted, dpop_jkt=dpop_jkt if client.is_public else None)
        scopes = still_scopes(client, granted.scopes)
        offline = OFFLINE in scopes and "refresh_token" in client.grant_types
        self._write(unit, tenant, client, bound, family=family, held=held, offline=offline, now=now)
        named = roles.names_of(unit.db, tenant_id=tenant.id, user_id=granted.user_id) if "roles" in scopes else ()
        return Basis(
            granted=bound,
            scopes=scopes,
            resources=still_resources(tenant, client, granted.resources),
            roles=tuple(named),
            session_ends=held.expires_at,
            dpop_jkt=dpop_jkt,
            refresh_token=family.token if offline else None,
        )

    @staticmethod
    def _write(
        unit: Unit,
        tenant: Tenant,
        client: Client,
        granted: Granted,
        *,
        family: Family,
        held: HeldSession,
        offline: bool,
        now: datetime,
    ) -> None:
        lives = client.family_lives(tenant)
        grants.add_family(
            unit.db,
            tenant_id=tenant.id,
            new_id=family.id,
            application_id=client.id,
            session_id=granted.session_id,
            secret_encrypted=family.sealed,
            offline=offline,
            scopes=granted.scopes,
            resources=granted.resources,
            claims=dict(granted.claims),
            dpop_jkt=granted.dpop_jkt,
            auth_time=granted.auth_time,
            acr=granted.acr,
            amr=granted.amr,
            now=now,
            expires_at=min(now + (lives.remembered if held.remember else lives.life), held.expires_at),
        )
        application_sessions.used_in(
            unit.db, tenant_id=tenant.id, session_id=granted.session_id, application_id=client.id, now=now
        )


def owed_by(tenant: Tenant, *, email_verified: bool) -> str | None:
    """What the person of a session that counts would have to do before it may go on, if anything."""
    return next_step(
        PendingLogin(
            tenant_suspended=tenant.suspended,
            lane_open=True,
            proven=True,
            # The sessions of a person who is disabled or leaving are dead already.
            disabled=False,
            leaving=False,
            email_verified=email_verified,
            verification_required=tenant.settings.email_verification_required,
        )
    )
