"""Applications, registered for a test."""

from dataclasses import dataclass
from uuid import UUID

from app.oidc.application_details import STANDARD_SCOPES, Details
from app.oidc.clients import Client

CALLBACK = "https://notes.example/cb"


@dataclass(frozen=True)
class Registered:
    """``client``: as the endpoints see it. ``secret``: ``None`` where it has none."""

    id: UUID
    client_id: str
    secret: str | None
    client: Client


def an_application(
    services,
    tenant,
    *,
    type="web",  # noqa: A002 - the field's own name
    name="Notes",
    redirect_uris=(CALLBACK,),
    scopes=STANDARD_SCOPES,
    **more,
):
    """Register one; ``more``: further fields of ``Details``. A machine has no redirect URIs and no scopes of people."""
    if type == "machine":
        redirect_uris, scopes = (), () if scopes is STANDARD_SCOPES else scopes
    said = Details(name=name, type=type, redirect_uris=tuple(redirect_uris), scopes=tuple(scopes), **more)
    made = services.openid.applications.create_unasked(tenant, said)
    client = services.openid.clients.by_id(tenant, made.view.client_id)
    return Registered(id=made.view.id, client_id=made.view.client_id, secret=made.client_secret, client=client)
