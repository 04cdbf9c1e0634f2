"""Workers and schedulers as processes, and a relay that they hand mail to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from app.auth.registration import NewAccount
from app.ids import uuid7
from app.outbox import Drainer, Outbox
from tests.cast import an_origin
from tests.outbox.relay import Anywhere, RedisServer, Relay

_PORTICO = str(Path(sys.executable).with_name("portico"))
_PATIENCE_S = 60


@pytest.fixture
def relay_with():
    """Start relays: ``relay_with(handler, **options)`` gives its port."""
    started = []

    def start(handler, **options):
        controller = Anywhere(handler, hostname="127.0.0.1", port=0, **options)
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def relay(relay_with):
    relay = Relay()
    relay.port = relay_with(relay)
    return relay


@pytest.fixture
def until():
    """Wait for something, not longer than it may take on a busy machine."""

    def until(condition, *, seconds=_PATIENCE_S):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)
        return found

    return until


@pytest.fixture
def redis_server(tmp_path):
    """A Redis of this test's own, that it may empty and kill."""

    server = RedisServer(tmp_path)
    yield server
    server.running.kill()


@pytest.fixture
def process(environ, relay, redis_server, tmp_path):
    """Start ``portico worker`` or ``portico scheduler`` for real; all are killed at the end."""
    started = []

    def start(command, **variables):
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **environ,
            "REDIS_URL": redis_server.url,
            "EMAIL_PROVIDER": "smtp",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(relay.port),
            "SMTP_TLS": "none",
            **variables,
        }
        log = (tmp_path / f"{command}-{len(started)}.log").open("wb")
        started.append(subprocess.Popen([_PORTICO, command], env=environment, stdout=log, stderr=log))
        log.close()
        return started[-1]

    yield start
    for child in started:
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.fixture(autouse=True)
def clean(services, database_urls):
    """Nothing that one test has promised is kept in another."""
    yield
    with psycopg.connect(database_urls[0], autocommit=True) as owner:
        owner.execute("DELETE FROM outbox")


@pytest.fixture
def entries(database_urls):
    """What rests in the outbox of a tenant."""

    def entries(tenant):
        with psycopg.connect(database_urls[0], row_factory=psycopg.rows.dict_row) as owner:
            return owner.execute("SELECT * FROM outbox WHERE tenant_id = %s ORDER BY id", [tenant.id]).fetchall()

    return entries


@pytest.fixture
def register(services, cast):
    """Somebody registers: one promise of a mail."""

    def register(email="petra@acme.example", *, portal=None, tenant=None):
        new = NewAccount(email=email, password="petra velvet orbit 71", name="Petra")
        (portal or services).registration.register(tenant or cast.acme, new, origin=an_origin())

    return register


@pytest.fixture
def promise(services, cast):
    """Write promises down."""

    def promise(kind="mail.test", *, number=1, **payload):
        outbox = Outbox(services.ports.queue, clock=services.ports.clock)
        for _ in range(number):
            with services.units.begin(cast.acme.id) as unit:
                outbox.put(unit, tenant_id=cast.acme.id, kind=kind, **(payload or {"id": uuid7()}))

    return promise


@pytest.fixture
def drainer(services):
    """A drainer whose one kind is kept by ``keep``."""

    def drainer(keep, **options):
        return Drainer(services.units, keepers={"mail.test": keep}, clock=services.ports.clock, **options)

    return drainer
