"""What is owed after a first factor that was right: another one, or a code by mail where a sign-in looked unusual."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from app import crypto
from app.auth.arriving import Proof
from app.auth.backup_codes import BackupCodes
from app.auth.code_guesses import CodeGuesses
from app.auth.codes import is_code
from app.auth.email_codes import EmailCodes
from app.auth.errors import InvalidCode, TenantSuspended
from app.auth.factors import BACKUP, EMAIL, TOTP, Method, methods_for
from app.auth.gate import Gate, SignedIn
from app.auth.lockout import Lockout
from app.auth.passkey_asking import Asked
from app.auth.passkeys import Passkeys
from app.auth.pending import Pending, PendingLogins, ProvenStep
from app.auth.totp import Totp
from app.errors import Problem, settle
from app.outbox import Outbox
from app.scope import Origin
from app.storage import pending_logins
from app.storage.hot import Arrival
from app.storage.unit import Unit, Units
from app.tenancy import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was typed for a challenge, by which method. ``credential``: what a passkey said, as JSON."""

    challenge: str | None
    method: str
    code: str = ""
    credential: str = ""
    trust: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A sign-in that waits for its second step: whose, what they have shown, and how they could go on.

    ``enrolling``: the authentication app that it has begun to set up.
    """

    pending_id: UUID
    user_id: UUID
    email: str
    proof: Proof
    password_changed_at: datetime | None
    arrival: Arrival
    lane_open: bool
    methods: tuple[Method, ...]
    enrolling: UUID | None = None


class SecondFactor:
    """Takes the second step, and lets the sign-in go on."""

    def __init__(
        self,
        units: Units,
        *,
        gate: Gate,
        lockout: Lockout,
        pending: PendingLogins,
        guesses: CodeGuesses,
        email_codes: EmailCodes,
        totp: Totp,
        backup_codes: BackupCodes,
        passkeys: Passkeys,
        outbox: Outbox,
    ) -> None:
        self._units = units
        self._gate = gate
        self._lockout = lockout
        self._pending = pending
        self._guesses = guesses
        self._email_codes = email_codes
        self._totp = totp
        self._backup_codes = backup_codes
        self._passkeys = passkeys
        self._outbox = outbox

    def waiting(
        self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin, step: ProvenStep | None = None
    ) -> Waiting | None:
        """The sign-in that waits behind a challenge, begun on this channel, or ``None``. It opens nothing.

        ``step``: what it has to wait for; a second factor or a mailed code where nothing is said.
        """
        pending = self._pending.read(tenant, challenge)
        wanted = (step,) if step else ("second_factor", "email_code")
        if not pending or pending.step not in wanted or not pending.user_id or not pending.proof:
            return None
        if pending.proof.wants_tokens is not for_api:
            return None
        arrival, lane_open = self._lockout.arrive(tenant, user_id=pending.user_id, origin=origin)
        return Waiting(
            pending_id=pending.id,
            user_id=pending.user_id,
            email=pending.email,
            proof=pending.proof,
            password_changed_at=pending.password_changed_at,
            arrival=arrival,
            lane_open=lane_open,
            methods=_methods(tenant, pending, arrival),
            enrolling=pending.enrolling,
        )

    def send_code(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> None:
        """Mail a code; the one before it dies. Nothing happens where no sign-in waits that one would help."""
        waiting = self.waiting(tenant, challenge, for_api=for_api, origin=origin)
        if waiting and "email_code" in waiting.methods:
            with self._units.begin(tenant.id) as unit:
                self._outbox.put(unit, tenant_id=tenant.id, kind="mail.email_code", pending_id=waiting.pending_id)

    def ask_passkey(self, tenant: Tenant, challenge: str | None, *, for_api: bool, origin: Origin) -> Asked:
        """What a passkey of theirs has to sign. Raises ``InvalidCode`` where none would help."""
        waiting = self.waiting(tenant, challenge, for_api=for_api, origin=origin)
        if waiting is None or "passkey" not in waiting.methods:
            raise InvalidCode(log="no passkey is asked for")
        return self._passkeys.ask_as_factor(tenant, user_id=waiting.user_id, secret=challenge or "")

    def redeem(self, tenant: Tenant, answer: Answer, *, for_api: bool, origin: Origin) -> SignedIn:
        """Go on with the sign-in.

        1. No such challenge, too late, begun on the other channel, or a method that is not theirs: ``InvalidCode``.
        2. Wrong, used before, or guessed at too often: ``InvalidCode`` too. It is counted for the account, whichever
           sign-in it belongs to. What is no code at all is no guess.
        3. Locked, disabled, or another password since it began: refused, as if it began now.
        4. Otherwise the gate, which may owe more. Of many who try at once, one gets there.
        """
        if tenant.suspended:
            raise TenantSuspended
        waiting = self.waiting(tenant, answer.challenge, for_api=for_api, origin=origin)
        if waiting is None or answer.method not in waiting.methods:
            raise InvalidCode(log="nothing waits for this")
        if answer.method in {"totp", "email_code"} and not is_code(answer.code):
            raise InvalidCode(log="not a code")
        if not waiting.lane_open or waiting.arrival.password_changed_at != waiting.password_changed_at:
            self._refuse(tenant, waiting.user_id, answer, origin=origin, log="locked or changed meanwhile")
        words = self._check(tenant, waiting, answer, origin=origin)
        proof = replace(waiting.proof.with_factor(*words), trust=answer.trust)
        return self._gate.admit(tenant, waiting.arrival, proof, origin=origin)

    def _check(self, tenant: Tenant, waiting: Waiting, answer: Answer, *, origin: Origin) -> Sequence[str]:
        """What the answer has shown, in words. It and the waiting are spent."""
        user_id, recovery = waiting.user_id, answer.method == "backup_code"
        digest = self._backup_codes.digest_of(tenant, user_id, answer.code) if recovery else None
        if recovery and digest is None:
            raise InvalidCode(log="not a code")
        if answer.method != "passkey" and not self._guesses.begin(tenant, user_id, recovery=recovery):
            self._refuse(tenant, user_id, answer, origin=origin, log="guessed at too often")
        with self._units.begin(tenant.id) as unit:
            outcome = self._spend(unit, tenant, user_id, answer, digest, origin=origin)
        return settle(outcome)

    def _spend(
        self, unit: Unit, tenant: Tenant, user_id: UUID, answer: Answer, digest: bytes | None, *, origin: Origin
    ) -> Sequence[str] | Problem:
        bound = crypto.digest(answer.challenge or "")
        # Held first: where two answer at once, the second finds nothing waiting, and uses nothing up.
        if not pending_logins.hold(unit.db, tenant_id=tenant.id, secret_digest=bound):
            return InvalidCode(log="answered already")
        words = self._shown(unit, tenant, user_id, answer, digest, origin=origin)
        if not words:
            self._guesses.failed(unit, tenant, user_id, method=answer.method, origin=origin)
            return InvalidCode(log="wrong")
        pending_logins.remove(unit.db, tenant_id=tenant.id, secret_digest=bound)
        if answer.method != "passkey":
            self._guesses.right(unit, tenant, user_id)
        return words

    def _shown(
        self, unit: Unit, tenant: Tenant, user_id: UUID, answer: Answer, digest: bytes | None, *, origin: Origin
    ) -> Sequence[str] | None:
        challenge = answer.challenge or ""
        match answer.method:
            case "totp":
                right, word = self._totp.spend(unit, tenant, user_id, answer.code), TOTP
            case "email_code":
                right, word = self._email_codes.spend(unit, tenant, challenge, answer.code), EMAIL
            case "backup_code":
                right = digest is not None and self._backup_codes.spend(unit, tenant, user_id, digest, origin=origin)
                word = BACKUP
            case _:
                return self._passkeys.check_as_factor(
                    unit, tenant, user_id=user_id, secret=challenge, credential=answer.credential, origin=origin
                )
        return (word,) if right else None

    def _refuse(self, tenant: Tenant, user_id: UUID, answer: Answer, *, origin: Origin, log: str) -> NoReturn:
        with self._units.begin(tenant.id) as unit:
            self._guesses.failed(unit, tenant, user_id, method=answer.method, origin=origin, let_in=False)
        raise InvalidCode(log=log)


def _methods(tenant: Tenant, pending: Pending, arrival: Arrival) -> tuple[Method, ...]:
    if pending.step == "email_code":
        return ("email_code",)
    return methods_for(arrival, pending.proof.amr if pending.proof else (), tenant.settings)
