"""What people allow applications: asked once, remembered, asked again for more, and taken back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app import events
from app.clock import Clock, wall_clock
from app.errors import Forbidden, NotFound
from app.events import Event
from app.oidc.allowed import Allowed, allowed
from app.oidc.clients import Client
from app.oidc.revoking import Revoking
from app.outbox import Outbox
from app.scope import Scope
from app.storage import application_logos, application_sessions, applications, grants
from app.storage.applications import Application
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class Consents:
    """The caller's own; nobody allows an application anything for somebody else."""

    def __init__(self, units: Units, *, revoking: Revoking, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._units = units
        self._revoking = revoking
        self._outbox = outbox
        self._clock = clock

    def needed(self, tenant: Tenant, client: Client, user_id: UUID, scopes: Iterable[str]) -> bool:
        """Whether they have to be asked: not for what is the tenant's own, else for what they have not allowed yet."""
        return not client.first_party and not self.remembered(tenant, client, user_id).issuperset(scopes)

    def remembered(self, tenant: Tenant, client: Client, user_id: UUID) -> frozenset[str]:
        """What they have allowed it so far."""
        with self._units.read(tenant.id) as db:
            known = grants.consent(db, tenant_id=tenant.id, user_id=user_id, application_id=client.id)
        return frozenset(known.scopes if known else ())

    def allow(self, tenant: Tenant, scope: Scope, client: Client, scopes: Iterable[str]) -> None:
        """Remember it, beside what was allowed before. Raises ``Forbidden`` for who acts for somebody else."""
        with self._units.begin(tenant.id) as unit:
            self.remember(unit, tenant, scope, client, scopes)

    def remember(
        self, unit: Unit, tenant: Tenant, scope: Scope, client: Client, scopes: Iterable[str], *, by: str | None = None
    ) -> None:
        """The same, within the unit of what it is allowed with. ``by``: how, where it was not on the consent page."""
        refuse_impersonators(scope)
        words, now = sorted(scopes), self._clock()
        grants.allow(
            unit.db,
            tenant_id=tenant.id,
            user_id=scope.user_id,
            application_id=client.id,
            scopes=words,
            now=now,
        )
        self._record(unit, tenant, scope, Event.CONSENT_GRANTED, client, scopes=" ".join(words), method=by)

    def deny(self, tenant: Tenant, scope: Scope, client: Client) -> None:
        """They said no. What was allowed before stays."""
        with self._units.begin(tenant.id) as unit:
            self.note_denial(unit, tenant, scope, client)

    def note_denial(self, unit: Unit, tenant: Tenant, scope: Scope, client: Client, *, by: str | None = None) -> None:
        """The same, within the unit of what it is denied with."""
        refuse_impersonators(scope)
        self._record(unit, tenant, scope, Event.CONSENT_GRANTED, client, refused=True, reason="denied", method=by)

    def list(self, tenant: Tenant, scope: Scope) -> list[Allowed]:
        """Who has access: what the caller allowed, and what they are signed in to; the latest first."""
        now, lives = self._clock(), tenant.settings.lives
        with self._units.read(tenant.id) as db:
            known = grants.consents_of(db, tenant_id=tenant.id, user_id=scope.user_id)
            held = grants.held_by(db, tenant_id=tenant.id, user_id=scope.user_id, now=now, lives=lives)
            ids = {one.application_id for one in known} | {one.application_id for one in held}
            named = applications.by_ids(db, tenant_id=tenant.id, application_ids=ids)
            logos = application_logos.among(db, tenant_id=tenant.id, application_ids=ids)
            used = application_sessions.used_by(db, tenant_id=tenant.id, user_id=scope.user_id, now=now, lives=lives)
        found = [
            allowed(
                application,
                next((one for one in known if one.application_id == application.id), None),
                [one for one in held if one.application_id == application.id],
                [one for one in used if one.application_id == application.id],
                logos=logos,
                here=scope.session_id,
            )
            for application in named
        ]
        return sorted(found, key=lambda one: one.last_used_at or one.since, reverse=True)

    def revoke(self, tenant: Tenant, scope: Scope, application_id: UUID) -> None:
        """Take everything back: tokens are refused at once, codes and refresh tokens are dead, and it has to ask again.

        It is told as if the sessions in which it was used had ended, and of these hears nothing further.

        Raises ``NotFound`` where it has no access; ``Forbidden`` for who acts for somebody else.
        """
        refuse_impersonators(scope)
        with self._units.begin(tenant.id) as unit:
            named = applications.by_id(unit.db, tenant_id=tenant.id, application_id=application_id)
            if named is None:
                raise NotFound
            known = grants.disallow(unit.db, tenant_id=tenant.id, user_id=scope.user_id, application_id=application_id)
            ended = self._revoking.all_of(unit, tenant, application_id, user_id=scope.user_id, now=self._clock())
            if not known and not ended:
                raise NotFound
            self._record(unit, tenant, scope, Event.CONSENT_REVOKED, named, grants=ended)
            self._tell(unit, tenant, scope, named)

    def _tell(self, unit: Unit, tenant: Tenant, scope: Scope, application: Application) -> None:
        used = application_sessions.forget(
            unit.db, tenant_id=tenant.id, user_id=scope.user_id, application_id=application.id
        )
        for session_id in used if application.backchannel_logout_uri else ():
            self._outbox.put(
                unit,
                tenant_id=tenant.id,
                kind="oidc.backchannel_logout",
                application_id=application.id,
                session_id=session_id,
                user_id=scope.user_id,
            )

    def _record(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        event: Event,
        about: Client | Application,
        *,
        refused: bool = False,
        **details: Any,
    ) -> None:
        row = events.row(
            event,
            now=self._clock(),
            actor=scope.actor,
            origin=scope.origin,
            subject_id=scope.user_id,
            session_id=scope.session_id,
            outcome="refused" if refused else "success",
            application_id=str(about.id),
            application_name=about.name,
            **details,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])


def refuse_impersonators(scope: Scope) -> None:
    """Whom an application may know is nobody's to say for somebody else. Raises ``Forbidden``."""
    if scope.impersonator_id:
        raise Forbidden("You cannot do this for somebody else.")
