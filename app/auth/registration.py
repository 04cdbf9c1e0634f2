"""Registration: the same answer, at the same price, for a new address and for one that exists."""

from dataclasses import dataclass
from functools import partial

from app import crypto, events
from app.auth import requests, verification
from app.auth.arriving import Proof
from app.auth.ending import Ending
from app.auth.errors import EmailTaken, RegistrationClosed, TenantSuspended
from app.auth.gate import Gate, SignedIn
from app.auth.login import AMR
from app.auth.new_passwords import Accepted, NewPasswords
from app.auth.password_policy import check_policy
from app.auth.rbac import NEWCOMER
from app.clock import Clock, wall_clock
from app.email import addresses
from app.email.addresses import Address
from app.errors import gather, refuse
from app.events import Event
from app.ids import uuid7
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import hot, links, roles, users
from app.storage.pool import Pool
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What was typed. ``wants_tokens`` matters only where no verification is asked for."""

    email: str
    password: str
    name: str = ""
    wants_tokens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """``challenge`` is for the browser or client that registered: with it the mailed link just verifies.

    ``signed_in`` is set where the tenant asks for no verification.
    """

    challenge: str
    signed_in: SignedIn | None = None


class Registration:
    """Creates accounts."""

    def __init__(
        self,
        pool: Pool,
        units: Units,
        *,
        gate: Gate,
        new_passwords: NewPasswords,
        ending: Ending,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._units = units
        self._gate = gate
        self._new_passwords = new_passwords
        self._ending = ending
        self._outbox = outbox
        self._clock = clock

    def register(self, tenant: Tenant, wanted: NewAccount, *, origin: Origin) -> Registered:
        """Register an address.

        1. Suspended tenant, registration closed: refused. A bad address, name or password: ``InvalidInput``.
        2. A new address: an account, unverified, and a mail with a link.
        3. An unverified one: this registration replaces the first, whose links die. A mail with a link.
        4. A verified one: nothing changes; its owner is told by mail. The answer is the same as for 2 and 3.

        Where the tenant asks for no verification: a session, or ``EmailTaken``.
        """
        if tenant.suspended:
            raise TenantSuspended
        if not (tenant.settings.registration_open and tenant.settings.allows("password")):
            raise RegistrationClosed
        gather(
            partial(clean_name, wanted.name),
            partial(addresses.parse, wanted.email),
            partial(check_policy, tenant, wanted.password, field="password", own_words=[wanted.name, wanted.email]),
        )
        address, name = addresses.parse(wanted.email), clean_name(wanted.name)
        accepted = self._new_passwords.accept(tenant, wanted.password, field="password", user=None)
        if not tenant.settings.email_verification_required:
            return self._register_at_once(tenant, wanted, address, name, accepted, origin=origin)
        challenge = crypto.mint()
        with self._units.begin(tenant.id) as unit:
            user = self._write(unit, tenant, address, name, accepted, challenge=challenge, origin=origin)
            # Where the address is taken these change nothing, and cost the same.
            owner = user.id if user else uuid7()
            self._new_passwords.remember(unit, tenant, owner, accepted)
            links.void(unit.db, tenant_id=tenant.id, user_id=owner, purpose=verification.PURPOSE, now=self._clock())
            requests.ask(
                unit,
                tenant,
                outbox=self._outbox,
                purpose=verification.PURPOSE,
                email=address.shown,
                life=verification.life(tenant),
                origin=origin,
                now=self._clock(),
                registration=True,
            )
        return Registered(challenge=challenge)

    def _write(
        self,
        unit: Unit,
        tenant: Tenant,
        address: Address,
        name: str,
        accepted: Accepted,
        *,
        challenge: str,
        origin: Origin,
    ) -> User | None:
        """The account, new or replaced; ``None`` for a verified address."""
        now = self._clock()
        user, fresh = users.register(
            unit.db,
            tenant_id=tenant.id,
            new_id=uuid7(),
            email=address.shown,
            email_key=address.key,
            name=name,
            password_hash=accepted.hash,
            challenge_digest=crypto.digest(challenge),
            replace=tenant.settings.email_verification_required,
            now=now,
        )
        if user and not fresh:
            self._ending.end(unit, tenant, user.id, now=now, reason="registered_again", actor=ANYBODY, origin=origin)
        row = events.row(
            Event.USER_REGISTERED,
            now=now,
            actor=ANYBODY,
            origin=origin,
            subject_id=user.id if user else None,
            outcome="success" if user else "refused",
            replaced=None if fresh or not user else True,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        return user

    def _register_at_once(
        self, tenant: Tenant, wanted: NewAccount, address: Address, name: str, accepted: Accepted, *, origin: Origin
    ) -> Registered:
        with self._units.begin(tenant.id) as unit:
            user = self._write(unit, tenant, address, name, accepted, challenge=crypto.mint(), origin=origin)
            if user is None:
                raise EmailTaken
            self._new_passwords.remember(unit, tenant, user.id, accepted)
            roles.assign(unit.db, tenant_id=tenant.id, user_id=user.id, name=NEWCOMER, now=self._clock())
        arrival = hot.person(
            self._pool,
            tenant_id=tenant.id,
            user_id=user.id,
            device_digest=crypto.digest(origin.device) if origin.device else None,
            now=self._clock(),
        )
        proof = Proof(amr=AMR, wants_tokens=wanted.wants_tokens)
        return Registered(challenge="", signed_in=self._gate.admit(tenant, arrival, proof, origin=origin))


def clean_name(typed: str) -> str:
    """A name as it will be shown. Raises ``InvalidInput`` for ``/name``."""
    name = " ".join(typed.split())
    if len(name) > _LONGEST_NAME:
        raise refuse("name", "too_long", f"Use at most {_LONGEST_NAME} characters.")
    if not name.isprintable():
        raise refuse("name", "invalid_name", "Use letters, digits and ordinary signs.")
    return name
