"""From a host, or a header on the base domain, to a tenant: remembered for a short while, forgotten on news."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.settings import Settings
from app.storage import tenants
from app.storage.news import News
from app.storage.pool import Pool
from app.storage.tenants import Resolved
from app.tenancy import Tenant, TenantSettings, Theme

PLATFORM = "platform"
NEWS = "tenant"
# While the news' pulse is heard, a change reaches us by it; without it, a memory this old is not trusted.
_REMEMBERED_S = 60.0
_REMEMBERED_DEAF_S = 0.5
_MOST = 10_000


class Tenants:
    """Resolves tenants."""

    def __init__(self, pool: Pool, *, settings: Settings, news: News) -> None:
        self._pool = pool
        self._settings = settings
        self._news = news
        self._heard = 0
        self._known: dict[tuple[str, str], tuple[Tenant | None, float]] = {}
        news.on(NEWS, self._hear, catch_up=self._forget)

    def by_host(self, host: str) -> Tenant | None:
        """The tenant that lives at ``host`` (name only, no port): its slug under the base domain, or its own domain.

        The base domain is ``platform``'s.
        """
        name = host.lower().rstrip(".")
        base = self._settings.base_host
        if name == base:
            return self._find(PLATFORM, "slug")
        slug, dot, rest = name.partition(".")
        if dot and rest == base:
            return self._find(slug, "slug") if slug != PLATFORM else None
        return self._find(name, "host")

    def by_header(self, value: str) -> Tenant | None:
        """The tenant that ``X-Tenant`` names by slug or id."""
        try:
            return self._find(str(UUID(value)), "id")
        except ValueError:
            return self._find(value.lower(), "slug")

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        return self._find(str(tenant_id), "id")

    def _find(self, value: str, kind: str) -> Tenant | None:
        remembered = _REMEMBERED_S if self._news.fresh else _REMEMBERED_DEAF_S
        known, at = self._known.get((kind, value), (None, 0.0))
        now = time.monotonic()
        if at and now - at < remembered:
            return known
        heard = self._heard
        found = tenants.resolve(
            self._pool,
            slug=value if kind == "slug" else None,
            host=value if kind == "host" else None,
            tenant_id=UUID(value) if kind == "id" else None,
        )
        tenant = tenant_of(found, self._settings) if found else None
        if len(self._known) >= _MOST:
            self._known.clear()
        if heard == self._heard:  # else it may have changed while we read
            self._known[kind, value] = (tenant, now)
        return tenant

    def _hear(self, _: Mapping[str, Any]) -> None:
        self._forget()

    def _forget(self) -> None:
        self._heard += 1
        self._known.clear()


def tenant_of(row: Resolved | tenants.Tenant, settings: Settings) -> Tenant:
    """A tenant as a value. Settings and theme were validated when they were written."""
    return Tenant(
        id=row.id,
        slug=row.slug,
        name=row.name,
        origin=settings.tenant_url(row.slug),
        settings=TenantSettings.model_validate(row.settings),
        theme=Theme.model_validate(row.theme),
        version=row.version,
        suspended=row.suspended_at is not None,
    )
