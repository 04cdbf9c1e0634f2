"""Showing once more that it is you, before something that would hurt if it were not (RFC 9470)."""

from datetime import datetime
from uuid import UUID

from app import crypto
from app.auth import factors
from app.auth.backup_codes import BackupCodes
from app.auth.code_guesses import CodeGuesses
from app.auth.codes import MOST_TRIES, Codes
from app.auth.errors import InvalidCode, InvalidToken, MethodDisabled, PasskeyRefused
from app.auth.factors import BACKUP, EMAIL, PASSWORD, TOTP
from app.auth.own_password import OwnPassword
from app.auth.passkey_asking import Asked
from app.auth.passkeys import Passkeys
from app.auth.renewals import Renewals, Renewed
from app.auth.showing_again import Shown, Ways, complete, missing, ways_of
from app.auth.totp import Totp
from app.clock import Clock, wall_clock
from app.errors import Forbidden, Problem, refuse, settle
from app.outbox import Outbox
from app.scope import Scope
from app.storage import hot, links, users
from app.storage.links import OneTimeToken
from app.storage.pool import Pool
from app.storage.unit import Unit, Units
from app.tenancy import Tenant

PURPOSE = "reauthentication"


class Reauthentication:
    """Asks somebody who is signed in, and renews their session."""

    def __init__(
        self,
        pool: Pool,
        units: Units,
        *,
        own_password: OwnPassword,
        guesses: CodeGuesses,
        codes: Codes,
        totp: Totp,
        backup_codes: BackupCodes,
        passkeys: Passkeys,
        renewals: Renewals,
        outbox: Outbox,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._units = units
        self._own_password = own_password
        self._guesses = guesses
        self._codes = codes
        self._totp = totp
        self._backup_codes = backup_codes
        self._passkeys = passkeys
        self._renewals = renewals
        self._outbox = outbox
        self._clock = clock

    def ways(self, tenant: Tenant, scope: Scope) -> Ways:
        """How they can show it. Raises ``Forbidden`` for whoever acts for another person."""
        if scope.impersonator_id:
            raise Forbidden("You cannot do this for somebody else.")
        arrival = hot.person(
            self._pool, tenant_id=tenant.id, user_id=scope.user_id, device_digest=None, now=self._clock()
        )
        if arrival.user_id is None:
            raise InvalidToken(log="nobody of this tenant")
        return ways_of(tenant, arrival)

    def mail_code(self, tenant: Tenant, scope: Scope) -> None:
        """Mail a code; the one before it dies. Raises ``MethodDisabled`` where it would be of no use."""
        if not self.ways(tenant, scope).mails or scope.session_id is None:
            raise MethodDisabled
        with self._units.begin(tenant.id) as unit:
            self._outbox.put(unit, tenant_id=tenant.id, kind="mail.reauthentication_code", session_id=scope.session_id)

    def ask_passkey(self, tenant: Tenant, scope: Scope) -> Asked:
        """What one of their passkeys has to sign. Raises ``MethodDisabled`` where they have none."""
        if "passkey" not in self.ways(tenant, scope).methods:
            raise MethodDisabled
        return self._passkeys.ask_as_factor(tenant, user_id=scope.user_id, secret=crypto.mint())

    def prove(
        self, tenant: Tenant, scope: Scope, shown: Shown, *, cookie: str | None = None, token: str | None = None
    ) -> Renewed:
        """Take what they show. ``cookie`` or ``token``: what they came with, which is dead afterwards.

        1. Something is missing, or is not one of their ways: ``InvalidInput``; nothing is counted.
        2. A wrong password, or one guess too many: ``InvalidInput`` too, counted in the account's own lane.
        3. A wrong code, used before anywhere, or one guess too many: ``InvalidCode``, on the account's one counter.
        4. No passkey of theirs, or no answer to what was asked: ``PasskeyRefused``. Its device did not check who holds
           it, and the first factor is missing: ``InvalidInput``.
        5. Otherwise the session says from now on what was shown and when, and is known by another secret (ASVS 7.2.4).
        """
        ways = self.ways(tenant, scope)
        shown = complete(ways, shown)
        since = self._own_password.check(tenant, scope, shown.password) if shown.password else None
        held = self._renewals.held(tenant, cookie=cookie, token=token)
        digest, let_in = self._look(tenant, scope, shown)
        with self._units.begin(tenant.id) as unit:
            outcome = self._check(unit, tenant, scope, ways, shown, digest=digest, let_in=let_in, since=since)
            if not isinstance(outcome, Problem):
                renewed = self._renewals.renew(unit, tenant, scope, held, amr=outcome)
        settle(outcome)
        return self._renewals.answer(tenant, scope, *renewed)

    def _look(self, tenant: Tenant, scope: Scope, shown: Shown) -> tuple[bytes | None, bool]:
        """The digest of a backup code, and whether the codes may be looked at: that is counted now, as one guess."""
        if not shown.guesses:
            return None, True
        recovery = shown.method == "backup_code"
        digest = self._backup_codes.digest_of(tenant, scope.user_id, shown.code) if recovery else None
        return digest, self._guesses.begin(tenant, scope.user_id, recovery=recovery)

    def _check(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        ways: Ways,
        shown: Shown,
        *,
        digest: bytes | None,
        let_in: bool,
        since: datetime | None,
    ) -> tuple[str, ...] | Problem:
        """What was shown, in words. What was typed wrong is counted, what was right is spent."""
        # The person first, as everybody who needs both does: then nobody waits for whom they block.
        user = users.lock(unit.db, tenant_id=tenant.id, user_id=scope.user_id)
        if user is None or (since and user.password_changed_at != since):
            return refuse("password", "wrong_password", "Your password has just been changed elsewhere.")
        if not let_in:
            return self._failed(unit, tenant, scope, shown, let_in=False)
        mailed = self._mailed(unit, tenant, scope, shown) if shown.mailed else None
        amr = _first(ways, shown, mailed)
        if ways.methods and (amr or shown.credential):
            second = self._second(unit, tenant, scope, shown, digest=digest, mailed=mailed)
            amr = (*amr, *second) if second else ()
        if not amr:
            return self._failed(unit, tenant, scope, shown, let_in=True)
        if shown.credential and factors.acr_of(amr, mail_counts=False) != factors.TWO:
            return missing(ways, ways.first)
        self._used(unit, tenant, scope, shown, mailed)
        return amr

    def _mailed(self, unit: Unit, tenant: Tenant, scope: Scope, shown: Shown) -> OneTimeToken | None:
        """The token whose code was typed, held until everything else is right too. A wrong try is counted."""
        bound = bound_to(scope.session_id)
        held = links.hold_code(
            unit.db,
            tenant_id=tenant.id,
            purpose=PURPOSE,
            challenge_digest=bound,
            now=self._clock(),
            most=MOST_TRIES,
        )
        if held and self._codes.matches(shown.mailed, bound, held.code_digest or b""):
            return held
        if held:
            links.tried(unit.db, tenant_id=tenant.id, token_id=held.id)
        return None

    def _second(
        self,
        unit: Unit,
        tenant: Tenant,
        scope: Scope,
        shown: Shown,
        *,
        digest: bytes | None,
        mailed: OneTimeToken | None,
    ) -> tuple[str, ...] | None:
        """The second factor, in words; ``None`` where it is wrong."""
        user_id, origin = scope.user_id, scope.origin
        match shown.method:
            case "totp":
                right, word = self._totp.spend(unit, tenant, user_id, shown.code), TOTP
            case "email_code":
                right, word = mailed is not None, EMAIL
            case "backup_code":
                right = digest is not None and self._backup_codes.spend(unit, tenant, user_id, digest, origin=origin)
                word = BACKUP
            case _:
                return self._passkeys.check_as_factor(
                    unit,
                    tenant,
                    user_id=user_id,
                    secret=shown.challenge,
                    credential=shown.credential,
                    origin=origin,
                )
        return (word,) if right else None

    def _used(self, unit: Unit, tenant: Tenant, scope: Scope, shown: Shown, mailed: OneTimeToken | None) -> None:
        """Everything was right: the mailed code is spent, and wrong ones before are forgotten."""
        if mailed:
            links.tried(unit.db, tenant_id=tenant.id, token_id=mailed.id, used_at=self._clock())
        if shown.code or mailed:
            self._guesses.right(unit, tenant, scope.user_id)

    def _failed(self, unit: Unit, tenant: Tenant, scope: Scope, shown: Shown, *, let_in: bool) -> Problem:
        method = shown.method or "email_code"
        self._guesses.failed(
            unit, tenant, scope.user_id, method=method, origin=scope.origin, actor=scope.actor, let_in=let_in
        )
        refusal = PasskeyRefused if shown.credential and let_in else InvalidCode
        return refusal(log="wrong" if let_in else "guessed at too often")


def bound_to(session_id: UUID | None) -> bytes:
    """What a mailed code is bound to: the session that asked for it."""
    return crypto.digest(f"reauthentication:{session_id}")


def _first(ways: Ways, shown: Shown, mailed: OneTimeToken | None) -> tuple[str, ...]:
    """The first factor, where it was shown. A password is known to be right here."""
    if ways.first == "password":
        return (PASSWORD,) if shown.password else ()
    return (EMAIL,) if mailed else ()
