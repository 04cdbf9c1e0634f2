"""Permissions, and the roles that every tenant has."""

from collections.abc import Iterable
from enum import StrEnum

from app.errors import Forbidden
from app.scope import Scope


class Permission(StrEnum):
    """What a caller may be allowed to do."""

    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    USERS_DELETE = "users:delete"
    USERS_IMPERSONATE = "users:impersonate"
    ROLES_MANAGE = "roles:manage"
    INVITATIONS_MANAGE = "invitations:manage"
    APPLICATIONS_MANAGE = "applications:manage"
    WEBHOOKS_MANAGE = "webhooks:manage"
    API_KEYS_MANAGE = "api_keys:manage"
    AUDIT_READ = "audit:read"
    TENANT_MANAGE = "tenant:manage"


_ALL = frozenset(Permission)

SYSTEM_ROLES: dict[str, frozenset[Permission]] = {
    "owner": _ALL,
    "admin": _ALL,
    "support": frozenset({Permission.USERS_READ, Permission.USERS_IMPERSONATE, Permission.AUDIT_READ}),
    "member": frozenset(),
    # Holds sway over the installation; it exists in the tenant ``platform`` alone.
    "operator": _ALL,
}
# What somebody is who has registered and shown that the address is theirs.
NEWCOMER = "member"
TENANT_ROLES = ("owner", "admin", "support", "member")
PLATFORM_ROLES = (*TENANT_ROLES, "operator")
# Whoever holds one of these answers to their like alone, whatever else an administrator may do.
_SET_APART = frozenset({"owner", "operator"})


def permissions_of(roles: Iterable[str], granted: Iterable[str] = ()) -> frozenset[str]:
    """What these roles allow: the system's by the table above, the tenant's own by what they were ``granted``."""
    held: set[str] = {permission.value for role in roles for permission in SYSTEM_ROLES.get(role, ())}
    return frozenset(held | set(granted))


def require(scope: Scope, permission: Permission) -> None:
    """The caller may do this. Raises ``Forbidden``."""
    if permission not in scope.permissions:
        raise Forbidden(log=f"lacks {permission}")


def require_over(scope: Scope, *, roles: Iterable[str], granted: Iterable[str] = ()) -> None:
    """The caller may act upon somebody who holds these roles. Raises ``Forbidden``.

    Not upon whoever may do something that the caller may not, nor upon an owner without being one.
    """
    theirs = set(roles)
    if permissions_of(theirs, granted) - scope.permissions or (theirs & _SET_APART) - set(scope.roles):
        raise Forbidden(log="they may do more than the caller")
