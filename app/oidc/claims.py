"""What an application is told of a person: by scope, and by name (OpenID Connect Core, sections 5.1, 5.4 and 5.5)."""

from collections.abc import Collection, Mapping
from typing import Any

from app.oidc.clients import Client
from app.oidc.people import Person

# Section 5.4; ``roles`` is our own.
BY_SCOPE: dict[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
    "roles": ("roles",),
}
_SCOPE_OF = {claim: scope for scope, claims in BY_SCOPE.items() for claim in claims}
CLAIMS = tuple(_SCOPE_OF)


def claims_for(person: Person, *, scopes: Collection[str], requested: Mapping[str, Any]) -> dict[str, Any]:
    """What these scopes tell of a person, and what was asked for by name; what we do not know is left out.

    ``requested`` is one member of the ``claims`` parameter: names, with or without what is expected of them. What it
    expects changes nothing: somebody's address is what it is (section 5.5.1).
    """
    known = _known(person)
    names = [name for scope, names in BY_SCOPE.items() if scope in scopes for name in names]
    return {name: known[name] for name in dict.fromkeys([*names, *requested]) if name in known}


def may_ask(client: Client, requested: Mapping[str, Any], *, scopes: Collection[str]) -> dict[str, Any]:
    """Which claims a client may ask for by name: those that its scopes may tell.

    Of third parties people have seen nothing but the scopes, so they get no more than these ``scopes`` tell.
    """
    allowed = client.scopes if client.first_party else client.scopes & frozenset(scopes)
    return {name: wish for name, wish in requested.items() if _SCOPE_OF.get(name) in allowed}


def _known(person: Person) -> dict[str, Any]:
    """With the JSON types of section 5.1: booleans, a number for the time, an object for the address."""
    said = {name: value for name, value in person.profile.items() if value and name in _SCOPE_OF}
    if person.name:
        said["name"] = person.name
    if "phone_number" in said:
        # Nobody has called it.
        said["phone_number_verified"] = False
    return said | {
        "updated_at": int(person.updated_at.timestamp()),
        "email": person.email,
        "email_verified": person.email_verified,
        "roles": list(person.roles),
    }
