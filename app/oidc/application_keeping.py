"""What every use case about an application does: look whether one may, hold the row, write down what happened."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from app import events
from app.auth.freshness import Freshness
from app.auth.rbac import Permission, require
from app.clock import Clock, wall_clock
from app.errors import NotFound
from app.events import Event
from app.oidc.application_views import ApplicationChanged, ApplicationView, view_of
from app.oidc.clients import Clients
from app.scope import ActorKind, Scope
from app.storage import application_logos, applications
from app.storage.applications import Application
from app.storage.base import Db
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

_NONE = "There is no application with this id."


class Keeping:
    """The ground that ``Applications`` stands on."""

    def __init__(self, units: Units, *, freshness: Freshness, clients: Clients, clock: Clock = wall_clock) -> None:
        self._units = units
        self._freshness = freshness
        self._clients = clients
        self._clock = clock

    def get(self, tenant: Tenant, scope: Scope, application_id: UUID) -> ApplicationView:
        """Raises ``Forbidden``, ``NotFound``."""
        require(scope, Permission.APPLICATIONS_MANAGE)
        with self._units.read(tenant.id) as db:
            row = applications.by_id(db, tenant_id=tenant.id, application_id=application_id)
            if row is None:
                raise NotFound(_NONE)
            return self._view(db, tenant, row)

    @contextmanager
    def _held(self, tenant: Tenant, application_id: UUID) -> Iterator[tuple[Unit, Application]]:
        """A unit in which nobody else changes the application; after it, everybody hears that it may have changed."""
        with self._units.begin(tenant.id) as unit:
            row = applications.lock(unit.db, tenant_id=tenant.id, application_id=application_id)
            if row is None:
                raise NotFound(_NONE)
            yield unit, row
        self._clients.changed(tenant.id, application_id)

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
    def _view(db: Db, tenant: Tenant, row: Application) -> ApplicationView:
        return view_of(row, application_logos.times(db, tenant_id=tenant.id, application_ids=[row.id]))

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
