"""Backup codes: for whoever has lost their phone. A set of them for each person, each code of it once."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import events
from app.auth.errors import InvalidToken, SecondFactorNeeded
from app.auth.factor_changes import is_enrolled
from app.auth.freshness import Freshness
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.errors import NotFound
from app.events import Event
from app.hashing import Hasher
from app.outbox import Outbox
from app.scope import Actor, ActorKind, Origin, Scope
from app.storage import audit, backup_codes, sessions, users
from app.storage.unit import Unit, Units, unit_is_open
from app.tenancy import Tenant

METHOD = "backup_code"
# So long they are shown, unless their owner has saved them before.
LIFE = timedelta(hours=1)
_LENGTH = 10
_HALF = _LENGTH // 2
# RFC 4648, section 6: 50 random bits in ten characters, none of which looks like another.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MISREAD = str.maketrans("018", "OIB")
_LONGEST_TYPED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """How it stands with somebody's codes. ``saved``: they have said that they have them."""

    left: int
    made_at: datetime
    saved: bool


class BackupCodes:
    """Makes them, shows them for a while, and takes them."""

    def __init__(
        self,
        units: Units,
        *,
        hasher: Hasher,
        cipher: Cipher,
        outbox: Outbox,
        freshness: Freshness,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._hasher = hasher
        self._cipher = cipher
        self._outbox = outbox
        self._freshness = freshness
        self._clock = clock

    def make(self, tenant: Tenant, scope: Scope, *, show: bool = True) -> list[str]:
        """New codes for the caller, as they are shown; the old ones are void.

        ``show``: again, until they are saved; else they are handed over here, and kept in no shape that could be read.

        1. They have to confirm first that it is them: ``StepUpRequired``.
        2. They have no second factor that these could stand in for: ``SecondFactorNeeded``.
        3. Otherwise they are told by mail too: it may not have been them.
        """
        self._freshness.require(tenant, scope)
        return self.make_for(
            tenant,
            scope.user_id,
            actor=scope.actor,
            origin=scope.origin,
            session_id=scope.session_id,
            show=show,
            tell=True,
        )

    def make_for(
        self,
        tenant: Tenant,
        user_id: UUID,
        *,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None = None,
        show: bool = True,
        tell: bool = False,
    ) -> list[str]:
        """The same, for a caller who has made sure already that it is them. ``tell``: no other mail says it.

        Raises ``InvalidToken`` where the session has ended meanwhile: whoever was shut out gets none.
        """
        if not self.may_make(tenant, user_id):
            raise SecondFactorNeeded
        codes = _new(tenant.settings.backup_code_count)
        recipe = self._hasher.recipe()
        digests = [self._hasher.derive(code, recipe) for code in codes]
        sealed = self._cipher.encrypt("\n".join(codes).encode(), place=_place(tenant, user_id)) if show else None
        with self._units.begin(tenant.id) as unit:
            if users.lock(unit.db, tenant_id=tenant.id, user_id=user_id) is None:
                raise NotFound
            if not is_enrolled(unit.db, tenant, user_id):
                raise SecondFactorNeeded(log="removed meanwhile")
            if session_id and sessions.has_ended(unit.db, tenant_id=tenant.id, session_id=session_id):
                raise InvalidToken(log="ended meanwhile")
            now = self._clock()
            backup_codes.replace(
                unit.db,
                tenant_id=tenant.id,
                user_id=user_id,
                recipe=recipe,
                codes_encrypted=sealed,
                digests=digests,
                now=now,
            )
            row = events.row(
                Event.BACKUP_CODES_GENERATED,
                now=now,
                actor=actor,
                origin=origin,
                subject_id=user_id,
                session_id=session_id,
                codes=len(codes),
            )
            events.record(unit, tenant_id=tenant.id, rows=[row])
            if tell:
                self._outbox.put(
                    unit,
                    tenant_id=tenant.id,
                    kind="mail.security_alert",
                    user_id=user_id,
                    reason="backup_codes_made",
                )
        return [_grouped(code) for code in codes]

    def may_make(self, tenant: Tenant, user_id: UUID) -> bool:
        """Whether there is a second factor that codes could stand in for."""
        with self._units.read(tenant.id) as db:
            return is_enrolled(db, tenant, user_id)

    def look(self, tenant: Tenant, scope: Scope) -> list[str] | None:
        """``shown``, for the caller: a session that was only found does not see them. Raises ``StepUpRequired``.

        Where there is nothing to be seen, nothing is asked.
        """
        codes = self.shown(tenant, scope.user_id)
        if codes is not None:
            self._freshness.require(tenant, scope)
        return codes

    def shown(self, tenant: Tenant, user_id: UUID) -> list[str] | None:
        """The codes, while their owner has not saved them yet, and for an hour at the most."""
        with self._units.read(tenant.id) as db:
            found = backup_codes.of_user(db, tenant_id=tenant.id, user_id=user_id)
        if found is None or found.codes_encrypted is None or found.made_at <= self._clock() - LIFE:
            return None
        clear = self._cipher.decrypt(found.codes_encrypted, place=_place(tenant, user_id)).decode()
        return [_grouped(code) for code in clear.split("\n")]

    def saved(self, tenant: Tenant, user_id: UUID) -> None:
        """They have them: nobody is shown them again."""
        with self._units.begin(tenant.id) as unit:
            backup_codes.saved(unit.db, tenant_id=tenant.id, user_id=user_id, now=self._clock())

    def state(self, tenant: Tenant, user_id: UUID) -> BackupState | None:
        """How many are left; ``None`` where there never were any."""
        with self._units.read(tenant.id) as db:
            found = backup_codes.of_user(db, tenant_id=tenant.id, user_id=user_id)
            left = backup_codes.left(db, tenant_id=tenant.id, user_id=user_id)
        return BackupState(left=left, made_at=found.made_at, saved=found.saved_at is not None) if found else None

    def digest_of(self, tenant: Tenant, user_id: UUID, code: str) -> bytes | None:
        """What would rest of this code. Never inside a unit: it is slow, as slow where they have no codes.

        ``None``: it is no backup code at all, and no guess either.
        """
        if not is_backup_code(code):
            return None
        if unit_is_open():
            raise RuntimeError("hashing inside a unit")
        with self._units.read(tenant.id) as db:
            found = backup_codes.of_user(db, tenant_id=tenant.id, user_id=user_id)
        return self._hasher.derive(_normal(code), found.recipe if found else self._hasher.recipe())

    def spend(self, unit: Unit, tenant: Tenant, user_id: UUID, digest: bytes, *, origin: Origin) -> bool:
        """Use a code up, within the caller's unit: of many who try at once, one gets ``True``.

        Where few are left then, their owner is told: once for each set.
        """
        # The set is held, so that of two codes used at once each is counted as gone by the other.
        held = backup_codes.of_user(unit.db, tenant_id=tenant.id, user_id=user_id, hold=True)
        now = self._clock()
        if held is None or not backup_codes.spend(
            unit.db, tenant_id=tenant.id, user_id=user_id, code_digest=digest, now=now
        ):
            return False
        left = backup_codes.left(unit.db, tenant_id=tenant.id, user_id=user_id)
        happened = [Event.BACKUP_CODE_USED]
        if left <= tenant.settings.backup_codes_low and not _told(unit, tenant, user_id, since=held.made_at):
            happened.append(Event.BACKUP_CODES_LOW)
            self._outbox.put(unit, tenant_id=tenant.id, kind="mail.backup_codes_low", user_id=user_id)
        owner = Actor(kind=ActorKind.USER, id=user_id)
        rows = [
            events.row(event, now=now, actor=owner, origin=origin, subject_id=user_id, left=left) for event in happened
        ]
        events.record(unit, tenant_id=tenant.id, rows=rows)
        return True


def is_backup_code(typed: str) -> bool:
    """Whether it could be one."""
    code = _normal(typed)
    return len(code) == _LENGTH and set(code) <= set(_ALPHABET)


def _normal(typed: str) -> str:
    """A code as it was made: blanks and hyphens are how people group it, and digits that it has not are letters."""
    wide = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper()
    return "".join(sign for sign in wide if unicodedata.category(sign)[0] not in "ZPC").translate(_MISREAD)


def _grouped(code: str) -> str:
    return f"{code[:_HALF]}-{code[_HALF:]}"


def _new(count: int) -> list[str]:
    """So many different codes."""
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))] = None
    return list(found)


def _told(unit: Unit, tenant: Tenant, user_id: UUID, *, since: datetime) -> bool:
    """Whether they were told already that few of this set are left."""
    last = audit.latest(unit.db, tenant_id=tenant.id, subject_id=user_id, event=Event.BACKUP_CODES_LOW)
    return last is not None and last.at >= since


def _place(tenant: Tenant, user_id: UUID) -> str:
    return f"backup_code_sets:{tenant.id}:{user_id}"
