"""Every service, and how they are built over the ports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.auth import leak_checks
from app.auth.assessing import Assessor
from app.auth.backup_codes import BackupCodes
from app.auth.blacklist import Blacklist
from app.auth.codes import Codes
from app.auth.email_change import EmailChange
from app.auth.ending import Ending
from app.auth.enrolment import Enrolment
from app.auth.factor_changes import FactorChanges
from app.auth.factor_reset_effects import FactorResetEffects
from app.auth.factor_resets import FactorResets
from app.auth.freshness import Freshness
from app.auth.gate import Gate
from app.auth.key_ring import KeyRing
from app.auth.leak_checks import LeakChecks
from app.auth.lock_down import LockDown
from app.auth.lockout import Lockout
from app.auth.login import Login
from app.auth.magic_links import MagicLinks
from app.auth.new_passwords import NewPasswords
from app.auth.owing import Owing
from app.auth.own_apps import OwnApps
from app.auth.own_password import OwnPassword
from app.auth.passkeys import Passkeys
from app.auth.password_change import PasswordChange
from app.auth.passwords import Passwords
from app.auth.pending import PendingLogins
from app.auth.reauthentication import Reauthentication
from app.auth.recovery import Recovery
from app.auth.refresh_tokens import Families
from app.auth.registration import Registration
from app.auth.renewals import Renewals
from app.auth.reopening import Reopening
from app.auth.risk import burst_for
from app.auth.second_factor import SecondFactor
from app.auth.sessions import Sessions
from app.auth.signing import Signer
from app.auth.telling import Telling
from app.auth.tokens import Tokens
from app.auth.totp import Totp
from app.auth.trusted_devices import TrustedDevices
from app.auth.verification import Verification
from app.crypto import Cipher
from app.email.console import Mailbox
from app.email.render import Writer
from app.health import Health
from app.idempotency.service import Idempotency
from app.oidc.aging import Aging
from app.oidc.uris import plain_to
from app.outbox import Drainer, Outbox
from app.places import Places
from app.places import text as place_in_words
from app.settings import Settings
from app.storage.news import News
from app.storage.unit import Units
from app.tenants.resolve import Tenants
from app.tenants.service import TenantAdministration
from app.upkeep import Upkeep
from app.users.activity import Activity
from app.users.erasure import Erasure
from app.users.exports import Exports
from app.users.farewell import Farewell
from app.users.locks import Locks
from app.users.profiles import Profiles
from app.users.risk_log import RiskLog
from app.users.service import Users
from app.wiring.factors import factors_of
from app.wiring.openid import OpenId, openid_of
from app.wiring.ports import Ports, mailbox_of
from app.wiring.promises import SLOW, calls, keepers_of, mails, own_data


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
    key_ring: KeyRing
    openid: OpenId
    sessions: Sessions
    login: Login
    pending_logins: PendingLogins
    magic_links: MagicLinks
    second_factor: SecondFactor
    enrolment: Enrolment
    passkeys: Passkeys
    recovery: Recovery
    reauthentication: Reauthentication
    freshness: Freshness
    password_change: PasswordChange
    email_change: EmailChange
    lock_down: LockDown
    reopening: Reopening
    totp: Totp
    own_apps: OwnApps
    backup_codes: BackupCodes
    trusted_devices: TrustedDevices
    factor_resets: FactorResets
    place_of: Callable[[str | None], str | None]
    registration: Registration
    verification: Verification
    tokens: Tokens
    users: Users
    profiles: Profiles
    locks: Locks
    risk_log: RiskLog
    activity: Activity
    exports: Exports
    farewell: Farewell
    idempotency: Idempotency
    outbox: Outbox
    drainer: Drainer
    upkeep: Upkeep
    health: Health
    mailbox: Mailbox

    def close(self) -> None:
        self.news.stop()
        self.ports.pool.close()
        self.ports.redis.close()


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
    ending = Ending(blacklist=blacklist, outbox=outbox)
    signer = Signer(units, cipher=cipher, news=news, clock=clock)
    key_ring = KeyRing(units, cipher=cipher, news=news, make=ports.make_key, clock=clock)
    families = Families(pool, cipher=cipher)
    tokens = Tokens(pool, units, signer=signer, ending=ending, outbox=outbox, families=families, clock=clock)
    passwords = Passwords(ports.hasher)
    new_passwords = NewPasswords(
        units, passwords=passwords, leaks=ports.leaks, cipher=cipher, outbox=outbox, clock=clock
    )
    lockout = Lockout(pool, units, outbox=outbox, clock=clock)
    pending = PendingLogins(units, clock=clock)
    codes = Codes(settings.secret_key.get_secret_value())
    own_password = OwnPassword(lockout=lockout, passwords=passwords)
    changes = FactorChanges(outbox=outbox, clock=clock)
    lock_down = LockDown(units, ending=ending, changes=changes, outbox=outbox, clock=clock)
    freshness = Freshness(units, clock=clock)
    sessions = Sessions(pool, units, signer=signer, blacklist=blacklist, ending=ending, clock=clock)
    gate = Gate(
        pool,
        tokens=tokens,
        assessor=Assessor(places=places, burst=burst_for(settings.rate_limit_scale)),
        owing=Owing(units, pending=pending, outbox=outbox),
        ending=ending,
        outbox=outbox,
        clock=clock,
    )
    factors = factors_of(
        ports,
        units,
        gate=gate,
        lockout=lockout,
        pending=pending,
        codes=codes,
        cipher=cipher,
        outbox=outbox,
        changes=changes,
        freshness=freshness,
        own_password=own_password,
        renewals=Renewals(tokens=tokens, signer=signer, ending=ending, clock=clock),
    )
    tenants = Tenants(pool, settings=settings, news=news)
    post = Writer(ports.carrier)
    openid = openid_of(
        ports,
        units,
        news=news,
        key_ring=key_ring,
        cipher=cipher,
        blacklist=blacklist,
        families=families,
        outbox=outbox,
        freshness=freshness,
        plain=plain_to((one.network for one in settings.outbound_allow), this_device=settings.env != "production"),
        secret=settings.secret_key.get_secret_value(),
        ending=ending,
        sessions=sessions,
    )
    drainer = Drainer(
        units,
        keepers=keepers_of(
            tenants,
            mails(units, post, clock, codes=codes, telling=Telling(places), outbox=outbox)
            | own_data(units, post, clock, outbox=outbox, cipher=cipher)
            | calls(openid.backchannel)
            | {
                leak_checks.KIND: LeakChecks(
                    units, leaks=ports.leaks, cipher=cipher, outbox=outbox, clock=clock
                ).ask_again
            },
        ),
        slow=SLOW,
        clock=clock,
        lease=timedelta(seconds=settings.outbox_lease_seconds),
    )
    return Services(
        settings=settings,
        ports=ports,
        units=units,
        news=news,
        tenants=tenants,
        tenant_administration=TenantAdministration(
            units, freshness=freshness, settings=settings, news=news, clock=clock
        ),
        signer=signer,
        key_ring=key_ring,
        openid=openid,
        sessions=sessions,
        login=Login(gate=gate, lockout=lockout, passwords=passwords),
        pending_logins=pending,
        magic_links=MagicLinks(
            units, gate=gate, lockout=lockout, pending=pending, codes=codes, outbox=outbox, clock=clock
        ),
        totp=factors.totp,
        own_apps=factors.own_apps,
        backup_codes=factors.backup_codes,
        passkeys=factors.passkeys,
        second_factor=factors.second_factor,
        enrolment=factors.enrolment,
        reauthentication=factors.reauthentication,
        freshness=freshness,
        recovery=Recovery(
            units,
            new_passwords=new_passwords,
            freshness=freshness,
            lockout=lockout,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        password_change=PasswordChange(
            units,
            new_passwords=new_passwords,
            own_password=own_password,
            freshness=freshness,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        email_change=EmailChange(
            units,
            freshness=freshness,
            lock_down=lock_down,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        lock_down=lock_down,
        reopening=Reopening(units, lockout=lockout, clock=clock),
        trusted_devices=TrustedDevices(units, clock=clock),
        factor_resets=FactorResets(units, freshness=freshness, outbox=outbox, clock=clock),
        place_of=place_of,
        registration=Registration(
            pool, units, gate=gate, new_passwords=new_passwords, ending=ending, outbox=outbox, clock=clock
        ),
        verification=Verification(
            units, passwords=passwords, new_passwords=new_passwords, ending=ending, outbox=outbox, clock=clock
        ),
        tokens=tokens,
        users=Users(units, new_passwords=new_passwords, lockout=lockout, ending=ending, clock=clock),
        profiles=Profiles(pool, units, clock=clock),
        locks=Locks(units, lockout=lockout, freshness=freshness, clock=clock),
        risk_log=RiskLog(units, burst=burst_for(settings.rate_limit_scale)),
        activity=Activity(units, place_of=place_of),
        exports=Exports(
            units, freshness=freshness, outbox=outbox, cipher=cipher, clock=clock, scale=settings.rate_limit_scale
        ),
        farewell=Farewell(
            units,
            freshness=freshness,
            ending=ending,
            outbox=outbox,
            clock=clock,
        ),
        idempotency=Idempotency(
            units,
            cipher=cipher,
            secrets=[one.get_secret_value() for one in (settings.secret_key, *settings.secret_key_fallbacks)],
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
            key_ring=key_ring,
            erasure=Erasure(units, clock=clock),
            aging=Aging(units, outbox=outbox, clock=clock),
            factor_resets=FactorResetEffects(
                units, tenant_of=tenants.by_id, changes=changes, ending=ending, outbox=outbox, clock=clock
            ),
            clock=clock,
        ),
        health=Health(pool, units, redis=ports.redis, drainer=drainer, clock=clock),
        mailbox=mailbox_of(settings),
    )
