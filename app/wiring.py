"""The one place that builds things. wsgi, worker, CLI and tests all call ``wire``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from app.auth.alerts import Alerts
from app.auth.blacklist import Blacklist
from app.auth.ending import Ending
from app.auth.gate import Gate
from app.auth.lockout import Lockout
from app.auth.login import Login
from app.auth.passwords import Passwords
from app.auth.pending import PendingLogins
from app.auth.registration import Registration
from app.auth.sessions import Sessions
from app.auth.signing import Signer
from app.auth.tokens import Tokens
from app.auth.verification import Verification, VerificationMail
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.email.console import Mailbox
from app.email.post import Carrier
from app.email.render import Writer
from app.email.smtp import Smtp
from app.hashing import Apart, Argon2, Hasher
from app.health import Health
from app.metrics import HASHES_WAITING
from app.outbox import Drainer, Outbox, Undeliverable
from app.queue import Queue, RqQueue
from app.serving import HASH_SOCKET
from app.settings import Settings
from app.storage import redis as redis_storage
from app.storage.limit_counts import uri as limit_counts_uri
from app.storage.news import News
from app.storage.pool import Pool, engine_over, open_pool
from app.storage.pool import is_away as database_is_away
from app.storage.redis import PATIENCE_S as REDIS_PATIENCE_S
from app.storage.redis import Away as RedisAway
from app.storage.redis import Redis
from app.storage.unit import Units
from app.tenancy import Tenant
from app.tenants.resolve import Tenants
from app.tenants.service import TenantAdministration
from app.upkeep import Upkeep
from app.users.service import Users

# What the edge has to know of what lies below it.
__all__ = [
    "REDIS_PATIENCE_S",
    "Ports",
    "RedisAway",
    "Services",
    "database_is_away",
    "limit_counts_uri",
    "real_ports",
    "wire",
]
Keep = Callable[[Tenant, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What reaches outside the process."""

    pool: Pool
    engine: Engine
    redis: Redis
    queue: Queue
    carrier: Carrier
    hasher: Hasher
    clock: Clock = wall_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the edge, the worker and the CLI may call."""

    settings: Settings
    ports: Ports
    units: Units
    news: News
    tenants: Tenants
    tenant_administration: TenantAdministration
    signer: Signer
    sessions: Sessions
    login: Login
    pending_logins: PendingLogins
    registration: Registration
    verification: Verification
    tokens: Tokens
    users: Users
    outbox: Outbox
    drainer: Drainer
    upkeep: Upkeep
    health: Health
    mailbox: Mailbox

    def close(self) -> None:
        self.news.stop()
        self.ports.pool.close()
        self.ports.redis.close()


def real_ports(settings: Settings, *, application: str, connections: int) -> Ports:
    """The ports of a process that serves for real. ``connections``: the most it may hold to PostgreSQL."""
    pool = open_pool(settings.database_url.get_secret_value(), most=connections, application=application)
    pool.open()
    redis = redis_storage.connect(settings.redis_url.get_secret_value())
    carrier: Carrier = Smtp(settings) if settings.email_provider == "smtp" else _mailbox(settings)
    return Ports(
        pool=pool,
        engine=engine_over(pool),
        redis=redis,
        queue=RqQueue(redis),
        carrier=carrier,
        hasher=_hasher(settings),
    )


def wire(settings: Settings, ports: Ports) -> Services:
    """Build every service over ``ports``."""
    pool, clock = ports.pool, ports.clock
    units = Units(ports.engine)
    news = News(ports.redis)
    outbox = Outbox(ports.queue, clock=clock)
    cipher = Cipher(settings.encryption_key_bytes)
    blacklist = Blacklist(units, redis=ports.redis, news=news, clock=clock)
    ending = Ending(blacklist=blacklist)
    signer = Signer(units, cipher=cipher, clock=clock)
    tokens = Tokens(pool, units, signer=signer, ending=ending, outbox=outbox, cipher=cipher, clock=clock)
    passwords = Passwords(ports.hasher)
    lockout = Lockout(pool, units, outbox=outbox, clock=clock)
    gate = Gate(pool, units, tokens=tokens, clock=clock)
    tenants = Tenants(pool, settings=settings, news=news)
    drainer = Drainer(
        units,
        keepers=_keepers(tenants, _promises(units, Writer(ports.carrier), clock)),
        clock=clock,
        lease=timedelta(seconds=settings.outbox_lease_seconds),
    )
    return Services(
        settings=settings,
        ports=ports,
        units=units,
        news=news,
        tenants=tenants,
        tenant_administration=TenantAdministration(units, settings=settings, news=news, clock=clock),
        signer=signer,
        sessions=Sessions(pool, units, signer=signer, blacklist=blacklist, ending=ending, clock=clock),
        login=Login(gate=gate, lockout=lockout, passwords=passwords),
        pending_logins=PendingLogins(units, clock=clock),
        registration=Registration(units, gate=gate, passwords=passwords, ending=ending, outbox=outbox, clock=clock),
        verification=Verification(units, passwords=passwords, ending=ending, outbox=outbox, clock=clock),
        tokens=tokens,
        users=Users(units, passwords=passwords, lockout=lockout, ending=ending, clock=clock),
        outbox=outbox,
        drainer=drainer,
        upkeep=Upkeep(pool, units, queue=ports.queue, drainer=drainer, blacklist=blacklist, clock=clock),
        health=Health(pool, units, redis=ports.redis, drainer=drainer, clock=clock),
        mailbox=_mailbox(settings),
    )


def _promises(units: Units, post: Writer, clock: Clock) -> dict[str, Keep]:
    """Who keeps which kind of promise."""
    alerts = Alerts(units, post=post)
    return {
        "mail.verification": VerificationMail(units, post=post, clock=clock).send_now,
        "mail.security_alert": alerts.security_alert,
        "mail.account_locked": alerts.account_locked,
    }


def _keepers(tenants: Tenants, promises: Mapping[str, Keep]) -> dict[str, Callable[[UUID, Mapping[str, Any]], None]]:
    def keeper(keep: Keep) -> Callable[[UUID, Mapping[str, Any]], None]:
        def kept(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
            tenant = tenants.by_id(tenant_id)
            if tenant is None:
                raise Undeliverable("the tenant is gone")
            if tenant.suspended:
                raise Undeliverable("the tenant is suspended")
            keep(tenant, payload)

        return kept

    return {kind: keeper(keep) for kind, keep in promises.items()}


def _hasher(settings: Settings) -> Hasher:
    here = Argon2(
        memory_kib=settings.argon2_memory_kib,
        passes=settings.argon2_time,
        lanes=settings.argon2_parallelism,
        at_once=settings.hash_processes,
    )
    return Apart(here=here, path=settings.data_dir / HASH_SOCKET, waiting=HASHES_WAITING.inc)


def _mailbox(settings: Settings) -> Mailbox:
    return Mailbox(settings.data_dir / "mailbox")
