"""Founding, suspending and listing tenants: what operators do."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app import events
from app.auth.freshness import Freshness
from app.auth.rbac import PLATFORM_ROLES, TENANT_ROLES, Permission, require
from app.clock import Clock, wall_clock
from app.errors import FieldError, InvalidInput, Problem, refuse
from app.events import Event
from app.ids import uuid7
from app.scope import SYSTEM, Actor, Origin, Scope
from app.settings import Settings
from app.storage import roles, tenants
from app.storage.news import News
from app.storage.unit import Units
from app.tenancy import Tenant, TenantSettings, Theme
from app.tenants.resolve import NEWS, PLATFORM, tenant_of

# What a host name can begin with (RFC 1123, section 2.1).
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FEWEST_LABELS = 2
# Hosts that the installation may want for itself, and words that would mislead.
RESERVED = frozenset({"www", "api", "admin", "mail", "static", "assets", "login", "auth", "id", "sso", "status"})


class SlugTaken(Problem):
    code = "slug_taken"
    status = 409
    title = "There is a tenant of this name already."


class SettingsChanged(Problem):
    code = "settings_changed"
    status = 409
    title = "Somebody else has just changed these settings. Please look at them again."


class DomainTaken(Problem):
    code = "domain_taken"
    status = 409
    title = "This host belongs to a tenant already."


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantView:
    """A tenant as operators see it."""

    id: UUID
    slug: str
    name: str
    url: str
    created_at: datetime
    suspended_at: datetime | None


class TenantAdministration:
    """What operators do with tenants. They act as the system; their console comes with its own scope."""

    def __init__(
        self, units: Units, *, freshness: Freshness, settings: Settings, news: News, clock: Clock = wall_clock
    ) -> None:
        self._units = units
        self._freshness = freshness
        self._settings = settings
        self._news = news
        self._clock = clock

    def create(
        self,
        *,
        slug: str,
        name: str,
        primary: str | None = None,
        domain: str | None = None,
        settings: dict[str, Any] | None = None,
    ) -> Tenant:
        """Found a tenant with its system roles. Raises ``SlugTaken``, ``DomainTaken``, ``InvalidInput``."""
        if slug in RESERVED:
            raise refuse("slug", "reserved", "Choose another short name: this one is reserved.")
        if not _LABEL.fullmatch(slug):
            raise refuse("slug", "invalid_slug", "Use lower-case letters, digits and hyphens, at most 63.")
        host = self._host(domain) if domain else None
        names = PLATFORM_ROLES if slug == PLATFORM else TENANT_ROLES
        checked = _valid_settings(settings or {}, role_names=names)
        theme = Theme(primary=primary) if primary else Theme()
        now, origin = self._clock(), Origin()
        with self._units.platform() as unit:
            row = tenants.add_unscoped(
                unit.db,
                new_id=uuid7(),
                slug=slug,
                name=name.strip() or slug,
                settings=checked,
                theme=theme.model_dump(exclude_defaults=True),
                now=now,
            )
            if row is None:
                raise SlugTaken
            if host and not tenants.add_domain(unit.db, tenant_id=row.id, host=host, now=now):
                raise DomainTaken
            roles.add_system_roles(unit.db, tenant_id=row.id, names=names, now=now)
            happened = events.row(Event.TENANT_CREATED, now=now, actor=SYSTEM, origin=origin, slug=slug)
            events.record(unit, tenant_id=row.id, rows=[happened])
        self._news.spread(NEWS)
        return tenant_of(row, self._settings)

    def list(self) -> list[TenantView]:
        with self._units.platform() as unit:
            rows = tenants.all_unscoped(unit.db)
        return [
            TenantView(
                id=row.id,
                slug=row.slug,
                name=row.name,
                url=self._settings.tenant_url(row.slug),
                created_at=row.created_at,
                suspended_at=row.suspended_at,
            )
            for row in rows
        ]

    def suspend(self, tenant: Tenant) -> bool:
        """Nobody gets in, and whoever is in is out, until ``activate``. ``False`` when it is suspended already."""
        return self._suspend(tenant, at=self._clock(), event=Event.TENANT_SUSPENDED)

    def activate(self, tenant: Tenant) -> bool:
        return self._suspend(tenant, at=None, event=Event.TENANT_ACTIVATED)

    def change_own(self, tenant: Tenant, scope: Scope, changes: dict[str, Any]) -> Tenant:
        """What an administrator changes about their own tenant.

        Raises ``Forbidden`` without ``tenant:manage``, and ``StepUpRequired``.
        """
        require(scope, Permission.TENANT_MANAGE)
        self._freshness.require(tenant, scope)
        return self.change_settings(tenant, changes, actor=scope.actor, origin=scope.origin)

    def change_settings(
        self, tenant: Tenant, changes: dict[str, Any], *, actor: Actor = SYSTEM, origin: Origin | None = None
    ) -> Tenant:
        """Change some settings; ``None`` puts one back to its default.

        Raises ``InvalidInput`` for each that will not do, and ``SettingsChanged`` when somebody else was faster.
        """
        wanted = tenant.settings.model_dump(exclude_defaults=True) | changes
        with self._units.read(tenant.id) as db:
            # What stands there already may stay, so that it does not keep them from changing something else.
            known = {*roles.names(db, tenant_id=tenant.id), *tenant.settings.second_factor_roles}
        checked = _valid_settings(
            {name: value for name, value in wanted.items() if value is not None}, role_names=known
        )
        now = self._clock()
        with self._units.platform() as unit:
            row = tenants.change_settings(unit.db, tenant_id=tenant.id, settings=checked, version=tenant.version)
            if row is None:
                raise SettingsChanged
            happened = events.row(
                Event.TENANT_UPDATED,
                now=now,
                actor=actor,
                origin=origin or Origin(),
                changed=" ".join(sorted(changes)),
            )
            events.record(unit, tenant_id=tenant.id, rows=[happened])
        self._news.spread(NEWS)
        return tenant_of(row, self._settings)

    def _host(self, typed: str) -> str:
        """A host name in its ASCII spelling, outside the base domain (tenants live there by their slugs)."""
        base = self._settings.base_host
        try:
            host = typed.strip().lower().encode("idna").decode()
        except UnicodeError:
            host = ""
        labels = host.split(".")
        if len(labels) < _FEWEST_LABELS or not all(_LABEL.fullmatch(label) for label in labels):
            raise refuse("domain", "invalid_domain", "Enter a host name, like login.example.com.")
        if host == base or host.endswith(f".{base}"):
            raise refuse("domain", "invalid_domain", f"Hosts under {base} go by the tenant's short name.")
        return host

    def _suspend(self, tenant: Tenant, *, at: datetime | None, event: Event) -> bool:
        now = self._clock()
        with self._units.platform() as unit:
            row = tenants.suspend(unit.db, tenant_id=tenant.id, at=at)
            if row is not None:
                happened = events.row(event, now=now, actor=SYSTEM, origin=Origin())
                events.record(unit, tenant_id=tenant.id, rows=[happened])
        self._news.spread(NEWS)
        return row is not None


def _valid_settings(changes: dict[str, Any], *, role_names: Collection[str]) -> dict[str, Any]:
    """``role_names``: those that the tenant has."""
    try:
        said = TenantSettings.model_validate(changes)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidInput(errors=tuple(_wrong(one["loc"], one["msg"]) for one in found)) from None
    unknown = [at for at, name in enumerate(said.second_factor_roles) if name not in role_names]
    if unknown:
        none = "There is no role of this name"
        raise InvalidInput(errors=tuple(_wrong(("second_factor_roles", at), none) for at in unknown))
    return said.model_dump(exclude_defaults=True)


def _wrong(path: tuple[int | str, ...], sentence: str) -> FieldError:
    pointer = "".join(f"/{step}" for step in ("settings", *path))
    return FieldError(pointer=pointer, code="invalid_setting", detail=f"{sentence}.")
