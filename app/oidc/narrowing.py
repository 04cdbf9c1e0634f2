"""How much of a grant a token is to say: what was asked for, within what was granted and what is still allowed."""

from collections.abc import Collection

from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidGrant, InvalidScope, InvalidTarget
from app.tenancy import Tenant

OFFLINE = "offline_access"
# What is said of people: a client that asks for itself has none to tell of.
OF_PEOPLE = frozenset({"openid", "profile", "email", "address", "phone", OFFLINE, "roles"})


def scopes_asked(call: Call, granted: Collection[str]) -> tuple[str, ...]:
    """The scopes of the request, or all that were granted (RFC 6749, section 6). Raises ``InvalidScope`` for more."""
    asked = call.one("scope")
    if asked is None:
        return tuple(granted)
    wanted = tuple(dict.fromkeys(asked.split()))
    if not wanted or not set(wanted) <= set(granted):
        raise InvalidScope("that scope was not granted")
    return wanted


def resources_asked(tenant: Tenant, call: Call, granted: Collection[str]) -> tuple[str, ...]:
    """The audiences of the request, or all that were granted (RFC 8707, section 2.2). Raises ``InvalidTarget``.

    What was granted without naming one is for ourselves.
    """
    asked = tuple(dict.fromkeys(call.every("resource")))
    if not set(asked) <= (set(granted) or {tenant.origin}):
        raise InvalidTarget("that resource was not granted")
    return asked or tuple(granted)


def still_scopes(client: Client, scopes: Collection[str]) -> tuple[str, ...]:
    """Those that the client may have today: what was taken from it since does not come back with a token."""
    return tuple(scope for scope in scopes if scope in client.scopes)


def may_refresh(client: Client) -> bool:
    """Whether the client may have refresh tokens today."""
    return OFFLINE in client.scopes and "refresh_token" in client.grant_types


def still_resources(tenant: Tenant, client: Client, resources: Collection[str]) -> tuple[str, ...]:
    """The same for audiences. Raises ``InvalidGrant`` where none is left: a token for nobody would be one for us."""
    left = tuple(one for one in resources if one in client.resources or one == tenant.origin)
    if resources and not left:
        raise InvalidGrant("what it was granted for is not allowed any more")
    return left
