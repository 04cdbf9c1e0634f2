"""What every command shares: how it answers, how it fails, and how it gets at the services."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from typing import Any

import click

from app.embedded.environment import complete
from app.errors import NotFound, Problem
from app.settings import BadSettings, Settings, load
from app.tenancy import Tenant

ENVIRON: Mapping[str, str] = os.environ
slug_option = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
email_option = click.option("--email", required=True)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class NoSuchTenant(NotFound):
    code = "tenant_not_found"


def command(group: click.Group, name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that prints what it returns, and says on one line why it failed."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> None:
            try:
                said = function(**arguments)
            except Problem as problem:
                fail(problem.code, _sentence(problem), as_json=as_json, errors=[asdict(one) for one in problem.errors])
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
def open_services(*, application: str = "portico-cli", log: bool = False, patient: bool = False) -> Iterator[Any]:
    """``patient``: what goes on running waits for a database that is starting; a command fails at once without one."""
    from app import logs
    from app.storage.pool import connect_once
    from app.wiring import real_ports, wire

    found = settings()
    logs.configure(level=found.log_level if log else "ERROR", plain=found.env == "development")
    services = wire(found, real_ports(found, application=application, connections=3))
    try:
        if not patient:
            connect_once(services.ports.pool)
        yield services
    finally:
        services.close()


@contextmanager
def open_tenant(slug: str) -> Iterator[tuple[Any, Tenant]]:
    with open_services() as services:
        found = services.tenants.by_header(slug)
        if found is None:
            raise NoSuchTenant(f"There is no tenant called {slug}: `portico tenant list` has them all.")
        yield services, found


def _about_the_database(error: Exception) -> str | None:
    """One line for what only the operator can mend; ``None`` for anything else."""
    from app.storage import pool

    if pool.is_away(error):
        return "the database does not answer: check DATABASE_URL, and that it runs"
    return "the database is not migrated: run `portico migrate`" if pool.is_unmigrated(error) else None


def _sentence(problem: Problem) -> str:
    """All that is wrong, each with the option that it is about: ``--redirect-uri 2: Use https…``."""
    parts = [f"{_option(error.pointer)}: {error.detail}" for error in problem.errors]
    return " ".join(parts or [problem.detail or problem.title])


def _option(pointer: str) -> str:
    """``/redirect_uris/1`` is the second ``--redirect-uri``."""
    name, _, at = pointer.removeprefix("/").partition("/")
    here = {name, name.removesuffix("s"), name.replace("require_", "no_")}
    flags = [flag for one in click.get_current_context().command.params for flag in one.opts if one.name in here]
    called = flags[0] if flags else name.replace("_", " ")
    return f"{called} {int(at) + 1}" if at.isdigit() else called


def _say(said: Any, *, as_json: bool) -> None:
    if said is None:
        return
    if as_json:
        click.echo(json.dumps(said, default=_text))
        return
    for line in said if isinstance(said, list) else [said]:
        _say_line(line)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _say_line(line: Mapping[str, Any]) -> None:
    """On one line; lists of rows in it follow, on lines of their own."""
    lists = {name: value for name, value in line.items() if isinstance(value, list)}
    rows_of = {name: rows for name, rows in lists.items() if rows and isinstance(rows[0], Mapping)}
    plain = {name: " ".join(map(str, value)) if name in lists else value for name, value in line.items()}
    click.echo("  ".join(f"{name}={value}" for name, value in plain.items() if name not in rows_of))
    for name, rows in rows_of.items():
        for row in rows:
            click.echo(f"  {name}  " + "  ".join(f"{key}={value}" for key, value in row.items()))


def fail(code: str, sentence: str, *, as_json: bool, errors: Sequence[Mapping[str, str]] = ()) -> None:
    said = {"error": code, "detail": sentence} | ({"errors": errors} if errors else {})
    click.echo(json.dumps(said) if as_json else f"portico: {sentence}", err=True)
    sys.exit(1)
