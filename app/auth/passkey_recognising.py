"""Whose passkey has answered, and what that proves: within the unit of whatever comes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import events
from app.auth import passkey_asking as asking
from app.auth import passkey_replies as replies
from app.auth.factors import PASSKEY_BOUND, PASSKEY_SYNCED, VERIFIED
from app.auth.passkey_asking import Purpose
from app.auth.passkey_replies import Credential, Reply, Signed, Unfit
from app.clock import Clock, wall_clock
from app.events import Event
from app.outbox import Outbox
from app.scope import ANYBODY, Origin
from app.storage import passkeys
from app.storage.passkeys import Passkey
from app.storage.unit import Unit
from app.tenancy import Tenant

METHOD = "passkey"
_TOLD_AGAIN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whose passkey it is, and what that proves."""

    user_id: UUID
    amr: tuple[str, ...]


class Recogniser:
    """Believes passkeys, or not."""

    def __init__(self, *, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def recognise(
        self,
        unit: Unit,
        tenant: Tenant,
        credential: Credential,
        *,
        purpose: Purpose,
        user_id: UUID | None,
        secret: str,
        origin: Origin,
    ) -> Known:
        """Whose passkey it is; ``user_id``: whose it has to be. Raises ``Unfit``, and the challenge is spent anyway.

        Somebody who says who they are by nothing but a passkey has to have been checked by it, and it has to remember
        whose it is (section 7.2, steps 6 and 17).
        """
        reply, now = replies.read(credential), self._clock()
        expected = asking.expected(unit, tenant, reply, purpose=purpose, user_id=user_id, secret=secret, now=now)
        passkey = passkeys.by_credential_id(unit.db, tenant_id=tenant.id, credential_id=reply.credential_id)
        if passkey is None or not _belongs(passkey, reply, user_id):
            raise Unfit("unknown")
        signed = replies.check(reply, expected, public_key=passkey.public_key)
        if user_id is None and not signed.verified:
            raise Unfit("not_verified", about=passkey.user_id)
        self._count(unit, tenant, passkey, signed, origin=origin)
        means = PASSKEY_BOUND if signed.bound else PASSKEY_SYNCED
        return Known(user_id=passkey.user_id, amr=(means, VERIFIED) if signed.verified else (means,))

    def failed(self, unit: Unit, tenant: Tenant, refused: Unfit, *, origin: Origin) -> None:
        """Write down that somebody has tried to sign in with a passkey."""
        row = events.row(
            Event.LOGIN_FAILED,
            now=self._clock(),
            actor=ANYBODY,
            origin=origin,
            subject_id=refused.about,
            outcome="refused",
            reason=refused.reason,
            method=METHOD,
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])

    def _count(self, unit: Unit, tenant: Tenant, passkey: Passkey, signed: Signed, *, origin: Origin) -> None:
        """Note the use. A counter that does not go up speaks of a copy: the use is refused, and the owner told.

        One statement decides, so that of two with the same count only one is believed.
        """
        counts = passkey.sign_count > 0 or signed.sign_count > 0
        cloned = counts and signed.sign_count <= passkey.sign_count
        if cloned or not self._note(unit, tenant, passkey, signed, cloned=False):
            told_at = passkey.cloned_at  # read before it is written
            self._note(unit, tenant, passkey, signed, cloned=True)
            self._warn(unit, tenant, passkey.user_id, told_at, origin=origin)
            raise Unfit("cloned", about=passkey.user_id)

    def _note(self, unit: Unit, tenant: Tenant, passkey: Passkey, signed: Signed, *, cloned: bool) -> bool:
        noted = passkeys.used(
            unit.db,
            tenant_id=tenant.id,
            passkey_id=passkey.id,
            sign_count=signed.sign_count,
            synced=signed.synced,
            cloned=cloned,
            now=self._clock(),
        )
        return noted is not None

    def _warn(self, unit: Unit, tenant: Tenant, user_id: UUID, told_at: datetime | None, *, origin: Origin) -> None:
        """Write it down each time, and tell the owner once a day."""
        now = self._clock()
        row = events.row(
            Event.USER_UPDATED,
            now=now,
            actor=ANYBODY,
            origin=origin,
            subject_id=user_id,
            changed="passkey_cloned",
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])
        if told_at is None or told_at < now - _TOLD_AGAIN_AFTER:
            self._outbox.put(
                unit,
                tenant_id=tenant.id,
                kind="mail.security_alert",
                user_id=user_id,
                reason="passkey_cloned",
            )


def _belongs(passkey: Passkey, reply: Reply, user_id: UUID | None) -> bool:
    """Whether it is the passkey of whom it has to be, and says so itself where it says anything."""
    if user_id is None:
        return reply.user_handle == passkey.user_id.bytes
    return passkey.user_id == user_id and reply.user_handle in {None, user_id.bytes}
