"""Applications, as those who manage them see to them: registered, changed, switched off, deleted."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.auth.freshness import Freshness
from app.auth.rbac import Permission, require
from app.clock import Clock, wall_clock
from app.events import Event
from app.ids import uuid7
from app.oidc import application_rules, application_secrets
from app.oidc.application_details import NAMES, TOKEN_EXCHANGE, Details, details_of
from app.oidc.application_parts import Parts
from app.oidc.application_views import (
    After,
    ApplicationChanged,
    ApplicationView,
    Created,
    operator,
    view_of,
)
from app.oidc.clients import Clients
from app.oidc.revoking import Revoking
from app.paging import Page, page_of
from app.scope import Scope
from app.storage import application_logos, applications
from app.storage.unit import Units
from app.tenancy import Tenant


class Applications(Parts):
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
        super().__init__(units, freshness=freshness, clients=clients, clock=clock)
        self._revoking = revoking
        self._plain = plain

    def create(self, tenant: Tenant, scope: Scope, new: Details) -> Created:
        """Register an application. Raises ``Forbidden``, ``InvalidInput``, ``StepUpRequired``.

        Step-up is asked for where it has credentials, or people would not be asked about it. What it does not say is as
        its kind has it (``KINDS``).
        """
        require(scope, Permission.APPLICATIONS_MANAGE)
        said = new.completed()
        application_rules.check(said, plain=self._plain)
        if not said.is_public or said.first_party:
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

    def page(
        self, tenant: Tenant, scope: Scope, *, limit: int, after: After | None, search: str = ""
    ) -> Page[ApplicationView, After]:
        """The newest first; ``search``: only those whose name has it in it. Raises ``Forbidden``."""
        require(scope, Permission.APPLICATIONS_MANAGE)
        with self._units.read(tenant.id) as db:
            rows = applications.page(db, tenant_id=tenant.id, limit=limit + 1, after=after, search=search)
            pictures = application_logos.times(db, tenant_id=tenant.id, application_ids=[row.id for row in rows])
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
        3. It proves itself otherwise from now on, leads elsewhere, asks nobody any more, or may exchange tokens:
           ``StepUpRequired``, unless they have just shown that it is them.
        """
        before = self.get(tenant, scope, application_id)
        confirmed = _empowers(before.details, before.details.changed(changes).completed())
        if confirmed:
            self._confirmed(tenant, scope)
        now = self._clock()
        with self._held(tenant, application_id) as (unit, held):
            row = held
            if version not in {None, row.version}:
                raise ApplicationChanged
            was = details_of(row)
            said = was.changed(changes).completed()
            application_rules.check(said, plain=self._plain)
            # It was not asked for above, where something else stood then.
            if _empowers(was, said) and not confirmed:
                raise ApplicationChanged
            changed = [name for name in NAMES if getattr(said, name) != getattr(was, name)]
            if changed:
                values = {"name": said.name, **said.columns()}
                row = self._write(unit, tenant, scope, row, values, now=now, changed=" ".join(changed))
            return self._view(unit.db, tenant, row)

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
        with self._held(tenant, application_id) as (unit, row):
            ended = self._revoking.all_of(unit, tenant, application_id, now=now)
            applications.remove(unit.db, tenant_id=tenant.id, application_id=application_id)
            self._note(unit, tenant, scope, Event.APPLICATION_DELETED, row, now=now, grants_revoked=ended)

    def _switch(self, tenant: Tenant, scope: Scope, application_id: UUID, *, off: bool) -> ApplicationView:
        require(scope, Permission.APPLICATIONS_MANAGE)
        now = self._clock()
        with self._held(tenant, application_id) as (unit, held):
            row = held
            if (row.disabled_at is not None) != off:
                word, at = ("disabled", now) if off else ("enabled", None)
                row = self._write(unit, tenant, scope, row, {"disabled_at": at}, now=now, changed=word)
            if off:
                self._revoking.all_of(unit, tenant, application_id, now=now)
            return self._view(unit.db, tenant, row)


def _empowers(was: Details, said: Details) -> bool:
    """Whoever changes this could act as the application.

    Its keys are as good as a secret, a new address gets its codes, and nobody is asked about one of the tenant's own.
    """
    proves = said.token_endpoint_auth_method != was.token_endpoint_auth_method or said.jwks != was.jwks
    leads = bool(set(said.redirect_uris) - set(was.redirect_uris)) or (said.first_party and not was.first_party)
    return proves or leads or TOKEN_EXCHANGE in set(said.grants) - set(was.grants)
