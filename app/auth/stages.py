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
    """Somebody at the gate, as plain facts. ``email_proven``: they have just shown that they read their mail.

    ``second_factor_available``: they have one to show, ``_given``: they have shown it, ``_required``: their tenant asks
    for one whether they have it or not. ``device_trusted``: they asked us not to ask for it here.
    ``enrolment_postponed``: they would rather get one later, and still may.
    """

    tenant_suspended: bool
    lane_open: bool
    proven: bool
    disabled: bool
    leaving: bool
    email_verified: bool
    verification_required: bool
    risk: RiskLevel = "low"
    email_proven: bool = False
    second_factor_available: bool = False
    second_factor_given: bool = False
    second_factor_required: bool = False
    device_trusted: bool = False
    enrolment_postponed: bool = False


class Step(StrEnum):
    """What may still be owed."""

    ACTIVE_TENANT = "active_tenant"
    OPEN_LANE = "open_lane"
    PROOF = "proof"
    ENABLED_ACCOUNT = "enabled_account"
    KEPT_ACCOUNT = "kept_account"
    VERIFIED_EMAIL = "verified_email"
    BEARABLE_RISK = "bearable_risk"
    SECOND_FACTOR = "second_factor"
    EMAIL_CODE = "email_code"
    ENROLMENT = "enrolment"


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


def second_factor(login: PendingLogin) -> Step | None:
    """Whoever has one is asked for it, required or not. A trusted device counts only while all is quiet."""
    spared = login.second_factor_given or (login.device_trusted and login.risk == "low")
    return Step.SECOND_FACTOR if login.second_factor_available and not spared else None


def email_code(login: PendingLogin) -> Step | None:
    """A code by mail is nothing new to whoever has just shown that the mailbox is theirs, and less than a factor."""
    quiet = login.risk != "medium" or login.email_proven or login.second_factor_given
    return None if quiet else Step.EMAIL_CODE


def enrolment(login: PendingLogin) -> Step | None:
    """A second factor is required, and they have none."""
    owed = login.second_factor_required and not (login.second_factor_available or login.second_factor_given)
    return Step.ENROLMENT if owed and not login.enrolment_postponed else None


Stage = Callable[[PendingLogin], Step | None]
STAGES: tuple[Stage, ...] = (
    active_tenant,
    open_lane,
    proof,
    enabled_account,
    kept_account,
    verified_email,
    bearable_risk,
    second_factor,
    email_code,
    enrolment,
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
    Step.SECOND_FACTOR: errors.SecondFactorRequired,
    Step.EMAIL_CODE: errors.EmailCodeRequired,
    Step.ENROLMENT: errors.SecondFactorEnrolmentRequired,
}


def next_step(login: PendingLogin) -> Step | None:
    """The first step still owed, or ``None`` when the session may start."""
    return next((step for stage in STAGES if (step := stage(login))), None)
