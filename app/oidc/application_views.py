"""Applications as their owners see them, and the refusals that they may meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.auth.rbac import Permission
from app.errors import Problem
from app.oidc.application_details import Details, details_of
from app.scope import SYSTEM, Origin, Scope
from app.storage.applications import Application
from app.tenancy import Tenant

After = tuple[datetime, UUID]


class ApplicationChanged(Problem):
    code = "application_changed"
    status = 409
    title = "Somebody else has just changed this application. Please look at it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """``details``: what was said of it. ``logo_at``: when its picture was put there, if there is one."""

    id: UUID
    details: Details
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None
    version: int
    logo_at: datetime | None

    @property
    def client_id(self) -> str:
        return str(self.id)

    @property
    def name(self) -> str:
        return self.details.name

    @property
    def logo_path(self) -> str | None:
        """Where its picture is, under a name that changes with it."""
        return f"/applications/{self.id}/logo?v={version_of(self.logo_at)}" if self.logo_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A new application. ``client_secret``, if it has one, is known now and never again."""

    view: ApplicationView
    client_secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture, and the version that its address may name."""

    png: bytes
    version: str


def version_of(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def view_of(row: Application, logos: Mapping[UUID, datetime]) -> ApplicationView:
    return ApplicationView(
        id=row.id,
        details=details_of(row),
        created_at=row.created_at,
        updated_at=row.updated_at,
        disabled_at=row.disabled_at,
        version=row.version,
        logo_at=logos.get(row.id),
    )


def operator(tenant: Tenant) -> Scope:
    """Whoever runs the installation, at its command line: nobody asks them to confirm that it is them."""
    return Scope(
        tenant_id=tenant.id,
        actor=SYSTEM,
        origin=Origin(),
        permissions=frozenset({Permission.APPLICATIONS_MANAGE.value}),
    )
