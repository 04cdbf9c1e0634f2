"""Authentication apps: a code every half minute (RFC 6238), each accepted once, wherever it is typed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pyotp

from app import crypto
from app.auth import codes, factor_names
from app.auth.code_guesses import CodeGuesses
from app.auth.errors import EmailNotVerified, InvalidCode, MethodDisabled
from app.auth.factor_changes import FactorChanges, is_enrolled
from app.auth.factors import TOTP
from app.clock import Clock, wall_clock
from app.crypto import Cipher
from app.errors import NotFound, Problem, refuse, settle
from app.ids import uuid7
from app.scope import ANYBODY, Actor, Origin
from app.storage import totp_authenticators, users
from app.storage.base import Db
from app.storage.totp_authenticators import TotpAuthenticator
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

MOST = 2
METHOD = "totp"
# An enrolment that was begun: so long its secret is shown again, and may be confirmed.
LIFE = timedelta(hours=1)
_PERIOD_S = 30
_NAME = "Authentication app"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTotp:
    """An app that is being enrolled. ``secret`` (base32) and ``uri`` go to its owner, and nowhere else."""

    id: UUID
    name: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpView:
    """An app that counts."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


class Totp:
    """Enrols apps, and takes their codes. What asks first whether it is really them: ``OwnApps``."""

    def __init__(
        self,
        units: Units,
        *,
        cipher: Cipher,
        guesses: CodeGuesses,
        changes: FactorChanges,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._cipher = cipher
        self._guesses = guesses
        self._changes = changes
        self._clock = clock

    def begin(self, tenant: Tenant, *, user_id: UUID, email: str, name: str = "") -> NewTotp:
        """Begin to enrol an app; one that was begun before and never confirmed makes way.

        1. The tenant has switched second factors off: ``MethodDisabled``. Nobody has proven the address yet, so that
           somebody else might shut its owner out: ``EmailNotVerified``.
        2. There are as many as are allowed, or the name cannot be one: ``InvalidInput``.
        3. Otherwise its secret. It counts once a code of it was typed.
        """
        if tenant.settings.second_factor == "off":
            raise MethodDisabled
        wanted = factor_names.clean(name) if name.strip() else _NAME
        new_id, secret = uuid7(), pyotp.random_base32()
        sealed = self._cipher.encrypt(secret.encode(), place=_place(tenant, new_id))
        with self._units.begin(tenant.id) as unit:
            user = users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
            if user is None:
                raise NotFound
            if not user.email_verified_at:
                raise EmailNotVerified
            _refuse_more(unit.db, tenant, user_id)
            totp_authenticators.add(
                unit.db,
                tenant_id=tenant.id,
                new_id=new_id,
                user_id=user_id,
                name=wanted,
                secret_encrypted=sealed,
                now=self._clock(),
            )
        return _new(tenant, new_id, wanted, secret, email)

    def shown(self, tenant: Tenant, *, user_id: UUID, email: str) -> NewTotp | None:
        """The enrolment under way, for the page to show it again; ``None`` where there is none, or it is too old."""
        with self._units.read(tenant.id) as db:
            app = self._open(db, tenant, user_id)
        return _new(tenant, app.id, app.name, self._secret(tenant, app), email) if app else None

    def confirm(
        self,
        tenant: Tenant,
        *,
        user_id: UUID,
        totp_id: UUID,
        code: str,
        actor: Actor = ANYBODY,
        origin: Origin,
        session_id: UUID | None = None,
        only_first: bool = False,
    ) -> None:
        """A first code of the app: from now on it counts, and that code never again.

        1. No such enrolment, or it took too long: ``NotFound``.
        2. A wrong code, or one too many: ``InvalidCode``, and counted. What is no code at all is not counted. With
           ``only_first``, for whoever has shown one factor alone: ``InvalidCode`` too, where there is a second already.
        3. Otherwise the app is theirs; they are told by mail. Of many who try at once, one gets through.
        """
        if tenant.settings.second_factor == "off":
            raise MethodDisabled
        with self._units.read(tenant.id) as db:
            app = self._open(db, tenant, user_id)
        if app is None or app.id != totp_id:
            raise NotFound
        if not codes.is_code(code):
            raise InvalidCode
        let_in = self._guesses.begin(tenant, user_id)
        step = step_of(self._secret(tenant, app), code, self._clock()) if let_in else None
        with self._units.begin(tenant.id) as unit:
            outcome: TotpAuthenticator | Problem
            if step is None:
                self._guesses.failed(unit, tenant, user_id, method=METHOD, origin=origin, actor=actor, let_in=let_in)
                outcome = InvalidCode(log="wrong" if let_in else "locked")
            elif self._is_too_late(unit, tenant, user_id, only_first=only_first):
                outcome = InvalidCode(log="has a second factor already")
            else:
                outcome = self._enrol(unit, tenant, app, step, actor=actor, origin=origin, session_id=session_id)
        settle(outcome)

    def spend(self, unit: Unit, tenant: Tenant, user_id: UUID, code: str) -> bool:
        """Take a code of one of their apps, within the caller's unit: ``True`` once for each step of an app."""
        now = self._clock()
        steps = {
            app.id: step
            for app in totp_authenticators.of_user(unit.db, tenant_id=tenant.id, user_id=user_id)
            if app.confirmed_at and (step := step_of(self._secret(tenant, app), code, now))
        }
        spent = totp_authenticators.spend(unit.db, tenant_id=tenant.id, user_id=user_id, steps=steps, now=now)
        return spent is not None

    def list(self, tenant: Tenant, user_id: UUID) -> "list[TotpView]":
        """The apps that count, oldest first."""
        with self._units.read(tenant.id) as db:
            return [
                TotpView(id=app.id, name=app.name, created_at=app.created_at, last_used_at=app.last_used_at)
                for app in _confirmed(db, tenant, user_id)
            ]

    @staticmethod
    def _is_too_late(unit: Unit, tenant: Tenant, user_id: UUID, *, only_first: bool) -> bool:
        """Whether there is a second factor already, and must not be. From here on their row is held.

        So two who confirm at once cannot both be the first, nor the last that there is room for.
        """
        users.lock(unit.db, tenant_id=tenant.id, user_id=user_id)
        return only_first and is_enrolled(unit.db, tenant, user_id)

    def _enrol(
        self,
        unit: Unit,
        tenant: Tenant,
        app: TotpAuthenticator,
        step: int,
        *,
        actor: Actor,
        origin: Origin,
        session_id: UUID | None,
    ) -> TotpAuthenticator | Problem:
        _refuse_more(unit.db, tenant, app.user_id)
        enrolled = totp_authenticators.confirm(
            unit.db, tenant_id=tenant.id, user_id=app.user_id, totp_id=app.id, step=step, now=self._clock()
        )
        if enrolled is None:
            return InvalidCode(log="confirmed or replaced meanwhile")
        self._guesses.right(unit, tenant, app.user_id)
        self._changes.added(
            unit,
            tenant,
            app.user_id,
            kind="totp",
            factor_id=enrolled.id,
            name=enrolled.name,
            shown=TOTP,
            actor=actor,
            origin=origin,
            session_id=session_id,
        )
        return enrolled

    def _open(self, db: Db, tenant: Tenant, user_id: UUID) -> TotpAuthenticator | None:
        """The enrolment under way."""
        since = self._clock() - LIFE
        apps = totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user_id)
        return next((app for app in apps if app.confirmed_at is None and app.created_at > since), None)

    def _secret(self, tenant: Tenant, app: TotpAuthenticator) -> str:
        return self._cipher.decrypt(app.secret_encrypted, place=_place(tenant, app.id)).decode()


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The half minute whose code was typed: this one, the one before or the one after. ``None``: a wrong code."""
    totp, current = pyotp.TOTP(secret, interval=_PERIOD_S), int(now.timestamp()) // _PERIOD_S
    digits = codes.digits(typed).encode()
    near = (current - 1, current, current + 1)
    return max((step for step in near if crypto.same(totp.generate_otp(step).encode(), digits)), default=None)


def _refuse_more(db: Db, tenant: Tenant, user_id: UUID) -> None:
    if len(_confirmed(db, tenant, user_id)) >= MOST:
        raise refuse("name", "too_many", f"You have {MOST} apps already. Remove one of them first.")


def _confirmed(db: Db, tenant: Tenant, user_id: UUID) -> list[TotpAuthenticator]:
    apps = totp_authenticators.of_user(db, tenant_id=tenant.id, user_id=user_id)
    return [app for app in apps if app.confirmed_at is not None]


def _new(tenant: Tenant, totp_id: UUID, name: str, secret: str, email: str) -> NewTotp:
    # Said in full, though it is what every app assumes: some refuse to guess.
    asked = {"digits": codes.DIGITS, "period": _PERIOD_S}
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=tenant.name)
    extra = "".join(f"&{name}={value}" for name, value in asked.items())
    return NewTotp(id=totp_id, name=name, secret=secret, uri=uri + extra)


def _place(tenant: Tenant, totp_id: UUID) -> str:
    return f"totp_authenticators:{tenant.id}:{totp_id}"
