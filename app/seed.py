"""The demo: two tenants that must not see each other, the operator of the installation, and an application."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app import crypto
from app.auth.errors import EmailTaken
from app.oidc.application_details import Details
from app.oidc.application_views import operator
from app.tenancy import Tenant
from app.tenants.resolve import PLATFORM
from app.tenants.service import SlugTaken
from app.wiring import Services

PASSWORD = "correct horse battery staple"  # noqa: S105 - the demo's, printed by `make run`
TENANTS = (("acme", "Acme", "#3b5bdb"), ("globex", "Globex", "#0b7a5c"))
PEOPLE = (("ada", "Ada Lovelace", "owner"), ("bob", "Bob Marsh", "member"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an application signs in with."""

    client_id: str
    client_secret: str


def ensure_platform(services: Services) -> Tenant:
    """The tenant of the base domain, which every installation has. Idempotent."""
    return ensure_tenant(services, slug=PLATFORM, name="Portico", primary="#3b5bdb")


def ensure_tenant(services: Services, *, slug: str, name: str, primary: str) -> Tenant:
    """The tenant of this slug, founded if it has to be."""
    try:
        return services.tenant_administration.create(slug=slug, name=name, primary=primary)
    except SlugTaken:
        found = services.tenants.by_header(slug)
        if found is None:
            raise
        return found


def seed(services: Services) -> None:
    """Make what is missing of the demo. Idempotent; refused in production by the CLI."""
    platform = ensure_platform(services)
    _ensure_person(services, platform, email="ops@platform.example", name="Olga Petrov", role="operator")
    for slug, name, primary in TENANTS:
        tenant = ensure_tenant(services, slug=slug, name=name, primary=primary)
        for who, full_name, role in PEOPLE:
            _ensure_person(services, tenant, email=f"{who}@{slug}.example", name=full_name, role=role)


def _ensure_person(services: Services, tenant: Tenant, *, email: str, name: str, role: str) -> None:
    try:
        services.users.create(tenant, email=email, password=PASSWORD, name=name, role_names=[role], check=False)
    except EmailTaken:
        return


def ensure_application(
    services: Services, tenant: Tenant, *, name: str, url: str, known: Credentials | None
) -> Credentials:
    """Register the demo's application, which runs at ``url``; where it is registered, bring it up to date. Idempotent.

    ``known``: what it has signed in with until now. Where that is lost, or opens nothing any more, it gets a new
    secret instead of those it has.
    """
    applications, by_us = services.openid.applications, operator(tenant)
    addresses = _addresses(url)
    found = _known(services, tenant, known) or _namesake(services, tenant, name)
    if found is None:
        made = applications.create_unasked(tenant, Details(name=name, type="web", **addresses))
        return Credentials(client_id=made.view.client_id, client_secret=made.client_secret or "")
    applications.change(tenant, by_us, found, addresses)
    if known and _known(services, tenant, known):
        return known
    fresh = applications.add_secret(tenant, by_us, found, overlap_hours=0)
    return Credentials(client_id=str(found), client_secret=fresh.client_secret)


def _addresses(url: str) -> dict[str, Any]:
    return {
        "redirect_uris": (f"{url}/callback",),
        "post_logout_redirect_uris": (f"{url}/",),
        "backchannel_logout_uri": f"{url}/backchannel-logout",
    }


def _known(services: Services, tenant: Tenant, known: Credentials | None) -> UUID | None:
    """The application that these credentials open."""
    client = services.openid.clients.by_id(tenant, known.client_id) if known else None
    if client is None or known is None:
        return None
    digest = crypto.digest(known.client_secret)
    return client.id if any(secret.digest == digest for secret in client.secrets) else None


def _namesake(services: Services, tenant: Tenant, name: str) -> UUID | None:
    """The newest one of this name: in the demo's tenant, it is ours."""
    page = services.openid.applications.page(tenant, operator(tenant), limit=100, after=None, search=name)
    return next((view.id for view in page.items if view.name == name and view.details.type == "web"), None)
