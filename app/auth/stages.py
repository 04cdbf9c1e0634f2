"""What may be owed before a session starts: a list of stages, each a pure question about plain facts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.auth import errors
from app.errors import Problem

RiskLevel = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """Somebody at the gate, as plain facts. ``email_proven``: they have just shown that they read their mail."""

    tenant_suspended: bool
    lane_open: bool
    proven: bool
    disabled: bool
    leaving: bool
    email_verified: bool
    verification_required: bool
    risk: RiskLevel = "low"
    email_proven: bool = False


class Step(StrEnum):
    """What may still be owed."""

    ACTIVE_TENANT = "active_tenant"
    OPEN_LANE = "open_lane"
    PROOF = "proof"
    ENABLED_ACCOUNT = "enabled_account"
    KEPT_ACCOUNT = "kept_account"
    VERIFIED_EMAIL = "verified_email"
    BEARABLE_RISK = "bearable_risk"
    EMAIL_CODE = "email_code"


def active_tenant(login: PendingLogin) -> Step | None:
    return Step.ACTIVE_TENANT if login.tenant_suspended else None


def open_lane(login: PendingLogin) -> Step | None:
    return None if login.lane_open else Step.OPEN_LANE


def proof(login: PendingLogin) -> Step | None:
    return None if login.proven else Step.PROOF


def enabled_account(login: PendingLogin) -> Step | None:
    return Step.ENABLED_ACCOUNT if login.disabled else None


def kept_account(login: PendingLogin) -> Step | None:
    return Step.KEPT_ACCOUNT if login.leaving else None


def verified_email(login: PendingLogin) -> Step | None:
    owed = login.verification_required and not login.email_verified
    return Step.VERIFIED_EMAIL if owed else None


def bearable_risk(login: PendingLogin) -> Step | None:
    return Step.BEARABLE_RISK if login.risk == "high" else None


def email_code(login: PendingLogin) -> Step | None:
    """A code by mail is nothing new to whoever has just shown that the mailbox is theirs."""
    return Step.EMAIL_CODE if login.risk == "medium" and not login.email_proven else None


Stage = Callable[[PendingLogin], Step | None]
STAGES: tuple[Stage, ...] = (
    active_tenant,
    open_lane,
    proof,
    enabled_account,
    kept_account,
    verified_email,
    bearable_risk,
    email_code,
)

# How each step, while it is owed, is refused. A closed lane reads like a wrong password.
REFUSALS: dict[Step, type[Problem]] = {
    Step.ACTIVE_TENANT: errors.TenantSuspended,
    Step.OPEN_LANE: errors.InvalidCredentials,
    Step.PROOF: errors.InvalidCredentials,
    Step.ENABLED_ACCOUNT: errors.AccountDisabled,
    Step.KEPT_ACCOUNT: errors.AccountLeaving,
    Step.VERIFIED_EMAIL: errors.EmailNotVerified,
    Step.BEARABLE_RISK: errors.SignInBlocked,
    Step.EMAIL_CODE: errors.EmailCodeRequired,
}


def next_step(login: PendingLogin) -> Step | None:
    """The first step still owed, or ``None`` when the session may start."""
    return next((step for stage in STAGES if (step := stage(login))), None)
