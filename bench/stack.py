"""What is measured: real servers, and ``portico web`` beside a worker and the scheduler, as in production."""

import base64
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from app.embedded import postgres, redis
from bench import processes

ROOT = Path(__file__).parents[1]
_PATIENCE_S = 60
_PEER = "peer"
_PEERS_CONNECTIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How the web server is set up."""

    server: str
    workers: int
    threads: int

    def __str__(self) -> str:
        return f"{self.server}, {self.workers} workers, {self.threads} threads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A running ``portico web``, and a bare Flask application under the same server with the same settings."""

    variant: Variant
    port: int
    bare_port: int
    pid: int
    bare_pid: int

    @property
    def meters(self) -> dict[str, Callable[[], float]]:
        """CPU seconds so far, by part. One of the two servers idles while the other is measured."""
        return {
            "web": partial(processes.cpu, [self.pid, self.bare_pid], only=processes.is_not_hashing),
            "hashing": partial(processes.cpu, [self.pid], only=processes.is_hashing),
        }

    def memory(self) -> dict[str, processes.Memory]:
        """After a warm-up. ``server`` is the web server alone: without its parent and without hashing."""
        return {
            "web": processes.memory(self.pid, only=processes.is_not_hashing),
            "server": processes.memory(self.pid, only=processes.is_server),
            "hashing": processes.memory(self.pid, only=processes.is_hashing),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A peer's server that runs."""

    port: int
    pid: int

    @property
    def meters(self) -> dict[str, Callable[[], float]]:
        return {"web": partial(processes.cpu, [self.pid]), "hashing": lambda: 0.0}

    def memory(self) -> dict[str, processes.Memory]:
        return {"peer": processes.memory(self.pid, only=lambda _: True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything that runs. ``environ`` is what the portal's processes were started with."""

    environ: dict[str, str]
    owner_url: str
    peer_url: str  # a database of its own, on the same server
    webs: tuple[Web, ...]
    meters: dict[str, Callable[[], float]]  # CPU seconds so far, of what all webs share


@contextmanager
def running(variants: list[Variant]) -> Iterator[Stack]:
    """Start all, and end all of it whatever happens."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pbench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        database = postgres.start(folder, settings={"max_connections": str(_connections(variants))})
        stack.callback(database.stop)
        database.ensure_login_role(password := secrets.token_urlsafe(24))
        database.ensure_database()
        database.ensure_database(_PEER)
        cache = redis.start(folder)
        stack.callback(cache.stop)
        ports = [_free_port() for _ in range(2 * len(variants) + 1)]
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PORTICO_", "ARGON2_"))},
            "PORTICO_ENV": "test",
            "DATABASE_URL": database.login_url(postgres.DATABASE, password),
            "DATABASE_MIGRATION_URL": database.owner_url(),
            "REDIS_URL": cache.url,
            "PORTICO_SECRET_KEY": secrets.token_urlsafe(32),
            "PORTICO_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
            # One for all variants, so that each accepts what another has issued. The Host's port is ignored.
            "PORTICO_BASE_URL": f"http://localhost:{ports.pop()}",
            "PORTICO_DATA_DIR": str(folder),
            "PORTICO_RATE_LIMIT_SCALE": "1000000",
        }
        start = partial(_start, stack, folder / "log")
        migration = start([sys.executable, "-m", "app.cli", "migrate"], environ)
        if migration.wait():
            raise RuntimeError(f"`portico migrate` failed:\n{(folder / 'log').read_text()[-2000:]}")
        rest = [start([sys.executable, "-m", "app.cli", role], environ).pid for role in ("worker", "scheduler")]
        webs = tuple(
            _web(start, environ, folder=folder, variant=variant, ports=(ports.pop(), ports.pop()))
            for variant in variants
        )
        yield Stack(
            environ=environ,
            owner_url=database.owner_url(),
            peer_url=database.owner_url(_PEER),
            webs=webs,
            meters={
                "postgresql": partial(processes.cpu, [database.pid]),
                "redis": partial(processes.cpu, [cache.pid]),
                "rest": partial(processes.cpu, rest),
            },
        )


def analyze(everything: Stack) -> None:
    """What autovacuum does within a minute: plans are made for tables that are known."""
    for url in (everything.owner_url, everything.peer_url):
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("VACUUM (ANALYZE)")


@contextmanager
def serving(command: list[str], environ: dict[str, str], *, folder: Path) -> Iterator[Server]:
    """A peer's server: started in ``folder`` with ``environ``, told where in PORT, ended whatever happens."""
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pbench-peer-")))
        port = _free_port()
        own = {**os.environ, **environ, "PORT": str(port)}
        process = _start(stack, logs / "log", command, own, folder=folder)
        _await(lambda: _answers(port, "/.well-known/openid-configuration"), process, logs)
        yield Server(port=port, pid=process.pid)


def _web(
    start: Callable[..., "subprocess.Popen[bytes]"],
    environ: dict[str, str],
    *,
    folder: Path,
    variant: Variant,
    ports: tuple[int, int],
) -> Web:
    port, bare_port = ports
    own = {
        **environ,
        "PORT": str(port),
        "PORTICO_DATA_DIR": str(folder / f"web-{port}"),  # the hashing processes' socket is there
        "WEB_SERVER": variant.server,
        "WEB_WORKERS": str(variant.workers),
        "WEB_THREADS": str(variant.threads),
    }
    web = start([sys.executable, "-m", "app.cli", "web"], own)
    _await(lambda: _answers(port, "/readyz"), web, folder)
    # The very command that serves the portal, with another application.
    server = next(filter(processes.is_server, map(processes.command_of, (p.pid for p in processes.tree(web.pid)))))
    words = {"wsgi:app": "bench.bare:app", str(port): str(bare_port), f"127.0.0.1:{port}": f"127.0.0.1:{bare_port}"}
    bare = start([sys.executable, *(words.get(word, word) for word in server[1:])], own)
    _await(lambda: _answers(bare_port, "/"), bare, folder)
    return Web(variant=variant, port=port, bare_port=bare_port, pid=web.pid, bare_pid=bare.pid)


def _start(
    stack: ExitStack, log: Path, command: list[str], environ: dict[str, str], *, folder: Path = ROOT
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=file, stderr=file, process_group=0)
    stack.callback(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _await(condition: Callable[[], bool], process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args} does not serve:\n{(folder / 'log').read_text()[-3000:]}")
        time.sleep(0.1)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connections(variants: list[Variant]) -> int:
    """PostgreSQL's own 200 for one variant; more where several stand side by side, each with its bare twin."""
    return max(200, 60 + _PEERS_CONNECTIONS + sum(2 * variant.workers * (variant.threads + 4) for variant in variants))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
