"""What reaches outside the process, and how it is opened for real."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from app.auth.leaks import Hibp, Leaks, Unasked
from app.auth.published_keys import Algorithm, PrivateKey, new_key
from app.clock import Clock, wall_clock
from app.email.console import Mailbox
from app.email.post import Carrier
from app.email.smtp import Smtp
from app.hashing import Apart, Argon2, Hasher
from app.metrics import HASHES_WAITING
from app.outbound import GuardedHttp, Http
from app.queue import Queue, RqQueue
from app.serving import HASH_SOCKET
from app.settings import Settings
from app.storage import redis as redis_storage
from app.storage.pool import Pool, engine_over, open_pool
from app.storage.redis import Redis


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What reaches outside the process."""

    pool: Pool
    engine: Engine
    redis: Redis
    queue: Queue
    carrier: Carrier
    hasher: Hasher
    leaks: Leaks = field(default_factory=Unasked)
    http: Http = field(default_factory=GuardedHttp)
    clock: Clock = wall_clock
    make_key: Callable[[Algorithm], PrivateKey] = new_key


def real_ports(settings: Settings, *, application: str, connections: int) -> Ports:
    """The ports of a process that serves for real. ``connections``: the most it may hold to PostgreSQL."""
    pool = open_pool(settings.database_url.get_secret_value(), most=connections, application=application)
    pool.open()
    redis = redis_storage.connect(settings.redis_url.get_secret_value())
    carrier: Carrier = Smtp(settings) if settings.email_provider == "smtp" else mailbox_of(settings)
    return Ports(
        pool=pool,
        engine=engine_over(pool),
        redis=redis,
        queue=RqQueue(redis),
        carrier=carrier,
        hasher=_hasher(settings),
        leaks=Hibp(settings.hibp_url) if settings.hibp_enabled else Unasked(),
        http=GuardedHttp(settings.outbound_allow),
    )


def _hasher(settings: Settings) -> Hasher:
    here = Argon2(
        memory_kib=settings.argon2_memory_kib,
        passes=settings.argon2_time,
        lanes=settings.argon2_parallelism,
        at_once=settings.hash_processes,
    )
    return Apart(here=here, path=settings.data_dir / HASH_SOCKET, waiting=HASHES_WAITING.inc)


def mailbox_of(settings: Settings) -> Mailbox:
    return Mailbox(settings.data_dir / "mailbox")
