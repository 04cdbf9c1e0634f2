"""What belongs to an application: the secrets that it is known by, and the picture that people know it by."""

from uuid import UUID

from app.errors import NotFound
from app.events import Event
from app.oidc import application_secrets, logos
from app.oidc.application_details import details_of
from app.oidc.application_keeping import Keeping
from app.oidc.application_secrets import NewSecret, NoSecrets, SecretView
from app.oidc.application_views import ApplicationView, Logo, version_of, view_of
from app.scope import Scope
from app.storage import application_logos
from app.storage import application_secrets as kept
from app.tenancy import Tenant


class Parts(Keeping):
    """Secrets and pictures. Whoever makes or removes a secret has just shown that it is them."""

    def secrets(self, tenant: Tenant, scope: Scope, application_id: UUID) -> list[SecretView]:
        """What it is known by, oldest first. Raises ``Forbidden``, ``NotFound``."""
        self.get(tenant, scope, application_id)
        now = self._clock()
        with self._units.read(tenant.id) as db:
            rows = kept.of_application(db, tenant_id=tenant.id, application_id=application_id)
        return [application_secrets.view_of(row, now=now) for row in rows]

    def add_secret(
        self, tenant: Tenant, scope: Scope, application_id: UUID, *, overlap_hours: int | None = None
    ) -> NewSecret:
        """One more, beside those that count; with ``overlap_hours``, they count for so long and no longer.

        Raises ``Forbidden``, ``NotFound``, ``StepUpRequired``, ``InvalidInput``, ``NoSecrets``, ``TooManySecrets``.
        """
        found = self.get(tenant, scope, application_id)
        self._confirmed(tenant, scope)
        overlap = application_secrets.overlap_of(overlap_hours)
        if not found.details.has_secret:
            raise NoSecrets
        secret, now = application_secrets.mint(), self._clock()
        with self._held(tenant, application_id) as (unit, row):
            view = application_secrets.add(unit.db, tenant, row.id, secret=secret, now=now, overlap=overlap)
            said = {"change": "added", "secret_id": str(view.id), "overlap_hours": overlap_hours}
            self._note(unit, tenant, scope, Event.APPLICATION_SECRET_ROTATED, row, now=now, **said)
        return NewSecret(view=view, client_secret=secret)

    def remove_secret(self, tenant: Tenant, scope: Scope, application_id: UUID, secret_id: UUID) -> None:
        """It counts no more, from now on. Raises as ``add_secret``, and ``LastSecret``."""
        self.get(tenant, scope, application_id)
        self._confirmed(tenant, scope)
        now = self._clock()
        with self._held(tenant, application_id) as (unit, row):
            needed = details_of(row).has_secret
            application_secrets.remove(unit.db, tenant, row.id, secret_id, now=now, needed=needed)
            said = {"change": "removed", "secret_id": str(secret_id)}
            self._note(unit, tenant, scope, Event.APPLICATION_SECRET_ROTATED, row, now=now, **said)

    def set_logo(self, tenant: Tenant, scope: Scope, application_id: UUID, raw: bytes) -> ApplicationView:
        """Show this picture of it. Raises ``Forbidden``, ``NotFound``, ``TooLarge``, ``InvalidInput``."""
        self.get(tenant, scope, application_id)
        png, now = logos.drawn(raw), self._clock()
        with self._held(tenant, application_id) as (unit, row):
            application_logos.put(unit.db, tenant_id=tenant.id, application_id=row.id, png=png, now=now)
            self._note(unit, tenant, scope, Event.APPLICATION_UPDATED, row, now=now, changed="logo")
        return view_of(row, {row.id: now})

    def remove_logo(self, tenant: Tenant, scope: Scope, application_id: UUID) -> None:
        """Show none. Raises ``Forbidden``, ``NotFound``."""
        self.get(tenant, scope, application_id)
        now = self._clock()
        with self._held(tenant, application_id) as (unit, row):
            if application_logos.remove(unit.db, tenant_id=tenant.id, application_id=row.id):
                self._note(unit, tenant, scope, Event.APPLICATION_UPDATED, row, now=now, changed="logo")

    def logo(self, tenant: Tenant, application_id: UUID) -> Logo:
        """Its picture, for everybody. Raises ``NotFound``."""
        with self._units.read(tenant.id) as db:
            found = application_logos.find(db, tenant_id=tenant.id, application_id=application_id)
        if found is None:
            raise NotFound
        return Logo(png=found.png, version=version_of(found.updated_at))
