"""``portico dev``: everything the portal needs, started in order, watched, and ended in the opposite order."""

import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg

from app.embedded import demo_app, postgres, redis
from app.embedded._children import Children, ToldToStopError
from app.embedded._process import StartError, locked, make_directory, until, write_private
from app.embedded.environment import LOGIN_PASSWORD, data_dir_of, given, secret_variables, secrets_for

COMMAND = (sys.executable, "-m", "app.cli")
SERVICES = ("web", "worker", "scheduler")
DEMO_TENANTS = ("acme", "globex")

_READY_WITHIN = 90  # seconds
_HIGHEST_PORT = 65535
_DEFAULTS = {
    "PORTICO_ENV": "development",
    "PORTICO_RATE_LIMIT_SCALE": "100",
    "EMAIL_PROVIDER": "console",
    # Applications that one is writing run here, too.
    "PORTICO_OUTBOUND_ALLOW": "127.0.0.0/8 ::1/128",
    "LOG_LEVEL": "INFO",
    "PYTHONUNBUFFERED": "1",
}

Say = Callable[[str], None]


def run(environ: Mapping[str, str], *, announce: Say = print, command: Sequence[str] = COMMAND) -> int:
    """Start the portal and keep it running until Ctrl-C, SIGTERM or SIGHUP.

    Databases that ``environ`` does not name are started under ``PORTICO_DATA_DIR``. Returns the exit code: 0 after a
    clean end, 1 when something is missing, which one line has then said.
    """

    def say(line: str) -> None:
        announce(line)
        sys.stdout.flush()

    try:
        with ExitStack() as stack:
            stopping = stack.enter_context(_told_to_stop())
            return _supervise(environ, say=say, command=command, stopping=stopping, stack=stack)
    except ToldToStopError:
        return 0
    except (StartError, OSError, psycopg.Error) as error:
        say(f"portico: {' '.join(str(error).split())}")
        return 1


def _supervise(
    environ: Mapping[str, str],
    *,
    say: Say,
    command: Sequence[str],
    stopping: Callable[[], bool],
    stack: ExitStack,
) -> int:
    data_dir = make_directory(data_dir_of(environ))
    run_file = data_dir / "run.json"
    stack.enter_context(_alone(data_dir))
    port = _port(environ)
    demo = demo_app.url_of(environ)
    # Where a supervisor was killed, its web server may still be on its way out.
    _wait_for_port(port, seconds=15 if run_file.exists() else 0)
    run_file.unlink(missing_ok=True)
    stack.callback(run_file.unlink, missing_ok=True)
    say("Starting Portico …")
    servers = _servers(environ, data_dir=data_dir, stack=stack)
    settings = _settings(environ, data_dir=data_dir, port=port, servers=servers)
    children = Children(command=command, environ=settings, say=say, stopping=stopping)
    stack.callback(children.stop)
    for step in ("migrate", "seed"):
        children.complete(step)
    for service in SERVICES:
        children.start(service)
    _wait_until_ready(children, port=port)
    demo = _start_demo_app(demo, children=children, data_dir=data_dir)
    write_private(run_file, json.dumps(_facts(settings, servers=servers, demo=demo), indent=2) + "\n")
    say(_banner(settings["PORTICO_BASE_URL"], demo=demo))
    stack.callback(say, "Stopping …")
    return _watch(children, servers=servers, say=say)


@dataclass(kw_only=True)
class _Servers:
    """Where the databases are, and the ones that are ours."""

    database_url: str = ""
    migration_url: str = ""
    redis_url: str = ""
    own_postgres: postgres.Postgres | None = None
    own_redis: redis.Redis | None = None

    def mend(self, data_dir: Path, *, say: Say) -> None:
        """Start again what ended, where it was: the children know no other address."""
        if self.own_postgres and not self.own_postgres.running:
            say("PostgreSQL ended unexpectedly; starting it again")
            self.own_postgres = postgres.start(data_dir)
        if self.own_redis and not self.own_redis.running:
            say("Redis ended unexpectedly; starting it again")
            self.own_redis = redis.start(data_dir, port=self.own_redis.port)

    def stop(self) -> None:
        """Redis, then PostgreSQL: those that run now."""
        for server in (self.own_redis, self.own_postgres):
            if server:
                server.stop()


def _servers(environ: Mapping[str, str], *, data_dir: Path, stack: ExitStack) -> _Servers:
    """Find the databases that ``environ`` names, or start our own, which ``stack`` ends: Redis, then PostgreSQL."""
    password = secrets_for(data_dir)[LOGIN_PASSWORD]
    named, owner = given(environ, "DATABASE_URL"), given(environ, "DATABASE_MIGRATION_URL")
    if owner and not named:
        raise StartError("DATABASE_MIGRATION_URL is set without DATABASE_URL: set both, or neither")
    servers = _Servers(redis_url=given(environ, "REDIS_URL") or "")
    stack.callback(servers.stop)
    if not named:
        database = servers.own_postgres = postgres.start(data_dir)
        database.ensure_database()
        database.ensure_login_role(password)
        named, owner = database.login_url(postgres.DATABASE, password), database.owner_url()
    elif not owner:
        named, owner = _login_url(named, password), named
    servers.database_url, servers.migration_url = named, owner
    if not servers.redis_url:
        servers.own_redis = redis.start(data_dir)
        servers.redis_url = servers.own_redis.url
    return servers


def _login_url(owner_url: str, password: str) -> str:
    """Make the login role on somebody's server; return its address. Raises ``StartError`` when it cannot log in."""
    postgres.ensure_login_role(owner_url, password)
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    url = parts._replace(netloc=f"{postgres.LOGIN_ROLE}:{quote(password, safe='')}@{place}").geturl()
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        # It may have been made by another installation: a new password would lock that one out.
        remedy = "set DATABASE_URL to its address, and DATABASE_MIGRATION_URL to the owner's"
        raise StartError(f"the role {postgres.LOGIN_ROLE} cannot log in ({error}): {remedy}") from None
    return url


def _settings(environ: Mapping[str, str], *, data_dir: Path, port: int, servers: _Servers) -> dict[str, str]:
    """Make the children's environment: what was given, and what development needs besides."""
    # What came as a file has been read, and goes on by value.
    read = {"DATABASE_URL_FILE", "DATABASE_MIGRATION_URL_FILE", "REDIS_URL_FILE"}
    return {
        **_DEFAULTS,
        "PORTICO_BASE_URL": f"http://localhost:{port}",
        **{name: value for name, value in environ.items() if name not in read},
        **secret_variables(environ, data_dir),
        "PORTICO_ENV": "development",
        "PORTICO_DATA_DIR": str(data_dir),
        "PORT": str(port),
        "DATABASE_URL": servers.database_url,
        "DATABASE_MIGRATION_URL": servers.migration_url,
        "REDIS_URL": servers.redis_url,
    }


def _start_demo_app(url: str | None, *, children: Children, data_dir: Path) -> str | None:
    """Start it, and say where it is; None without it. A port that is taken is no reason for the portal not to start."""
    issuer = _tenant_url(children.environ["PORTICO_BASE_URL"], demo_app.TENANT)
    environ = url and demo_app.environment(children.environ, issuer=issuer, url=url, data_dir=data_dir)
    if not url or not environ:
        return None
    if not demo_app.is_free(url):
        children.say(f"{url} is in use, so the demo application is left out: DEMO_APP_PORT moves it")
        return None
    children.programs[demo_app.ROLE] = (demo_app.program(), environ)
    children.start(demo_app.ROLE)
    return url


def _facts(settings: Mapping[str, str], *, servers: _Servers, demo: str | None) -> dict[str, object]:
    base_url = settings["PORTICO_BASE_URL"]
    return {
        "base_url": base_url,
        "port": int(settings["PORT"]),
        "tenants": {slug: _tenant_url(base_url, slug) for slug in DEMO_TENANTS},
        "database_url": servers.database_url,
        "database_migration_url": servers.migration_url,
        "redis_url": servers.redis_url,
        "demo_app": demo,
        "pid": os.getpid(),
    }


def _tenant_url(base_url: str, slug: str) -> str:
    return base_url.replace("://", f"://{slug}.", 1)


def _banner(base_url: str, *, demo: str | None) -> str:
    acme, globex = (_tenant_url(base_url, slug) for slug in DEMO_TENANTS)
    return f"""
  Portico is running. Ctrl-C stops it; the data stay.

    {acme:<34} ada@acme.example (owner), bob@acme.example
    {globex:<34} ada@globex.example (owner), bob@globex.example
    {base_url:<34} ops@platform.example (operator)
{_demo_line(demo)}
    password of all  correct horse battery staple
    mailbox          {acme}/dev/mailbox
"""


def _demo_line(demo: str | None) -> str:
    return f"    {demo:<34} an application that signs people of acme in\n" if demo else ""


def _watch(children: Children, *, servers: _Servers, say: Say) -> int:
    """Mend what breaks until we are told to stop. Never returns before."""
    try:
        while True:
            children.mend()
            servers.mend(Path(children.environ["PORTICO_DATA_DIR"]), say=say)
            children.pause(0.2)
    except ToldToStopError:
        return 0


def _wait_until_ready(children: Children, *, port: int) -> None:
    """Until the web server says that it and all it needs are ready. Raises ``StartError``, ``ToldToStopError``."""

    def ready() -> bool:
        children.pause()
        if dead := children.dead():
            raise StartError("; ".join(f"{role} ended at its start ({how}): see above" for role, how in dead.items()))
        return _answers(port)

    if not until(ready, seconds=_READY_WITHIN):
        raise StartError(f"http://127.0.0.1:{port}/readyz did not answer 200 within {_READY_WITHIN} s: see above")


def _answers(port: int) -> bool:
    # Not urllib: it would ask a proxy that the environment names.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _port(environ: Mapping[str, str]) -> int:
    said = environ.get("PORT") or "8000"
    if not said.isdecimal() or not 1 <= int(said) <= _HIGHEST_PORT:
        raise StartError(f"PORT must be a number from 1 to {_HIGHEST_PORT}")
    return int(said)


def _wait_for_port(port: int, *, seconds: float) -> None:
    def free() -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                raise StartError(f"only root may listen on port {port}: set PORT to another one") from None
            except OSError:
                return False
            return True

    if not until(free, seconds=seconds):
        raise StartError(f"port {port} is in use: stop what listens there, or set PORT to another one")


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    try:
        with locked(data_dir / "supervisor.lock", wait=False):
            yield
    except BlockingIOError:
        raise StartError(f"it runs already on {data_dir}: stop it, or set PORTICO_DATA_DIR and PORT") from None


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether a signal has told us to stop. A flag, so that nothing is cut short in the middle."""
    told: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda number, _: told.append(number)) for number in signals}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
