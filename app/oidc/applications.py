"""Applications, as those who manage them do: registered, changed, switched off, deleted; their secrets and pictures."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app import events
from app.auth.freshness import Freshness
from app.auth.rbac import Permission, require
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.ids import uuid7
from app.oidc import application_rules, application_secrets, logos
from app.oidc.application_details import NAMES, TOKEN_EXCHANGE, Details, details_of
from app.oidc.application_secrets import NewSecret, NoSecrets, SecretView
from app.oidc.application_views import (
    After,
    ApplicationChanged,
    ApplicationView,
    Created,
    Logo,
    operator,
    version_of,
    view_of,
)
from app.oidc.clients import Clients
from app.oidc.revoking import Revoking
from app.paging import Page, page_of
from app.scope import ActorKind, Scope
from app.storage import applications
from app.storage.applications import Application
from app.storage.base import Db
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


class Applications:
    """Every use case asks for ``applications:manage``; those that give or take something for good, for a fresh sign-in.

    ``plain``: which hosts may be called by http (``uris.plain_to``).
    """

    def __init__(
        self,
        units: Units,
        *,
        freshness: Freshness,
        clients: Clients,
        revoking: Revoking,
        plain: Callable[[str], bool],
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._freshness = freshness
        self._clients = clients
        self._revoking = revoking
        self._plain = plain
        self._clock = clock

    def create(self, tenant: Tenant, scope: Scope, new: Details) -> Created:
        """Register an application. Raises ``Forbidden``, ``InvalidInput``; ``StepUpRequired`` where a secret is shown.

        What it does not say is as its kind has it (``KINDS``).
        """
        require(scope, Permission.APPLICATIONS_MANAGE)
        said = new.completed()
        application_rules.check(said, plain=self._plain)
        if said.has_secret or TOKEN_EXCHANGE in said.grants:
            self._confirmed(tenant, scope)
        new_id, secret, now = uuid7(), application_secrets.mint() if said.has_secret else None, self._clock()
        with self._units.begin(tenant.id) as unit:
            row = applications.add(
                unit.db,
                tenant_id=tenant.id,
                new_id=new_id,
                name=said.name,
                type_=said.type,
                values=said.columns(),
                now=now,
            )
            if secret:
                application_secrets.keep(unit.db, tenant, new_id, secret=secret, now=now)
            self._note(unit, tenant, scope, Event.APPLICATION_CREATED, row, now=now, type=said.type)
        self._clients.changed(tenant.id, new_id)
        return Created(view=view_of(row, {}), client_secret=secret)

    def create_unasked(self, tenant: Tenant, new: Details) -> Created:
        """The same, for the command line and the demo. Raises ``InvalidInput``."""
        return self.create(tenant, operator(tenant), new)

    def get(self, tenant: Tenant, scope: Scope, application_id: UUID) -> ApplicationView:
        """Raises ``Forbidden``, ``NotFound``."""
        require(scope, Permission.APPLICATIONS_MANAGE)
        with self._units.read(tenant.id) as db:
            row = applications.by_id(db, tenant_id=tenant.id, application_id=application_id)
            if row is None:
                raise NotFound
            return self._view(db, tenant, row)

    def page(
        self, tenant: Tenant, scope: Scope, *, limit: int, after: After | None, search: str = ""
    ) -> Page[ApplicationView, After]:
        """The newest first; ``search``: only those whose name has it in it. Raises ``Forbidden``."""
        require(scope, Permission.APPLICATIONS_MANAGE)
        with self._units.read(tenant.id) as db:
            rows = applications.page(db, tenant_id=tenant.id, limit=limit + 1, after=after, search=search)
            pictures = applications.logo_times(db, tenant_id=tenant.id, application_ids=[row.id for row in rows])
        return page_of(
            rows, limit=limit, key=lambda row: (row.created_at, row.id), view=lambda row: view_of(row, pictures)
        )

    def change(
        self,
        tenant: Tenant,
        scope: Scope,
        application_id: UUID,
        changes: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> ApplicationView:
        """Change some of it; all of it is checked anew. ``version``: the one that whoever changes it has seen.

        1. ``Forbidden``, ``NotFound``, ``InvalidInput``.
        2. Another version meanwhile: ``ApplicationChanged``.
        3. It may exchange tokens from now on: ``StepUpRequired``, unless they have just shown that it is them.
        """
        before = self.get(tenant, scope, application_id)
        if TOKEN_EXCHANGE in (changes.get("grant_types") or ()) and TOKEN_EXCHANGE not in before.details.grants:
            self._confirmed(tenant, scope)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            if version not in {None, row.version}:
                raise ApplicationChanged
            was = details_of(row)
            said = was.changed(changes).completed()
            application_rules.check(said, plain=self._plain)
            # What was asked for above, was asked of what stood there then.
            if TOKEN_EXCHANGE in set(said.grants) - set(was.grants) and row.version != before.version:
                raise ApplicationChanged
            changed = [name for name in NAMES if getattr(said, name) != getattr(was, name)]
            if changed:
                values = {"name": said.name, **said.columns()}
                row = self._write(unit, tenant, scope, row, values, now=now, changed=" ".join(changed))
            view = self._view(unit.db, tenant, row)
        self._clients.changed(tenant.id, application_id)
        return view

    def disable(self, tenant: Tenant, scope: Scope, application_id: UUID) -> ApplicationView:
        """Nobody signs in to it, its credentials open nothing, and all that it was granted is taken back."""
        return self._switch(tenant, scope, application_id, off=True)

    def enable(self, tenant: Tenant, scope: Scope, application_id: UUID) -> ApplicationView:
        """It counts again. What was taken back stays so."""
        return self._switch(tenant, scope, application_id, off=False)

    def delete(self, tenant: Tenant, scope: Scope, application_id: UUID) -> None:
        """For good, with all that it was granted. Raises ``Forbidden``, ``NotFound``, ``StepUpRequired``."""
        self.get(tenant, scope, application_id)
        self._confirmed(tenant, scope)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            ended = self._revoking.all_of(unit, tenant, application_id, now=now)
            applications.remove(unit.db, tenant_id=tenant.id, application_id=application_id)
            self._note(unit, tenant, scope, Event.APPLICATION_DELETED, row, now=now, grants_revoked=ended)
        self._clients.changed(tenant.id, application_id)

    def secrets(self, tenant: Tenant, scope: Scope, application_id: UUID) -> list[SecretView]:
        """What it is known by, oldest first. Raises ``Forbidden``, ``NotFound``."""
        self.get(tenant, scope, application_id)
        now = self._clock()
        with self._units.read(tenant.id) as db:
            rows = applications.secrets_of(db, tenant_id=tenant.id, application_id=application_id)
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
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            view = application_secrets.add(unit.db, tenant, row.id, secret=secret, now=now, overlap=overlap)
            said = {"change": "added", "secret_id": str(view.id), "overlap_hours": overlap_hours}
            self._note(unit, tenant, scope, Event.APPLICATION_SECRET_ROTATED, row, now=now, **said)
        self._clients.changed(tenant.id, application_id)
        return NewSecret(view=view, client_secret=secret)

    def remove_secret(self, tenant: Tenant, scope: Scope, application_id: UUID, secret_id: UUID) -> None:
        """It counts no more, from now on. Raises as ``add_secret``, and ``LastSecret``."""
        self.get(tenant, scope, application_id)
        self._confirmed(tenant, scope)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            needed = details_of(row).has_secret
            application_secrets.remove(unit.db, tenant, row.id, secret_id, now=now, needed=needed)
            said = {"change": "removed", "secret_id": str(secret_id)}
            self._note(unit, tenant, scope, Event.APPLICATION_SECRET_ROTATED, row, now=now, **said)
        self._clients.changed(tenant.id, application_id)

    def set_logo(self, tenant: Tenant, scope: Scope, application_id: UUID, raw: bytes) -> ApplicationView:
        """Show this picture of it. Raises ``Forbidden``, ``NotFound``, ``TooLarge``, ``InvalidInput``."""
        self.get(tenant, scope, application_id)
        png, now = logos.drawn(raw), self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            applications.put_logo(unit.db, tenant_id=tenant.id, application_id=row.id, png=png, now=now)
            self._note(unit, tenant, scope, Event.APPLICATION_UPDATED, row, now=now, changed="logo")
        self._clients.changed(tenant.id, application_id)
        return view_of(row, {row.id: now})

    def remove_logo(self, tenant: Tenant, scope: Scope, application_id: UUID) -> None:
        """Show none. Raises ``Forbidden``, ``NotFound``."""
        self.get(tenant, scope, application_id)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            if applications.remove_logo(unit.db, tenant_id=tenant.id, application_id=row.id):
                self._note(unit, tenant, scope, Event.APPLICATION_UPDATED, row, now=now, changed="logo")
        self._clients.changed(tenant.id, application_id)

    def logo(self, tenant: Tenant, application_id: UUID) -> Logo:
        """Its picture, for everybody. Raises ``NotFound``."""
        with self._units.read(tenant.id) as db:
            found = applications.logo(db, tenant_id=tenant.id, application_id=application_id)
        if found is None:
            raise NotFound
        return Logo(png=found.png, version=version_of(found.updated_at))

    def _switch(self, tenant: Tenant, scope: Scope, application_id: UUID, *, off: bool) -> ApplicationView:
        require(scope, Permission.APPLICATIONS_MANAGE)
        now = self._clock()
        with self._units.begin(tenant.id) as unit:
            row = self._lock(unit.db, tenant, application_id)
            if (row.disabled_at is not None) != off:
                word, at = ("disabled", now) if off else ("enabled", None)
                row = self._write(unit, tenant, scope, row, {"disabled_at": at}, now=now, changed=word)
            if off:
                self._revoking.all_of(unit, tenant, application_id, now=now)
            view = self._view(unit.db, tenant, row)
        self._clients.changed(tenant.id, application_id)
        return view

    def _write(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        row: Application,
        values: Mapping[str, Any],
        *,
        now: datetime,
        changed: str,
    ) -> Application:
        """Whoever calls this holds the lock, so that the version is still the one that was read."""
        written = applications.change(
            unit.db, tenant_id=tenant.id, application_id=row.id, version=row.version, values=values, now=now
        )
        if written is None:
            raise ApplicationChanged
        self._note(unit, tenant, scope, Event.APPLICATION_UPDATED, written, now=now, changed=changed)
        return written

    def _confirmed(self, tenant: Tenant, scope: Scope) -> None:
        """They have just shown that it is them. Raises ``StepUpRequired``."""
        if scope.actor.kind is not ActorKind.SYSTEM:
            self._freshness.require(tenant, scope)

    @staticmethod
    def _lock(db: Db, tenant: Tenant, application_id: UUID) -> Application:
        row = applications.lock(db, tenant_id=tenant.id, application_id=application_id)
        if row is None:
            raise NotFound
        return row

    @staticmethod
    def _view(db: Db, tenant: Tenant, row: Application) -> ApplicationView:
        return view_of(row, applications.logo_times(db, tenant_id=tenant.id, application_ids=[row.id]))

    @staticmethod
    def _note(
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        event: Event,
        row: Application,
        *,
        now: datetime,
        **details: Any,
    ) -> None:
        happened = events.row(
            event,
            now=now,
            actor=scope.actor,
            origin=scope.origin,
            session_id=scope.session_id,
            impersonator_id=scope.impersonator_id,
            application_id=str(row.id),
            name=row.name,
            **details,
        )
        events.record(unit, tenant_id=tenant.id, rows=[happened])
