"""The demo: two tenants that must not see each other, and the operator of the installation."""

from app.auth.errors import EmailTaken
from app.tenancy import Tenant
from app.tenants.resolve import PLATFORM
from app.tenants.service import SlugTaken
from app.wiring import Services

PASSWORD = "correct horse battery staple"  # noqa: S105 - the demo's, printed by `make run`
TENANTS = (("acme", "Acme", "#3b5bdb"), ("globex", "Globex", "#0b7a5c"))
PEOPLE = (("ada", "Ada Lovelace", "owner"), ("bob", "Bob Marsh", "member"))


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
