"""The only way a password is set: looked at while nothing is open, then written in the unit of whoever sets it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from app.auth import leak_checks
from app.auth.leaks import CannotTell, Leaks, fingerprint
from app.auth.password_policy import check_policy
from app.auth.passwords import Passwords
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.errors import refuse
from app.ids import uuid7
from app.outbox import Outbox
from app.storage import known_devices, links, password_history, users
from app.storage.unit import Unit, Units
from app.storage.users import User
from app.tenancy import Tenant

# More than any tenant asks to be compared with.
_REMEMBERED = 24
# Links that were sent while the old password was theirs, and that would let somebody in or change something.
_VOIDED = ("password_reset", "magic_link", "email_change")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A password that may be set. ``to_look_up``: its SHA-1, where nobody could tell whether it has leaked."""

    hash: str = field(repr=False)
    to_look_up: bytes | None = field(default=None, repr=False)


class NewPasswords:
    """Says whether a password may be chosen, and writes it."""

    def __init__(
        self,
        units: Units,
        *,
        passwords: Passwords,
        leaks: Leaks,
        cipher: Cipher,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._passwords = passwords
        self._leaks = leaks
        self._cipher = cipher
        self._outbox = outbox
        self._clock = clock

    def check(
        self, tenant: Tenant, password: str, *, field: str, own_words: Iterable[str], user: User | None
    ) -> Accepted:
        """Look at a password. Never inside a unit. ``user``: who has one already, if it is to replace it.

        1. One that the tenant's policy refuses: ``InvalidInput`` for ``field``.
        2. One that they have, or had lately (``reused``), or that is known to have leaked (``leaked``): the same.
        3. Otherwise it may be kept. So may one of which nobody can tell now: it is looked up later.
        """
        check_policy(tenant, password, field=field, own_words=own_words)
        return self.accept(tenant, password, field=field, user=user)

    def accept(self, tenant: Tenant, password: str, *, field: str, user: User | None) -> Accepted:
        """The rest of ``check``, for whoever has asked ``check_policy`` already, together with other fields."""
        if user and self._was_theirs(tenant, user, password):
            raise refuse(field, "reused", "You have used this password before. Please choose one that you have not.")
        sha1 = fingerprint(password)
        try:
            leaked, to_look_up = self._leaks.is_leaked(sha1), None
        except CannotTell as error:
            _log.warning("nobody can tell whether it has leaked", reason=str(error))
            leaked, to_look_up = False, sha1
        if leaked:
            sentence = (
                "This password has turned up in a data leak elsewhere, so others may know it. Please choose another."
            )
            raise refuse(field, "leaked", sentence)
        return Accepted(hash=self._passwords.hash(password), to_look_up=to_look_up)

    def unchecked(self, password: str) -> Accepted:
        """Any password at all: for the demo's seed alone."""
        return Accepted(hash=self._passwords.hash(password))

    def keep(self, unit: Unit, tenant: Tenant, user: User, accepted: Accepted, *, now: datetime) -> None:
        """Set the password of ``user``. The old one is remembered; links sent before die, and no device is trusted."""
        # Held from here on, so that of two who change it at once each remembers what the other wrote.
        users.lock(unit.db, tenant_id=tenant.id, user_id=user.id)
        password_history.add_current(unit.db, tenant_id=tenant.id, new_id=uuid7(), user_id=user.id, now=now)
        password_history.trim(unit.db, tenant_id=tenant.id, user_id=user.id, keep=_REMEMBERED)
        users.set_password(unit.db, tenant_id=tenant.id, user_id=user.id, password_hash=accepted.hash, now=now)
        for purpose in _VOIDED:
            links.void(unit.db, tenant_id=tenant.id, user_id=user.id, purpose=purpose, now=now)
        # Whoever knew the old one may have made a device of theirs a trusted one.
        known_devices.distrust(unit.db, tenant_id=tenant.id, user_id=user.id)
        self.remember(unit, tenant, user.id, accepted)

    def remember(self, unit: Unit, tenant: Tenant, user_id: UUID, accepted: Accepted) -> None:
        """What is left to do once an account has the password: ``keep`` does it by itself.

        An id that nobody has changes nothing, and costs the same.
        """
        if accepted.to_look_up is None:
            leak_checks.forget(unit, tenant, user_id=user_id)
            return
        leak_checks.remember(
            unit,
            tenant,
            user_id=user_id,
            sha1=accepted.to_look_up,
            cipher=self._cipher,
            outbox=self._outbox,
            now=self._clock(),
        )

    def _was_theirs(self, tenant: Tenant, user: User, password: str) -> bool:
        """Whether it is their password, or was one of the last. Always as many comparisons, however many there were."""
        comparisons = max(1, tenant.settings.password_history)
        with self._units.read(tenant.id) as db:
            older = password_history.newest(db, tenant_id=tenant.id, user_id=user.id, most=comparisons - 1)
        hashes = [user.password_hash, *older, *[None] * comparisons][:comparisons]
        return any([self._passwords.match(hashed, password) for hashed in hashes])  # noqa: C419 - every one of them
