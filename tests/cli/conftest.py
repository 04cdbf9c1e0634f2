"""``portico`` as people run it: a process, its answer, its exit code."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from psycopg import sql

from app.cli import main

_PORTICO = str(Path(sys.executable).with_name("portico"))


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return (self.out + self.err).strip().splitlines()


@pytest.fixture
def variables(environ, redis_url):
    return {**environ, "REDIS_URL": redis_url}


@pytest.fixture
def undisturbed():
    """A command sets up logging for its process; in ours it is put back."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
def portico(variables, monkeypatch, undisturbed):
    """Run a command in this process: fast, and enough for all but signals and the entry point itself."""

    def portico(*arguments, typed=None, as_json=True, **changes):
        wanted = {**variables, **changes}
        with monkeypatch.context() as patch:
            for name, value in wanted.items():
                patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
            ran = CliRunner().invoke(main, [*arguments, *(["--json"] if as_json else [])], input=typed)
        if ran.exception and not isinstance(ran.exception, SystemExit):
            return Answer(1, ran.stdout, f"{ran.stderr}Traceback\n{type(ran.exception).__name__}: {ran.exception}")
        return Answer(ran.exit_code, ran.stdout, ran.stderr)

    return portico


@pytest.fixture
def spawn(variables):
    """Run a command as a process."""

    def spawn(*arguments, typed=None, **changes):
        env = {"PATH": os.environ["PATH"], **variables, **changes}
        env = {name: value for name, value in env.items() if value is not None}
        ran = subprocess.run(
            [_PORTICO, *arguments], env=env, input=typed, capture_output=True, text=True, timeout=60, check=False
        )
        return Answer(ran.returncode, ran.stdout, ran.stderr)

    return spawn


@pytest.fixture
def empty(database_urls, worker_id, owner):
    """The variables of a database with nothing in it."""
    name = f"portico_cli_{worker_id}"
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migration, login = (url.replace(f"/portico_{worker_id}?", f"/{name}?") for url in database_urls)
    yield {"DATABASE_URL": login, "DATABASE_MIGRATION_URL": migration}
    owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
