"""Tenants and their keys."""

from dataclasses import asdict
from typing import Any

import click

from app.cli._frame import command, main, open_services, open_tenant, slug_option


@main.group()
def tenant() -> None:
    """Found, list, suspend and activate tenants."""


@command(tenant, "create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--domain", help="A host of its own, verified by you.")
def tenant_create(slug: str, name: str, domain: str | None) -> dict[str, Any]:
    """Found a tenant."""
    with open_services() as services:
        made = services.tenant_administration.create(slug=slug, name=name, domain=domain)
    return {"id": str(made.id), "slug": made.slug, "name": made.name, "url": made.origin}


@command(tenant, "list")
def tenant_list() -> list[dict[str, Any]]:
    """List all tenants."""
    with open_services() as services:
        return [asdict(view) for view in services.tenant_administration.list()]


@command(tenant, "suspend")
@click.argument("slug")
def tenant_suspend(slug: str) -> dict[str, Any]:
    """Let nobody in, and put out whoever is in."""
    with open_tenant(slug) as (services, found):
        return {"slug": slug, "changed": services.tenant_administration.suspend(found)}


@command(tenant, "activate")
@click.argument("slug")
def tenant_activate(slug: str) -> dict[str, Any]:
    """End a suspension."""
    with open_tenant(slug) as (services, found):
        return {"slug": slug, "changed": services.tenant_administration.activate(found)}


@main.group()
def keys() -> None:
    """Signing keys."""


@command(keys, "rotate")
@slug_option
def keys_rotate(slug: str) -> dict[str, Any]:
    """Sign with new keys; what is already out stays good until it expires.

    ``kid`` signs access tokens of our own API, ``published`` what applications get. These were published beforehand;
    their successors are from now on: leave them the time to be noticed, an hour, before you rotate again.
    """
    from app.scope import Origin

    with open_tenant(slug) as (services, found):
        own = services.signer.rotate(found.id, origin=Origin())
        return {"kid": str(own), "published": services.key_ring.rotate(found.id, origin=Origin())}
