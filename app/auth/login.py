"""Signing in with a password."""

from dataclasses import dataclass

from app.auth.gate import Entry, Gate, Person, SignedIn
from app.auth.lockout import Guess, Lockout
from app.auth.passwords import Passwords
from app.auth.stages import REFUSALS, PendingLogin, Step, next_step
from app.email import addresses
from app.scope import Origin
from app.storage.hot import Knock
from app.tenancy import Tenant

# What a password alone proves (OpenID Connect Core 1.0, section 2; RFC 8176).
AMR = ("pwd",)
ACR = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was typed, and what is wanted."""

    email: str
    password: str
    remember: bool = False
    wants_tokens: bool = False


class Login:
    """The way in with a password."""

    def __init__(self, *, gate: Gate, lockout: Lockout, passwords: Passwords) -> None:
        self._gate = gate
        self._lockout = lockout
        self._passwords = passwords

    def with_password(self, tenant: Tenant, attempt: Attempt, *, origin: Origin) -> SignedIn:
        """Sign in.

        1. Unknown address, wrong password, closed lane: ``InvalidCredentials``, in the same words, for one hash each.
        2. Right password, but the account is disabled or its address unconfirmed: ``AccountDisabled``,
           ``EmailNotVerified``. Only whoever knows the password learns of it.
        3. Suspended tenant: ``TenantSuspended``, whatever was typed.
        4. Otherwise a session.
        """
        guess = self._lockout.begin(tenant, email_key=addresses.key_of(attempt.email), origin=origin)
        matches = self._passwords.match(guess.knock.password_hash, attempt.password)
        login = _pending(tenant, guess, proven=matches)
        if step := next_step(login):
            self._refuse(tenant, guess, step, origin=origin)
        return self._gate.admit(
            tenant,
            login,
            Entry(
                person=_person(guess.knock),
                amr=AMR,
                acr=ACR,
                remember=attempt.remember,
                wants_tokens=attempt.wants_tokens,
                password_changed_at=guess.knock.password_changed_at,
                new_hash=self._passwords.renewed(guess.knock.password_hash, attempt.password),
                lane=guess.lane,
                stamp=guess.stamp,
                known_device=guess.knock.known_device,
            ),
            origin=origin,
        )

    def knows(self, tenant: Tenant, *, email_key: str, device: str) -> bool:
        """Whether this browser has signed in to this address before: it has allowances that no stranger can use up."""
        return self._lockout.knows(tenant, email_key=email_key, device=device)

    def _refuse(self, tenant: Tenant, guess: Guess, step: Step, *, origin: Origin) -> None:
        if step in {Step.OPEN_LANE, Step.PROOF}:
            self._lockout.fail(tenant, guess, origin=origin)
        else:
            self._lockout.blocked(tenant, guess, origin=origin, reason=step.value)
        raise REFUSALS[step](log=f"owed {step}, lane {guess.knock.lane_state}")


def _pending(tenant: Tenant, guess: Guess, *, proven: bool) -> PendingLogin:
    return PendingLogin(
        tenant_suspended=guess.knock.suspended,
        lane_open=guess.open,
        proven=proven,
        disabled=bool(guess.knock.disabled),
        email_verified=bool(guess.knock.email_verified),
        verification_required=tenant.settings.email_verification_required,
    )


def _person(knock: Knock) -> Person:
    if knock.user_id is None or knock.email is None or knock.created_at is None:
        raise RuntimeError("a right password has an owner")
    return Person(
        id=knock.user_id,
        email=knock.email,
        name=knock.name or "",
        email_verified=bool(knock.email_verified),
        roles=tuple(knock.roles),
        created_at=knock.created_at,
        last_sign_in_at=knock.last_sign_in_at,
    )
