"""Signing in with a password."""

from dataclasses import dataclass, replace
from typing import NoReturn

from app.auth.arriving import Proof, facts
from app.auth.errors import MethodDisabled
from app.auth.factors import PASSWORD
from app.auth.gate import Gate, SignedIn
from app.auth.lockout import Guess, Lockout
from app.auth.passwords import Passwords
from app.auth.stages import REFUSALS, Step, next_step
from app.email import addresses
from app.scope import Origin
from app.tenancy import Tenant

AMR = (PASSWORD,)


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
        2. Right password, but something else is owed: its refusal (disabled, leaving, unconfirmed address, too risky, a
           code by mail). Only whoever knows the password learns of it.
        3. Suspended tenant: ``TenantSuspended``, whatever was typed. Passwords switched off: ``MethodDisabled``.
        4. Otherwise a session.
        """
        if not tenant.settings.allows("password"):
            raise MethodDisabled
        guess = self._lockout.begin(tenant, email_key=addresses.key_of(attempt.email), origin=origin)
        matches = self._passwords.match(guess.knock.password_hash, attempt.password)
        proof = Proof(
            amr=AMR,
            proven=matches,
            lane_open=guess.open,
            remember=attempt.remember,
            wants_tokens=attempt.wants_tokens,
            lane=guess.lane,
            stamp=guess.stamp,
        )
        step = next_step(facts(tenant, guess.knock, proof, risk="low", now=guess.stamp))
        if step in {Step.OPEN_LANE, Step.PROOF}:
            self._wrong(tenant, guess, step, origin=origin)
        return self._gate.admit(tenant, guess.knock, self._renewed(guess, proof, attempt), origin=origin)

    def knows(self, tenant: Tenant, *, email_key: str, device: str) -> bool:
        """Whether this browser has signed in to this address before: it has allowances that no stranger can use up."""
        return self._lockout.knows(tenant, email_key=email_key, device=device)

    def _renewed(self, guess: Guess, proof: Proof, attempt: Attempt) -> Proof:
        if not proof.proven:
            return proof
        return replace(proof, new_hash=self._passwords.renewed(guess.knock.password_hash, attempt.password))

    def _wrong(self, tenant: Tenant, guess: Guess, step: Step, *, origin: Origin) -> NoReturn:
        self._lockout.fail(tenant, guess, origin=origin)
        raise REFUSALS[step](log=f"owed {step}, lane {guess.knock.lane_state}")
