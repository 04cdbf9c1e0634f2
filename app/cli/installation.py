"""Migrations, the demo, settings, and whether all is well."""

import json
import sys
from typing import Any
from urllib.parse import urlsplit

import click

from app.cli._frame import ENVIRON, command, main, open_services
from app.cli._frame import settings as load_settings
from app.settings import VARIABLES, Settings


@command(main, "migrate")
def migrate() -> dict[str, str]:
    """Bring the database to the newest revision."""
    from app import seed as demo
    from app.storage import migrate as migrations

    settings = load_settings()
    owner = settings.database_migration_url or settings.database_url
    role = urlsplit(settings.database_url.get_secret_value()).username or "portico_login"
    migrations.upgrade(owner.get_secret_value(), login_role=role)
    with open_services() as services:
        demo.ensure_platform(services)
    return {"revision": migrations.head()}


@command(main, "seed")
def seed() -> dict[str, str]:
    """Make the demo: tenants acme and globex, each with Ada and Bob, and an application of acme."""
    from app import seed as demo

    with open_services() as services:
        if services.settings.env == "production":
            raise click.ClickException("the demo has a password that everybody knows: never in production")
        demo.seed(services)
        _seed_application(services)
    return {"seeded": "acme, globex"}


def _seed_application(services: Any) -> None:
    """Register the demo's application, and keep what it signs in with where `portico dev` finds it."""
    from app import seed as demo
    from app.embedded import demo_app
    from app.embedded._process import StartError

    try:
        data_dir, url = services.settings.data_dir, demo_app.url_of(ENVIRON)
    except StartError as error:
        raise click.ClickException(str(error)) from None
    if not url:
        return
    tenant, kept = services.tenants.by_header(demo_app.TENANT), demo_app.kept(data_dir)
    known = demo.Credentials(**kept) if kept else None
    made = demo.ensure_application(services, tenant, name=demo_app.NAME, url=url, known=known)
    if made != known:
        demo_app.keep(data_dir, client_id=made.client_id, client_secret=made.client_secret)


@main.group()
def config() -> None:
    """Settings."""


@command(config, "check")
def config_check() -> dict[str, Any]:
    """Check the environment and print the settings, without the secrets."""
    settings = load_settings()
    shown = settings.model_dump(mode="json")
    return {name: "(set)" if name in Settings.SECRETS and shown[f] else shown[f] for name, f in VARIABLES.items()}


@command(main, "doctor")
def doctor() -> list[dict[str, Any]]:
    """Look at database, role, migrations, Redis, clock and outbox."""
    with open_services(patient=True) as services:
        checks = services.health.examination()
    said = [{"check": c.name, "well": c.well, "said": c.said} for c in checks]
    if not all(check.well for check in checks):
        click.echo(json.dumps(said, indent=2))
        sys.exit(1)
    return said
