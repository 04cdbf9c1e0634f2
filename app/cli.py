"""``portico``: one line of delegation each. Every command takes ``--json`` and exits non-zero on failure."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import click

from app.embedded.environment import complete
from app.errors import Problem
from app.settings import VARIABLES, BadSettings, Settings, load
from app.tenancy import Tenant

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def command(group: click.Group, name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that prints what it returns, and says on one line why it failed."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> None:
            try:
                said = function(**arguments)
            except Problem as problem:
                _fail(problem.code, _sentence(problem), as_json=as_json)
            except BadSettings as wrong:
                _fail("bad_settings", str(wrong), as_json=as_json)
            except Exception as error:
                if (sentence := _about_the_database(error)) is None:
                    raise
                _fail("unavailable", sentence, as_json=as_json)
            else:
                _say(said, as_json=as_json)

        return group.command(name)(_json(run))

    return decorate


@click.group()
def main() -> None:
    """Portico, a hosted login portal. Settings come from the environment: docs/configuration.md lists them."""


@command(main, "dev")
def dev() -> None:
    """Start everything for development: databases, web server, worker and scheduler."""
    from app.embedded import supervisor

    sys.exit(supervisor.run(os.environ))


@command(main, "web")
def web() -> None:
    """Serve pages and the API."""
    from app import logs, serving

    environ = complete(os.environ)
    settings = load(environ)
    logs.configure(level=settings.log_level, plain=settings.env == "development")
    with _services() as services:
        if settings.env == "production" and not all(
            check.well for check in services.health.examination() if check.needed
        ):
            _fail("unfit", "run `portico doctor` to see what is missing", as_json=False)
    sys.exit(serving.serve(settings, environ))


@command(main, "worker")
def worker() -> None:
    """Keep promises: send mail."""
    run_worker(os.environ)


@command(main, "scheduler")
def scheduler() -> None:
    """Wake workers for what was missed, publish revocations, clean up. Any number may run: one is active."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _services(application="portico-scheduler", log=True) as services:
        services.upkeep.run(stop)


@command(main, "metrics")
def metrics() -> None:
    """Serve /metrics on METRICS_PORT. `portico web` starts this by itself."""
    from app import exporter

    with _services(application="portico-metrics", log=True) as services:
        exporter.serve(services)


@command(main, "migrate")
def migrate() -> dict[str, str]:
    """Bring the database to the newest revision."""
    from app import seed as demo
    from app.storage import migrate as migrations

    settings = load(complete(os.environ))
    owner = settings.database_migration_url or settings.database_url
    role = urlsplit(settings.database_url.get_secret_value()).username or "portico_login"
    migrations.upgrade(owner.get_secret_value(), login_role=role)
    with _services() as services:
        demo.ensure_platform(services)
    return {"revision": migrations.head()}


@command(main, "seed")
def seed() -> dict[str, str]:
    """Make the demo: tenants acme and globex, each with Ada and Bob."""
    from app import seed as demo

    with _services() as services:
        if services.settings.env == "production":
            raise click.ClickException("the demo has a password that everybody knows: never in production")
        demo.seed(services)
    return {"seeded": "acme, globex"}


@main.group()
def tenant() -> None:
    """Found, list, suspend and activate tenants."""


@command(tenant, "create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--domain", help="A host of its own, verified by you.")
def tenant_create(slug: str, name: str, domain: str | None) -> dict[str, Any]:
    """Found a tenant."""
    with _services() as services:
        made = services.tenant_administration.create(slug=slug, name=name, domain=domain)
    return {"id": str(made.id), "slug": made.slug, "name": made.name, "url": made.origin}


@command(tenant, "list")
def tenant_list() -> list[dict[str, Any]]:
    """List all tenants."""
    with _services() as services:
        return [asdict(view) for view in services.tenant_administration.list()]


@command(tenant, "suspend")
@click.argument("slug")
def tenant_suspend(slug: str) -> dict[str, Any]:
    """Let nobody in, and put out whoever is in."""
    with _tenant(slug) as (services, found):
        return {"slug": slug, "changed": services.tenant_administration.suspend(found)}


@command(tenant, "activate")
@click.argument("slug")
def tenant_activate(slug: str) -> dict[str, Any]:
    """End a suspension."""
    with _tenant(slug) as (services, found):
        return {"slug": slug, "changed": services.tenant_administration.activate(found)}


@main.group()
def user() -> None:
    """Make, unlock, disable and enable accounts."""


_slug = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
_email = click.option("--email", required=True)


@command(user, "create")
@_slug
@_email
@click.option("--name", default="")
@click.option("--role", "role_names", multiple=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_create(slug: str, email: str, name: str, role_names: tuple[str, ...], password_stdin: bool) -> dict[str, Any]:
    """Make an account whose address you vouch for."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with _tenant(slug) as (services, found):
        return asdict(services.users.create(found, email=email, password=password, name=name, role_names=role_names))


def _user_command(verb: str, explanation: str) -> None:
    @_slug
    @_email
    def run(slug: str, email: str) -> dict[str, Any]:
        with _tenant(slug) as (services, found):
            return {"email": email, "changed": getattr(services.users, verb)(found, email=email)}

    run.__doc__ = explanation
    command(user, verb)(run)


_user_command("unlock", "Forget failed sign-ins.")
_user_command("disable", "Let them in no more, and end their sessions.")
_user_command("enable", "Let them in again.")


@main.group()
def keys() -> None:
    """Signing keys."""


@command(keys, "rotate")
@_slug
def keys_rotate(slug: str) -> dict[str, Any]:
    """Sign access tokens with a new key; those already out stay good until they expire."""
    from app.scope import Origin

    with _tenant(slug) as (services, found):
        return {"kid": str(services.signer.rotate(found.id, origin=Origin()))}


@main.group()
def config() -> None:
    """Settings."""


@command(config, "check")
def config_check() -> dict[str, Any]:
    """Check the environment and print the settings, without the secrets."""
    settings = load(complete(os.environ))
    shown = settings.model_dump(mode="json")
    return {name: "(set)" if name in Settings.SECRETS and shown[f] else shown[f] for name, f in VARIABLES.items()}


@command(main, "doctor")
def doctor() -> list[dict[str, Any]]:
    """Look at database, role, migrations, Redis, clock and outbox."""
    with _services() as services:
        checks = services.health.examination()
    said = [{"check": c.name, "well": c.well, "said": c.said} for c in checks]
    if not all(check.well for check in checks):
        click.echo(json.dumps(said, indent=2))
        sys.exit(1)
    return said


def run_worker(environ: Mapping[str, str]) -> None:
    """Be an RQ worker until told to stop; wait for a Redis that is away."""
    from app import jobs, logs
    from app.queue import work
    from app.storage import redis
    from app.wiring import real_ports, wire

    settings = load(complete(environ))
    logs.configure(level=settings.log_level, plain=settings.env == "development")
    services = wire(settings, real_ports(settings, application="portico-worker", connections=4))
    services.news.start()
    jobs.prepare(services)
    work(lambda: redis.connect(settings.redis_url.get_secret_value(), patience=None))


@contextmanager
def _services(*, application: str = "portico-cli", log: bool = False) -> Iterator[Any]:
    from app import logs
    from app.wiring import real_ports, wire

    settings = load(complete(os.environ))
    logs.configure(level=settings.log_level if log else "ERROR", plain=settings.env == "development")
    services = wire(settings, real_ports(settings, application=application, connections=3))
    try:
        yield services
    finally:
        services.close()


@contextmanager
def _tenant(slug: str) -> Iterator[tuple[Any, Tenant]]:
    with _services() as services:
        found = services.tenants.by_header(slug)
        if found is None:
            raise click.ClickException(f"there is no tenant called {slug}")
        yield services, found


def _about_the_database(error: Exception) -> str | None:
    """One line for what only the operator can mend; ``None`` for anything else."""
    from app.storage import pool

    if pool.is_away(error):
        return "the database does not answer: check DATABASE_URL, and that it runs"
    return "the database is not migrated: run `portico migrate`" if pool.is_unmigrated(error) else None


def _sentence(problem: Problem) -> str:
    parts = [error.detail for error in problem.errors] or [problem.detail or problem.title]
    return " ".join(parts)


def _say(said: Any, *, as_json: bool) -> None:
    if said is None:
        return
    if as_json:
        click.echo(json.dumps(said, default=str))
        return
    for line in said if isinstance(said, list) else [said]:
        click.echo("  ".join(f"{name}={value}" for name, value in line.items()))


def _fail(code: str, sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"error": code, "detail": sentence}) if as_json else f"portico: {sentence}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
