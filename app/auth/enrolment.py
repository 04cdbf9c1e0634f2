"""Setting up a second factor on the way in, where it is required and there is none: a step of the gate."""

from dataclasses import replace
from datetime import datetime

from app import crypto
from app.auth.arriving import enrolment_due
from app.auth.backup_codes import BackupCodes
from app.auth.errors import InvalidCode
from app.auth.factors import PASSKEY_BOUND, PASSKEY_SYNCED, TOTP, is_enrolled
from app.auth.gate import Gate, SignedIn
from app.auth.passkey_asking import Asked
from app.auth.passkeys import Passkeys
from app.auth.pending import PendingLogins
from app.auth.second_factor import SecondFactor, Waiting
from app.auth.totp import NewTotp, Totp
from app.clock import Clock, wall_clock
from app.scope import Actor, ActorKind, Origin
from app.storage import pending_logins
from app.storage.unit import Units
from app.tenancy import Tenant


class Enrolment:
    """Lets somebody who has shown a first factor add a second one, and go on with it."""

    def __init__(
        self,
        units: Units,
        *,
        gate: Gate,
        pending: PendingLogins,
        second_factor: SecondFactor,
        totp: Totp,
        passkeys: Passkeys,
        backup_codes: BackupCodes,
        clock: Clock = wall_clock,
    ) -> None:
        self._units = units
        self._gate = gate
        self._pending = pending
        self._second_factor = second_factor
        self._totp = totp
        self._passkeys = passkeys
        self._backup_codes = backup_codes
        self._clock = clock

    def waiting(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> Waiting | None:
        """The sign-in that waits for a factor to be set up, or ``None``."""
        return self._second_factor.waiting(tenant, challenge, for_api=for_api, origin=origin, step="enrolment")

    def skip_until(self, tenant: Tenant, waiting: Waiting) -> datetime | None:
        """Until when they may put it off; ``None`` where they may not."""
        due = enrolment_due(tenant, waiting.arrival, now=self._clock())
        return due if due > self._clock() else None

    def begin_app(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> NewTotp:
        """Begin with an app. Raises ``InvalidCode`` where no sign-in waits for one."""
        waiting = self._must_wait(tenant, challenge, for_api=for_api, origin=origin)
        begun = self._totp.begin(tenant, user_id=waiting.user_id, email=waiting.email, name="")
        self._pending.enrolling(tenant, challenge or "", begun.id)
        return begun

    def shown_app(self, tenant: Tenant, waiting: Waiting) -> NewTotp | None:
        """The app that this sign-in has begun to set up, to be shown again.

        Whoever else knows the password waits with a challenge too: they must not see it, nor have theirs scanned.
        """
        shown = self._totp.shown(tenant, user_id=waiting.user_id, email=waiting.email)
        return shown if shown and shown.id == waiting.enrolling else None

    def confirm_app(
        self, tenant: Tenant, challenge: str | None, *, code: str, for_api: bool, origin: Origin
    ) -> SignedIn:
        """The app's first code, which is the second step of this sign-in too. Raises ``InvalidCode``."""
        waiting = self._must_wait(tenant, challenge, for_api=for_api, origin=origin)
        shown = self.shown_app(tenant, waiting)
        if shown is None:
            raise InvalidCode(log="no app is being set up")
        actor = Actor(kind=ActorKind.USER, id=waiting.user_id)
        self._totp.confirm(
            tenant,
            user_id=waiting.user_id,
            totp_id=shown.id,
            code=code,
            actor=actor,
            origin=origin,
            only_first=True,
        )
        if not for_api:
            self._with_codes(tenant, waiting, origin=origin)
        return self._go_on(tenant, challenge, waiting, TOTP, origin=origin)

    def ask_passkey(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> Asked:
        """What a new passkey has to be made with."""
        waiting = self._must_wait(tenant, challenge, for_api=for_api, origin=origin)
        return self._passkeys.ask_to_add(
            tenant,
            user_id=waiting.user_id,
            email=waiting.email,
            name=waiting.arrival.name or "",
            secret=challenge or "",
        )

    def add_passkey(
        self, tenant: Tenant, challenge: str | None, *, credential: str, for_api: bool, origin: Origin
    ) -> SignedIn:
        """Add a passkey, which is the second step of this sign-in too. Raises ``PasskeyRefused``."""
        waiting = self._must_wait(tenant, challenge, for_api=for_api, origin=origin)
        added = self._passkeys.add(
            tenant,
            user_id=waiting.user_id,
            secret=challenge or "",
            credential=credential,
            actor=Actor(kind=ActorKind.USER, id=waiting.user_id),
            origin=origin,
            only_first=True,
        )
        if not for_api:
            self._with_codes(tenant, waiting, origin=origin)
        word = PASSKEY_SYNCED if added.synced else PASSKEY_BOUND
        return self._go_on(tenant, challenge, waiting, word, origin=origin)

    def skip(self, tenant: Tenant, challenge: str | None, *, origin: Origin) -> SignedIn:
        """Put it off, as long as one may; else the gate asks again."""
        waiting = self._must_wait(tenant, challenge, for_api=False, origin=origin)
        waiting = replace(waiting, proof=replace(waiting.proof, postponed=True))
        return self._go_on(tenant, challenge, waiting, origin=origin)

    def _with_codes(self, tenant: Tenant, waiting: Waiting, *, origin: Origin) -> None:
        """Backup codes go with a first factor: the page shows them next. A program asks for them when it wants some."""
        if self._backup_codes.state(tenant, waiting.user_id) is None:
            actor = Actor(kind=ActorKind.USER, id=waiting.user_id)
            self._backup_codes.make_for(tenant, waiting.user_id, actor=actor, origin=origin)

    def _must_wait(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> Waiting:
        waiting = self.waiting(tenant, challenge, for_api=for_api, origin=origin)
        if waiting is None or waiting.arrival.disabled or waiting.arrival.leaving or tenant.suspended:
            raise InvalidCode(log="no sign-in waits for this")
        if is_enrolled(waiting.arrival):
            # Set up meanwhile: whoever holds this challenge has to show that one, not one of their own.
            raise InvalidCode(log="enrolled meanwhile")
        if not waiting.lane_open or waiting.arrival.password_changed_at != waiting.password_changed_at:
            raise InvalidCode(log="locked or changed meanwhile")
        return waiting

    def _go_on(self, tenant: Tenant, challenge: str | None, waiting: Waiting, *words: str, origin: Origin) -> SignedIn:
        """Of many who come here with one challenge, one goes on."""
        with self._units.begin(tenant.id) as unit:
            if not pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=crypto.digest(challenge or "")):
                raise InvalidCode(log="gone on already")
        return self._gate.admit(tenant, waiting.arrival, waiting.proof.with_factor(*words), origin=origin)
