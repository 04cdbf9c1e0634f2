"""What an application's sign-in needs next, as pure questions in order: the first that is not settled says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from app.auth.factors import ONE, TWO
from app.email import addresses
from app.oidc.errors import (
    AccessDenied,
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    OAuthRefusal,
    UnmetAuthenticationRequirements,
)
from app.oidc.flows import Flow
from app.scope import Scope

_NEVER = datetime.min.replace(tzinfo=UTC)


class Step(StrEnum):
    """Where a person is sent."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    CHOOSE = "choose"
    REAUTHENTICATE = "reauthenticate"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who is signed in in this browser too, beside the one who is asked."""

    user_id: UUID
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Who is signed in, and what is known of them now.

    ``proven``: their address is confirmed, where the tenant asks for that. ``second_factor``: they have one, and so can
    reach more than they have shown. ``consents``: they would have to be asked.
    """

    now: datetime
    scope: Scope | None
    others: tuple[Account, ...] = ()
    proven: bool = True
    second_factor: bool = False
    consents: bool = False

    @property
    def signed_in(self) -> Scope:
        """The person, behind the first rule."""
        if self.scope is None:
            raise RuntimeError("the rules come in order")
        return self.scope

    @property
    def auth_time(self) -> datetime:
        return self.signed_in.auth_time or _NEVER

    def arrived_in(self, flow: Flow) -> bool:
        """They have shown who they are since it began."""
        return self.auth_time >= flow.created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A step; and the refusal in its place where nothing may be shown, or where no step would help."""

    step: Step | None
    refusal: type[OAuthRefusal]
    why: str


Rule = Callable[[Flow, Facts], Owed | None]


def refused_by_them(flow: Flow, _: Facts) -> Owed | None:
    """RFC 6749, 4.1.2.1."""
    return Owed(step=None, refusal=AccessDenied, why="it was not allowed") if flow.denied else None


def somebody_is_signed_in(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.3; Prompt Create 1.0, 4.1."""
    if facts.scope:
        return None
    step = Step.REGISTER if "create" in flow.request.prompt else Step.SIGN_IN
    return Owed(step=step, refusal=LoginRequired, why="nobody is signed in")


def for_themselves(_: Flow, facts: Facts) -> Owed | None:
    """Whoever acts for another person opens no applications in their name."""
    acting = facts.signed_in.impersonator_id is not None
    return Owed(step=None, refusal=AccessDenied, why="they act for somebody else") if acting else None


def address_is_proven(_: Flow, facts: Facts) -> Owed | None:
    """What is asked of those who sign in now holds for those who have."""
    why = "the address is not confirmed"
    return None if facts.proven else Owed(step=Step.SIGN_IN, refusal=InteractionRequired, why=why)


def account_is_new(flow: Flow, facts: Facts) -> Owed | None:
    """Prompt Create 1.0, 4.1: also for somebody who has an account."""
    if "create" not in flow.request.prompt or _decided(flow, facts):
        return None
    return Owed(step=Step.REGISTER, refusal=InteractionRequired, why="a new account is asked for")


def person_is_expected(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.1 (``id_token_hint``) and 5.5.1 (``sub``): that person, or ``login_required``."""
    expected, why = flow.request.subject, "somebody else is expected"
    if expected is None or expected == str(facts.signed_in.user_id):
        return None
    if _decided(flow, facts):
        return Owed(step=None, refusal=LoginRequired, why=why)
    here = any(str(other.user_id) == expected for other in facts.others)
    return Owed(step=Step.CHOOSE if here else Step.SIGN_IN, refusal=LoginRequired, why=why)


def account_is_chosen(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.1: ``select_account``; several accounts, and nothing says which is meant."""
    if _decided(flow, facts):
        return None
    if "select_account" not in flow.request.prompt and not _is_open(flow, facts):
        return None
    return Owed(step=Step.CHOOSE, refusal=AccountSelectionRequired, why="an account has to be chosen")


def shown_again(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.1: ``prompt=login``."""
    if "login" not in flow.request.prompt or facts.arrived_in(flow):
        return None
    return Owed(step=Step.REAUTHENTICATE, refusal=LoginRequired, why="they have to sign in again")


def lately_enough(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.1: ``max_age``."""
    max_age = flow.request.max_age
    if max_age is None or facts.arrived_in(flow) or (facts.now - facts.auth_time).total_seconds() <= max_age:
        return None
    return Owed(step=Step.REAUTHENTICATE, refusal=LoginRequired, why="they signed in too long ago")


def well_enough(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.1 (``acr_values``: a wish) and 5.5.1.1 (``acr`` as an essential claim: a demand)."""
    acr, demanded = facts.signed_in.acr, flow.request.essential_acr
    wanted = demanded or flow.request.acr_values
    if acr in wanted or not wanted:
        return None
    if TWO in wanted and acr == ONE and facts.second_factor:
        return Owed(step=Step.REAUTHENTICATE, refusal=InteractionRequired, why="more has to be shown")
    unmet = UnmetAuthenticationRequirements
    return Owed(step=None, refusal=unmet, why="acr cannot be reached") if demanded else None


def allowed(flow: Flow, facts: Facts) -> Owed | None:
    """OpenID Connect Core, 3.1.2.4: by whoever is signed in, whatever another account has said before."""
    asked_again = "consent" in flow.request.prompt and flow.consented_by != facts.signed_in.user_id
    if not (facts.consents or asked_again):
        return None
    return Owed(step=Step.CONSENT, refusal=ConsentRequired, why="they have not allowed it")


RULES: tuple[Rule, ...] = (
    refused_by_them,
    somebody_is_signed_in,
    for_themselves,
    address_is_proven,
    account_is_new,
    person_is_expected,
    account_is_chosen,
    shown_again,
    lately_enough,
    well_enough,
    allowed,
)


def owed(flow: Flow, facts: Facts) -> Step | OAuthRefusal | None:
    """What comes next: a step, a refusal for the application, or ``None``: it gets its answer."""
    found = next((due for rule in RULES if (due := rule(flow, facts))), None)
    if found is None:
        return None
    if found.step is None or flow.request.silent:
        return found.refusal(found.why)
    return found.step


def asks_for_more(flow: Flow, scope: Scope | None) -> bool:
    """Whether it matters that they have a second factor."""
    wanted = flow.request.essential_acr or flow.request.acr_values
    return scope is not None and scope.acr == ONE and TWO in wanted and ONE not in wanted


def _decided(flow: Flow, facts: Facts) -> bool:
    """Who it is to be was settled within this very flow, by choosing or by signing in."""
    return flow.chosen or facts.arrived_in(flow)


def _is_open(flow: Flow, facts: Facts) -> bool:
    """Whether it could be several people here."""
    if flow.request.subject or not facts.others:
        return False
    return addresses.key_of(flow.request.login_hint or "") != addresses.key_of(facts.signed_in.email)
