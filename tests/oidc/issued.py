"""Tokens that an application has got for somebody, without the way that leads to them."""

from dataclasses import dataclass
from uuid import UUID

from app.auth.refresh_tokens import Families
from app.crypto import Cipher
from app.oidc.granted import Granted
from app.oidc.id_tokens import IdTokens
from app.oidc.issuing import Issuing
from app.oidc.opening import Opening
from app.scope import Scope

ALL = ("openid", "profile", "email", "address", "phone", "offline_access", "roles")


@dataclass(frozen=True)
class Issued:
    """What the application has, and the caller that allowed it."""

    access_token: str
    refresh_token: str | None
    id_token: str | None
    grant_id: UUID
    scope: Scope


def issued(services, person, application, *, scopes=ALL, resources=(), claims=None, dpop_jkt=None, scope=None, **more):
    """A grant to ``application`` (as ``an_application`` has it) by the caller ``scope``, and its first tokens."""
    scope = scope or person.scope(person.sign_in(**more))
    families = Families(services.ports.pool, cipher=Cipher(services.settings.encryption_key_bytes))
    opening = Opening(services.units, families=families, clock=services.ports.clock)
    granted = Granted(
        user_id=person.id,
        session_id=scope.session_id,
        scopes=scopes,
        resources=resources,
        claims=claims or {},
        auth_time=scope.auth_time,
        acr=scope.acr,
        amr=scope.amr,
    )
    basis = opening.begin(person.tenant, application.client, granted, dpop_jkt=dpop_jkt)
    said = issuing(services).for_person(person.tenant, application.client, basis, now=services.ports.clock())
    return Issued(
        access_token=said["access_token"],
        refresh_token=said.get("refresh_token"),
        id_token=said.get("id_token"),
        grant_id=granted.grant_id,
        scope=scope,
    )


def issued_to_itself(services, tenant, application, *, scopes=(), resources=()):
    """A token of the client's own (RFC 6749, section 4.4)."""
    return issuing(services).for_client(
        tenant,
        application.client,
        scopes=scopes,
        resources=resources,
        dpop_jkt=None,
        now=services.ports.clock(),
    )["access_token"]


def issuing(services):
    people = services.openid.people
    return Issuing(key_ring=services.key_ring, id_tokens=IdTokens(key_ring=services.key_ring, people=people))
