"""A real PostgreSQL and a real Redis for the whole run, a database for each worker, new tenants for each test."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app import create_app
from app.embedded import postgres, redis
from app.hashing import Argon2
from app.outbound import GuardedHttp
from app.settings import load
from app.storage import migrate
from app.storage import redis as redis_storage
from app.storage.pool import engine_over, open_pool
from app.wiring import Ports, wire
from tests.cast import Cast
from tests.fakes import CountingHasher, Letters, ManualQueue, Time, numbers_alone, published_keys

_TEMPLATE = "portico_template"
_LOGIN_PASSWORD = "only-in-tests-0123456789"


def pytest_configure(config):
    """The first process starts the servers; xdist's workers find them by the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(tempfile.mkdtemp(prefix="ptest-"))
    folder.chmod(0o755)
    # Only here: a database that survives no power cut is as good for tests, and faster.
    database = postgres.start(folder, settings={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    database.ensure_login_role(_LOGIN_PASSWORD)
    database.ensure_database(_TEMPLATE)
    migrate.upgrade(database.owner_url(_TEMPLATE), login_role=postgres.LOGIN_ROLE)
    cache = redis.start(folder, durable=False)
    config.portico_servers = (database, cache)
    os.environ["PORTICO_TEST_OWNER_URL"] = database.owner_url("postgres")
    os.environ["PORTICO_TEST_REDIS_URL"] = cache.url


def pytest_unconfigure(config):
    for server in reversed(getattr(config, "portico_servers", ())):
        server.stop()


@pytest.fixture(scope="session")
def database_urls(worker_id):
    """(owner, login): the addresses of this worker's own database, cloned from the migrated template."""
    owner = os.environ["PORTICO_TEST_OWNER_URL"]
    name = f"portico_{worker_id}"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        # Cloning needs the template to itself for a moment.
        connection.execute("SELECT pg_advisory_lock(7)")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_TEMPLATE))
        )
        connection.execute("SELECT pg_advisory_unlock(7)")
    own = owner.replace("/postgres?", f"/{name}?")
    return own, own.replace("postgres@", f"{postgres.LOGIN_ROLE}:{_LOGIN_PASSWORD}@")


@pytest.fixture
def owner(database_urls):
    """The owner of the schema, whom no policy binds: what really rests in the tables."""
    with psycopg.connect(database_urls[0], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def redis_url(worker_id):
    """A Redis database of this worker's own. News crosses databases, as it should."""
    number = int(worker_id.removeprefix("gw") or 0) + 1 if worker_id != "master" else 0
    return os.environ["PORTICO_TEST_REDIS_URL"].removesuffix("/0") + f"/{number}"


@pytest.fixture(scope="session")
def environ(database_urls, redis_url, tmp_path_factory):
    """The environment of a portal under test."""
    return {
        "PORTICO_ENV": "test",
        "DATABASE_URL": database_urls[1],
        "DATABASE_MIGRATION_URL": database_urls[0],
        "REDIS_URL": redis_url,
        "PORTICO_SECRET_KEY": "a key for tests alone, 9f8e7d6c5b4a3210",
        "PORTICO_ENCRYPTION_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "PORTICO_BASE_URL": "http://portal.test",
        "PORTICO_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "PORTICO_RATE_LIMIT_SCALE": "1000",
        "PORTICO_OUTBOUND_ALLOW": "127.0.0.0/8",
        "ARGON2_MEMORY_KIB": "8",
        "ARGON2_TIME": "1",
    }


@pytest.fixture(scope="session")
def settings(environ):
    return load(environ)


@pytest.fixture(scope="session")
def pool(settings):
    with open_pool(settings.database_url.get_secret_value(), most=40, application="tests") as pool:
        yield pool


@pytest.fixture(scope="session")
def engine(pool):
    return engine_over(pool)


@pytest.fixture(scope="session")
def hasher(settings):
    """Cheap parameters, in tests only, and a count of what was computed."""
    cheap = Argon2(memory_kib=settings.argon2_memory_kib, passes=settings.argon2_time, lanes=1, at_once=4)
    return CountingHasher(cheap)


@pytest.fixture(scope="session")
def _services(settings, pool, engine, hasher):
    connection = redis_storage.connect(settings.redis_url.get_secret_value())
    ports = Ports(
        pool=pool,
        engine=engine,
        redis=connection,
        queue=ManualQueue(),
        carrier=Letters(),
        hasher=hasher,
        http=GuardedHttp(settings.outbound_allow, resolve=numbers_alone),
        clock=Time(),
        make_key=published_keys(),
    )
    services = wire(settings, ports)
    yield services
    services.news.stop()
    connection.close()


@pytest.fixture(scope="session")
def _keeper(database_urls):
    """The owner's connection that lasts: for what is done before each test."""
    with psycopg.connect(database_urls[0], autocommit=True) as connection:
        yield connection


@pytest.fixture
def services(_services, _keeper):
    """Everything, wired over real storage. The clock is back at the wall, the mail is empty, Redis too."""
    _services.ports.redis.flushdb()
    # What a test before has promised is not for this one's mailbox.
    _keeper.execute("DELETE FROM outbox")
    _services.ports.clock.reset()
    _services.ports.carrier.clear()
    return _services


@pytest.fixture
def clock(services):
    return services.ports.clock


@pytest.fixture
def letters(services):
    """The mails that the worker has sent; ``letters.deliver()`` lets it work."""
    services.ports.carrier.drain = services.drainer.drain
    return services.ports.carrier


@pytest.fixture
def cast(services):
    """Acme with Ada (owner) and Bob (member); Globex with Mallory, who must see nothing."""
    return Cast(services)


@pytest.fixture(scope="session")
def app(_services):
    """The web application, in a process of its own as it were: it hears the news, the services beside it do not.

    It hears theirs at once, so that no test has to wait for them; ``wired`` portals hear by Redis alone.
    """
    portal = wire(_services.settings, _services.ports)
    told = _services.news.tell

    def tell(kind, **facts):
        told(kind, **facts)
        portal.news._handlers[kind](facts)

    _services.news.tell = tell
    yield create_app(portal)
    _services.news.tell = told
    portal.news.stop()


@pytest.fixture
def wired(services):
    """Another portal over the same storage, with other ports or settings: ``wired(clock=…)``."""

    def build(*, settings=None, **ports):
        return wire(settings or services.settings, replace(services.ports, **ports))

    return build
