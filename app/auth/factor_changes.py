"""What follows when a second factor comes or goes, the same for each kind, in the unit of whatever changes it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app import events
from app.auth import factors
from app.auth.errors import InvalidToken, LastWayIn, SecondFactorNeeded
from app.clock import Clock, wall_clock
from app.events import Event
from app.outbox import Outbox
from app.scope import Actor, Origin
from app.storage import backup_codes, known_devices, passkeys, roles, sessions, totp_authenticators
from app.storage.base import Db
from app.storage.unit import Unit
from app.storage.users import User
from app.tenancy import Tenant

Kind = Literal["totp", "passkey"]
_ADDED: dict[Kind, Event] = {"totp": Event.SECOND_FACTOR_ENROLLED, "passkey": Event.PASSKEY_CREATED}
_REMOVED: dict[Kind, Event] = {"totp": Event.SECOND_FACTOR_REMOVED, "passkey": Event.PASSKEY_REMOVED}


class FactorChanges:
    """Writes it down, trusts no device any more, and tells the owner."""

    def __init__(self, *, outbox: Outbox, clock: Clock = wall_clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def added(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID,
        *,
        kind: Kind,
        factor_id: UUID,
        name: str,
        shown: str,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None = None,
    ) -> None:
        """A factor is theirs. Adding it has shown it (``shown``, in RFC 8176's words), and the session says so.

        The mail's link takes it away again (``taken_back``). Raises ``InvalidToken`` where the session has ended while
        we waited for the person's row: whoever was shut out leaves nothing behind. The caller holds that row.
        """
        now = self._clock()
        if session_id:
            self._strengthen(unit.db, tenant, session_id, shown)
        self._record(unit, tenant, user_id, _ADDED[kind], now=now, actor=actor, origin=origin, session_id=session_id)
        self.distrust(unit, tenant, user_id, actor=actor, origin=origin)
        self._outbox.put(
            unit,
            tenant_id=tenant.id,
            kind="mail.second_factor_enabled",
            user_id=user_id,
            factor=kind,
            factor_id=factor_id,
            name=name,
        )

    def removed(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID,
        *,
        kind: Kind,
        name: str,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None = None,
        reason: str | None = None,
    ) -> None:
        """The same, for one that is gone. Backup codes go with the last."""
        now = self._clock()
        self._record(
            unit,
            tenant,
            user_id,
            _REMOVED[kind],
            now=now,
            actor=actor,
            origin=origin,
            session_id=session_id,
            reason=reason,
        )
        self.distrust(unit, tenant, user_id, actor=actor, origin=origin)
        if not is_enrolled(unit.db, tenant, user_id):
            backup_codes.void(unit.db, tenant_id=tenant.id, user_id=user_id)
        self._outbox.put(
            unit, tenant_id=tenant.id, kind="mail.second_factor_disabled", user_id=user_id, factor=kind, name=name
        )

    def taken_back(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID,
        *,
        since: datetime,
        reason: str,
        actor: Actor,
        origin: Origin,
    ) -> None:
        """What has come since then goes: factors, what would become one, backup codes. Older ones stay.

        Somebody else was in the account: what they have added must not let them in again, nor shut its owner out. The
        codes on the owner's paper are not among it. The caller holds the person's row.
        """
        apps = totp_authenticators.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)
        came: list[tuple[Kind, UUID, str]] = [
            ("totp", app.id, app.name) for app in apps if app.confirmed_at and app.confirmed_at >= since
        ]
        keys = passkeys.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)
        came += [("passkey", key.id, key.name) for key in keys if key.created_at >= since]
        for app in apps:
            if app.confirmed_at is None:
                totp_authenticators.remove(unit.db, tenant_id=tenant.id, user_id=user_id, totp_id=app.id)
        passkeys.ask_no_more(unit.db, tenant_id=tenant.id, user_id=user_id)
        for kind, factor_id, name in came:
            _remove(unit.db, tenant, user_id, kind, factor_id)
            self.removed(unit, tenant, user_id, kind=kind, name=name, actor=actor, origin=origin, reason=reason)
        codes = backup_codes.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)
        if codes and codes.made_at >= since:
            backup_codes.void(unit.db, tenant_id=tenant.id, user_id=user_id)

    def distrust(self, unit: Unit, tenant: Tenant, user_id: UUID, *, actor: Actor, origin: Origin) -> None:
        """No device is trusted any more: each asks for a second factor again."""
        count = known_devices.distrust(unit.db, tenant_id=tenant.id, user_id=user_id)
        if count:
            row = events.row(
                Event.DEVICE_FORGOTTEN,
                now=self._clock(),
                actor=actor,
                origin=origin,
                subject_id=user_id,
                reason="distrusted",
                devices=count,
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])

    @staticmethod
    def guard_last(db: Db, tenant: Tenant, user: User, *, kind: Kind) -> None:
        """Whether one of this kind may go. The caller holds the person's row.

        1. It is the last passkey, and there is no other first step: ``LastWayIn``.
        2. It is the last factor, and the tenant asks for one: ``SecondFactorNeeded``.
        """
        apps = sum(
            app.confirmed_at is not None
            for app in totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user.id)
        )
        keys = len(passkeys.of_user(db, tenant_id=tenant.id, user_id=user.id))
        if kind == "passkey" and keys == 1 and not _has_another_way_in(tenant, user):
            raise LastWayIn
        held = roles.names_of(db, tenant_id=tenant.id, user_id=user.id)
        if apps + keys == 1 and tenant.settings.requires_second_factor(held):
            raise SecondFactorNeeded

    @staticmethod
    def _strengthen(db: Db, tenant: Tenant, session_id: UUID, word: str) -> None:
        session = sessions.by_id(db, tenant_id=tenant.id, session_id=session_id)
        if session is None or session.revoked_at:
            raise InvalidToken(log="ended meanwhile")
        if word not in session.amr:
            counts = tenant.settings.second_factor_email
            amr = factors.in_full((*session.amr, word), mail_counts=counts)
            acr = factors.acr_of(amr, mail_counts=counts)
            sessions.strengthen(db, tenant_id=tenant.id, session_id=session_id, amr=amr, acr=acr)

    def _record(
        self,
        unit: Unit,
        tenant: Tenant,
        user_id: UUID,
        event: Event,
        *,
        now: datetime,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None,
        reason: str | None = None,
    ) -> None:
        row = events.row(
            event, now=now, actor=actor, origin=origin, subject_id=user_id, session_id=session_id, reason=reason
        )
        events.record(unit, tenant_id=tenant.id, rows=[row])


def is_enrolled(db: Db, tenant: Tenant, user_id: UUID) -> bool:
    """Whether somebody has a second factor of their own."""
    apps = totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user_id)
    confirmed = any(app.confirmed_at is not None for app in apps)
    return confirmed or bool(passkeys.of_user(db, tenant_id=tenant.id, user_id=user_id))


def came_at(db: Db, tenant: Tenant, user_id: UUID, factor_id: UUID) -> datetime | None:
    """Since when a factor of somebody's counts; ``None`` where it is none of theirs."""
    apps = totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user_id)
    keys = passkeys.of_user(db, tenant_id=tenant.id, user_id=user_id)
    came = {app.id: app.confirmed_at for app in apps} | {key.id: key.created_at for key in keys}
    return came.get(factor_id)


def _remove(db: Db, tenant: Tenant, user_id: UUID, kind: Kind, factor_id: UUID) -> None:
    if kind == "totp":
        totp_authenticators.remove(db, tenant_id=tenant.id, user_id=user_id, totp_id=factor_id)
    else:
        passkeys.remove(db, tenant_id=tenant.id, user_id=user_id, passkey_id=factor_id)


def _has_another_way_in(tenant: Tenant, user: User) -> bool:
    by_password = tenant.settings.allows("password") and user.password_hash is not None
    return by_password or (tenant.settings.allows("magic_link") and user.email_verified_at is not None)
