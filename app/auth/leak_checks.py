"""A password that could not be looked up when it was chosen: it was accepted, and is looked up later by the worker."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app import events
from app.auth.leaks import Leaks
from app.clock import Clock, wall_clock
from app.crypto import Cipher, Undecipherable
from app.events import Event
from app.outbox import Outbox, Undeliverable
from app.scope import SYSTEM, Origin
from app.storage import leak_checks, users
from app.storage.leak_checks import LeakCheck
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

KIND = "password.leak_check"
LIFE = timedelta(hours=24)


def remember(
    unit: Unit, tenant: Tenant, *, user_id: UUID, sha1: bytes, cipher: Cipher, outbox: Outbox, now: datetime
) -> None:
    """Have the current password of somebody looked up later. What rests until then is encrypted."""
    leak_checks.put(
        unit.db,
        tenant_id=tenant.id,
        user_id=user_id,
        sha1_encrypted=cipher.encrypt(sha1, place=_place(tenant, user_id)),
        expires_at=now + LIFE,
    )
    outbox.put(unit, tenant_id=tenant.id, kind=KIND, user_id=user_id)


def forget(unit: Unit, tenant: Tenant, *, user_id: UUID) -> None:
    """Whatever was to be looked up is not their password any more."""
    leak_checks.remove(unit.db, tenant_id=tenant.id, user_id=user_id)


class LeakChecks:
    """Keeps the promise ``password.leak_check``."""

    def __init__(
        self, units: Units, *, leaks: Leaks, cipher: Cipher, outbox: Outbox, clock: Clock = wall_clock
    ) -> None:
        self._units = units
        self._leaks = leaks
        self._cipher = cipher
        self._outbox = outbox
        self._clock = clock

    def ask_again(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Look up what could not be looked up.

        1. Nothing to look up any more, or older than a day: nothing.
        2. Still nobody can tell: ``CannotTell``, and it is tried again later.
        3. It has not leaked: nothing rests any more.
        4. It has, and is still their password: noted on the account, and they are told by mail.
        """
        user_id = UUID(payload["user_id"])
        with self._units.read(tenant.id) as db:
            check = leak_checks.waiting(db, tenant_id=tenant.id, user_id=user_id, now=self._clock())
        if check is None:
            return
        leaked = self._leaks.is_leaked(self._open(tenant, check))
        with self._units.begin(tenant.id) as unit:
            if leaked:
                self._note(unit, tenant, check)
            leak_checks.remove(
                unit.db, tenant_id=tenant.id, user_id=user_id, password_changed_at=check.password_changed_at
            )

    def _open(self, tenant: Tenant, check: LeakCheck) -> bytes:
        try:
            return self._cipher.decrypt(check.sha1_encrypted, place=_place(tenant, check.user_id))
        except Undecipherable as error:
            raise Undeliverable("the key of a leak check is gone") from error

    def _note(self, unit: Unit, tenant: Tenant, check: LeakCheck) -> None:
        now = self._clock()
        if not users.note_leak(
            unit.db,
            tenant_id=tenant.id,
            user_id=check.user_id,
            password_changed_at=check.password_changed_at,
            now=now,
        ):
            return
        row = events.row(
            Event.USER_UPDATED,
            now=now,
            actor=SYSTEM,
            origin=Origin(),
            subject_id=check.user_id,
            changed="password_leaked",
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        self._outbox.put(
            unit, tenant_id=tenant.id, kind="mail.security_alert", user_id=check.user_id, reason="password_leaked"
        )


def _place(tenant: Tenant, user_id: UUID) -> str:
    return f"leak_checks:{tenant.id}:{user_id}"
