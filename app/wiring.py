"""The one place that builds things. wsgi, worker, CLI and tests all call ``wire``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from app.auth import leak_checks
from app.auth.alerts import Alerts
from app.auth.assessing import Assessor
from app.auth.blacklist import Blacklist
from app.auth.codes import Codes
from app.auth.email_change import EmailChange, EmailChangeMail
from app.auth.email_codes import EmailCodeMail, EmailCodes
from app.auth.ending import Ending
from app.auth.gate import Gate
from app.auth.leak_checks import LeakChecks
from app.auth.leaks import Hibp, Leaks, Unasked
from app.auth.lock_down import LockDown
from app.auth.lockout import Lockout
from app.auth.login import Login
from app.auth.magic_link_mail import MagicLinkMail
from app.auth.magic_links import MagicLinks
from app.auth.new_passwords import NewPasswords
from app.auth.owing import Owing
from app.auth.password_change import PasswordChange
from app.auth.passwords import Passwords
from app.auth.pending import PendingLogins
from app.auth.reauthentication import Reauthentication
from app.auth.recovery import Recovery, RecoveryMail
from app.auth.registration import Registration
from app.auth.reopening import Reopening
from app.auth.risk import burst_for
from app.auth.sessions import Sessions
from app.auth.signing import Signer
from app.auth.telling import Telling
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
from app.places import Places
from app.places import text as place_in_words
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
from app.users.activity import Activity
from app.users.erasure import Erasure, FarewellMail
from app.users.export_building import ExportBuilder
from app.users.exports import Exports
from app.users.farewell import Farewell
from app.users.locks import Locks
from app.users.risk_log import RiskLog
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
    leaks: Leaks = field(default_factory=Unasked)
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
    magic_links: MagicLinks
    email_codes: EmailCodes
    recovery: Recovery
    password_change: PasswordChange
    email_change: EmailChange
    lock_down: LockDown
    reopening: Reopening
    place_of: Callable[[str | None], str | None]
    registration: Registration
    verification: Verification
    tokens: Tokens
    users: Users
    locks: Locks
    risk_log: RiskLog
    activity: Activity
    exports: Exports
    farewell: Farewell
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
        leaks=Hibp(settings.hibp_url) if settings.hibp_enabled else Unasked(),
    )


def wire(settings: Settings, ports: Ports) -> Services:
    """Build every service over ``ports``."""
    pool, clock = ports.pool, ports.clock
    units = Units(ports.engine)
    news = News(ports.redis)
    places = Places(settings.geoip_db_path)

    def place_of(ip: str | None) -> str | None:
        return place_in_words(places.look_up(ip)) or None

    outbox = Outbox(ports.queue, clock=clock)
    cipher = Cipher(settings.encryption_key_bytes)
    blacklist = Blacklist(units, redis=ports.redis, news=news, clock=clock)
    ending = Ending(blacklist=blacklist)
    signer = Signer(units, cipher=cipher, clock=clock)
    tokens = Tokens(pool, units, signer=signer, ending=ending, outbox=outbox, cipher=cipher, clock=clock)
    passwords = Passwords(ports.hasher)
    new_passwords = NewPasswords(
        units, passwords=passwords, leaks=ports.leaks, cipher=cipher, outbox=outbox, clock=clock
    )
    lockout = Lockout(pool, units, outbox=outbox, clock=clock)
    pending = PendingLogins(units, clock=clock)
    codes = Codes(settings.secret_key.get_secret_value())
    reauthentication = Reauthentication(lockout=lockout, passwords=passwords)
    lock_down = LockDown(units, ending=ending, outbox=outbox, clock=clock)
    gate = Gate(
        pool,
        tokens=tokens,
        assessor=Assessor(places=places, burst=burst_for(settings.rate_limit_scale)),
        owing=Owing(units, pending=pending, outbox=outbox),
        ending=ending,
        outbox=outbox,
        clock=clock,
    )
    tenants = Tenants(pool, settings=settings, news=news)
    post = Writer(ports.carrier)
    checks = LeakChecks(units, leaks=ports.leaks, cipher=cipher, outbox=outbox, clock=clock)
    drainer = Drainer(
        units,
        keepers=_keepers(
            tenants,
            _promises(units, post, clock, codes=codes, telling=Telling(places), outbox=outbox)
            | _own_data(units, post, clock, outbox=outbox, cipher=cipher)
            | {leak_checks.KIND: checks.ask_again},
        ),
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
        pending_logins=pending,
        magic_links=MagicLinks(
            units, gate=gate, lockout=lockout, pending=pending, codes=codes, outbox=outbox, clock=clock
        ),
        email_codes=EmailCodes(
            units, gate=gate, lockout=lockout, pending=pending, codes=codes, outbox=outbox, clock=clock
        ),
        recovery=Recovery(
            units, new_passwords=new_passwords, lockout=lockout, ending=ending, outbox=outbox, clock=clock
        ),
        password_change=PasswordChange(
            units,
            new_passwords=new_passwords,
            reauthentication=reauthentication,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        email_change=EmailChange(
            units,
            reauthentication=reauthentication,
            lock_down=lock_down,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        lock_down=lock_down,
        reopening=Reopening(units, lockout=lockout, clock=clock),
        place_of=place_of,
        registration=Registration(
            pool, units, gate=gate, new_passwords=new_passwords, ending=ending, outbox=outbox, clock=clock
        ),
        verification=Verification(
            units, passwords=passwords, new_passwords=new_passwords, ending=ending, outbox=outbox, clock=clock
        ),
        tokens=tokens,
        users=Users(units, new_passwords=new_passwords, lockout=lockout, ending=ending, clock=clock),
        locks=Locks(units, lockout=lockout, clock=clock),
        risk_log=RiskLog(units, burst=burst_for(settings.rate_limit_scale)),
        activity=Activity(units, place_of=place_of),
        exports=Exports(units, outbox=outbox, cipher=cipher, clock=clock, scale=settings.rate_limit_scale),
        farewell=Farewell(
            units,
            reauthentication=reauthentication,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        outbox=outbox,
        drainer=drainer,
        upkeep=Upkeep(
            pool,
            units,
            queue=ports.queue,
            drainer=drainer,
            blacklist=blacklist,
            erasure=Erasure(units, clock=clock),
            clock=clock,
        ),
        health=Health(pool, units, redis=ports.redis, drainer=drainer, clock=clock),
        mailbox=_mailbox(settings),
    )


def _promises(
    units: Units, post: Writer, clock: Clock, *, codes: Codes, telling: Telling, outbox: Outbox
) -> dict[str, Keep]:
    """Who keeps which kind of promise."""
    alerts = Alerts(units, post=post, telling=telling, clock=clock)
    changes = EmailChangeMail(units, post=post, clock=clock)
    return {
        "mail.verification": VerificationMail(units, post=post, clock=clock).send_now,
        "mail.magic_link": MagicLinkMail(
            units, post=post, codes=codes, telling=telling, outbox=outbox, clock=clock
        ).send_now,
        "mail.email_code": EmailCodeMail(units, post=post, codes=codes, telling=telling, clock=clock).send_now,
        "mail.password_reset": RecoveryMail(units, post=post, outbox=outbox, clock=clock).send_now,
        "mail.email_change": changes.prove,
        "mail.email_changed": changes.tell,
        "mail.security_alert": alerts.security_alert,
        "mail.sign_in_blocked": alerts.sign_in_blocked,
        "mail.account_locked": alerts.account_locked,
        "mail.login_alert": alerts.login_alert,
        "mail.session_revoked": alerts.session_revoked,
        "mail.password_changed": alerts.password_changed,
        "mail.welcome": alerts.welcome,
    }


def _own_data(units: Units, post: Writer, clock: Clock, *, outbox: Outbox, cipher: Cipher) -> dict[str, Keep]:
    builder = ExportBuilder(units, outbox=outbox, cipher=cipher, post=post, clock=clock)
    return {
        "export.build": builder.build_now,
        "mail.data_export": builder.send_now,
        "mail.account_deleted": FarewellMail(units, post=post, clock=clock).send_now,
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
