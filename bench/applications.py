"""Our own provider's applications: one that people sign in to, and one that acts for itself."""

from typing import Any

from app import crypto
from app.clock import wall_clock
from app.ids import uuid7
from app.storage import application_secrets, applications
from app.wiring import Services
from bench.people import SLUG
from bench.provider import REDIRECT_URI, RESOURCE, RESOURCE_SCOPE, App, Provider, endpoints
from bench.stack import Web

_HOST = f"{SLUG}.localhost"
_WEB = {
    "type_": "web",
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": [REDIRECT_URI],
    "scopes": ["openid", "profile", "email", "offline_access"],
    "first_party": True,
}
_MACHINE = {"type_": "machine", "grant_types": ["client_credentials"], "scopes": [RESOURCE_SCOPE]}


def register(services: Services, *, algorithm: str) -> tuple[App, App]:
    """Both, the first of them first-party: nobody is asked for consent."""
    return _register(services, "Notes", algorithm, _WEB), _register(services, "Nightly", algorithm, _MACHINE)


def provider(web: Web, apps: tuple[App, App]) -> Provider:
    """How one variant of our web servers is asked."""
    return Provider(port=web.port, host=_HOST, endpoints=endpoints(web.port, _HOST), web=apps[0], machine=apps[1])


def _register(services: Services, name: str, algorithm: str, values: dict[str, Any]) -> App:
    tenant = services.tenants.by_header(SLUG)
    assert tenant is not None
    new_id, secret, now = uuid7(), f"pcs_{crypto.mint()}", wall_clock()
    values = {**values, "auth_method": "client_secret_basic", "resources": [RESOURCE], "signing_algorithm": algorithm}
    with services.units.begin(tenant.id) as unit:
        applications.add(
            unit.db,
            tenant_id=tenant.id,
            new_id=new_id,
            name=name,
            type_=values.pop("type_"),
            values=values,
            now=now,
        )
        unit.db.flush()
        application_secrets.add(
            unit.db,
            tenant_id=tenant.id,
            new_id=uuid7(),
            application_id=new_id,
            secret_digest=crypto.digest(secret),
            hint=secret[-4:],
            now=now,
        )
    return App(client_id=str(new_id), secret=secret)
