"""What a token request asks for, out of what was granted: never more (RFC 6749, section 6; RFC 8707, section 2.2)."""

from collections.abc import Iterable

from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidScope, InvalidTarget
from app.oidc.scopes import OFFLINE as OFFLINE
from app.tenancy import Tenant


def scopes_asked(call: Call, granted: Iterable[str]) -> tuple[str, ...]:
    """The scopes that are asked for; all that were granted where none is named. Raises ``InvalidScope`` for more."""
    known, asked = tuple(granted), tuple(dict.fromkeys((call.one("scope") or "").split()))
    if not set(asked) <= set(known):
        raise InvalidScope("scope was not granted")
    return asked or known


def resources_asked(tenant: Tenant, call: Call, granted: Iterable[str]) -> tuple[str, ...]:
    """The audiences that are asked for; all that were granted where none is named. Raises ``InvalidTarget`` for more.

    A grant that names no resource is for us.
    """
    known, asked = tuple(granted), tuple(dict.fromkeys(call.every("resource")))
    if not set(asked) <= set(known or (tenant.origin,)):
        raise InvalidTarget("resource was not granted")
    return asked or known


def still_scopes(client: Client, granted: Iterable[str]) -> tuple[str, ...]:
    """Those of the granted scopes that the client may still have."""
    return tuple(scope for scope in granted if scope in client.scopes)


def still_resources(tenant: Tenant, client: Client, granted: Iterable[str]) -> tuple[str, ...]:
    """The granted audiences, all of which the client must still be allowed. Raises ``InvalidTarget``."""
    known = tuple(granted)
    if not set(known) <= client.resources | {tenant.origin}:
        raise InvalidTarget("resource is not allowed any more")
    return known
