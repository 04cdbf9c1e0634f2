"""What every command shares: how it answers, how it fails, and how it gets at the services."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from app.embedded.environment import complete
from app.errors import Problem
from app.settings import BadSettings, Settings, load
from app.tenancy import Tenant

ENVIRON: Mapping[str, str] = os.environ
slug_option = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
email_option = click.option("--email", required=True)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def command(group: click.Group, name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that prints what it returns, and says on one line why it failed."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> None:
            try:
                said = function(**arguments)
            except Problem as problem:
                fail(problem.code, _sentence(problem), as_json=as_json)
            except BadSettings as wrong:
                fail("bad_settings", str(wrong), as_json=as_json)
            except Exception as error:
                if (sentence := _about_the_database(error)) is None:
                    raise
                fail("unavailable", sentence, as_json=as_json)
            else:
                _say(said, as_json=as_json)

        return group.command(name)(_json(run))

    return decorate


@click.group()
def main() -> None:
    """Portico, a hosted login portal. Settings come from the environment: docs/configuration.md lists them."""


def settings() -> Settings:
    """The settings of this process. Raises ``BadSettings``."""
    return load(complete(ENVIRON))


@contextmanager
def open_services(*, application: str = "portico-cli", log: bool = False) -> Iterator[Any]:
    from app import logs
    from app.wiring import real_ports, wire

    found = settings()
    logs.configure(level=found.log_level if log else "ERROR", plain=found.env == "development")
    services = wire(found, real_ports(found, application=application, connections=3))
    try:
        yield services
    finally:
        services.close()


@contextmanager
def open_tenant(slug: str) -> Iterator[tuple[Any, Tenant]]:
    with open_services() as services:
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
        _say_line(line)


def _say_line(line: Mapping[str, Any]) -> None:
    """On one line; lists in it follow, on lines of their own."""
    lists = {name: value for name, value in line.items() if isinstance(value, list)}
    click.echo("  ".join(f"{name}={value}" for name, value in line.items() if name not in lists))
    for name, rows in lists.items():
        for row in rows:
            click.echo(f"  {name}  " + "  ".join(f"{key}={value}" for key, value in row.items()))


def fail(code: str, sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"error": code, "detail": sentence}) if as_json else f"portico: {sentence}", err=True)
    sys.exit(1)
