"""What an application's sign-in needs next: each rule by itself, and the order they come in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.ids import uuid7
from app.oidc.errors import OAuthRefusal
from app.oidc.flows import Flow
from app.oidc.progress import RULES, Account, Facts, Step, owed
from app.oidc.requests import AuthorizationRequest
from app.scope import Actor, ActorKind, Origin, Scope
from tests.oidc.test_checks import a_client

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = BEGAN + timedelta(minutes=1)
ADA, BOB = uuid7(), uuid7()


def a_flow(*, decided=None, **asked):
    request = AuthorizationRequest(redirect_uri="https://notes.example/cb", scopes=("openid",), **asked)
    ends = BEGAN + timedelta(minutes=30)
    flow = Flow(id=uuid7(), client=a_client(), request=request, created_at=BEGAN, expires_at=ends)
    return replace(flow, **(decided or {}))


def signed_in(ago=timedelta(hours=1), *, acr="1", **facts):
    """Ada, so long before the request; a negative time is after it."""
    scope = Scope(
        tenant_id=uuid7(),
        actor=Actor(kind=ActorKind.USER, id=ADA),
        origin=Origin(),
        session_id=uuid7(),
        acr=acr,
        auth_time=BEGAN - ago,
        email="ada@acme.example",
        email_verified=True,
    )
    return Facts(now=NOW, scope=scope, **facts)


NOBODY = Facts(now=NOW, scope=None)
LATER = timedelta(seconds=-1)
BOB_TOO = (Account(user_id=BOB, email="bob@acme.example"),)
ACR_2 = {"id_token": {"acr": {"essential": True, "values": ["2"]}}}


def name_of(found):
    return found.error if isinstance(found, OAuthRefusal) else found


@pytest.mark.parametrize(
    ("flow", "facts", "comes"),
    [
        (a_flow(), signed_in(), None),
        (a_flow(decided={"denied": True}), signed_in(), "access_denied"),
        # Somebody is signed in.
        (a_flow(), NOBODY, Step.SIGN_IN),
        (a_flow(prompt=("login",)), NOBODY, Step.SIGN_IN),
        (a_flow(prompt=("create",)), NOBODY, Step.REGISTER),
        (a_flow(prompt=("none",)), NOBODY, "login_required"),
        # Whose address is confirmed.
        (a_flow(), signed_in(proven=False), Step.SIGN_IN),
        (a_flow(prompt=("none",)), signed_in(proven=False), "interaction_required"),
        # A new account.
        (a_flow(prompt=("create",)), signed_in(), Step.REGISTER),
        (a_flow(prompt=("create",)), signed_in(LATER), None),
        # Who is expected.
        (a_flow(subject=str(ADA)), signed_in(), None),
        (a_flow(subject=str(BOB)), signed_in(), Step.SIGN_IN),
        (a_flow(subject=str(BOB)), signed_in(others=BOB_TOO), Step.CHOOSE),
        (a_flow(subject=str(BOB), prompt=("none",)), signed_in(), "login_required"),
        (a_flow(subject=str(BOB)), signed_in(LATER), "login_required"),
        (a_flow(subject=str(BOB), decided={"chosen": True}), signed_in(), "login_required"),
        (a_flow(subject=str(ADA), prompt=("none",)), signed_in(others=BOB_TOO), None),
        # Which account.
        (a_flow(), signed_in(others=BOB_TOO), Step.CHOOSE),
        (a_flow(prompt=("none",)), signed_in(others=BOB_TOO), "account_selection_required"),
        (a_flow(decided={"chosen": True}), signed_in(others=BOB_TOO), None),
        (a_flow(), signed_in(LATER, others=BOB_TOO), None),
        (a_flow(login_hint="Ada@acme.example"), signed_in(others=BOB_TOO), None),
        (a_flow(login_hint="bob@acme.example"), signed_in(others=BOB_TOO), Step.CHOOSE),
        (a_flow(login_hint="nobody@acme.example"), signed_in(), None),
        (a_flow(prompt=("select_account",)), signed_in(), Step.CHOOSE),
        (a_flow(prompt=("select_account",), decided={"chosen": True}), signed_in(), None),
        (a_flow(prompt=("select_account", "login"), decided={"chosen": True}), signed_in(), Step.REAUTHENTICATE),
        # Shown again.
        (a_flow(prompt=("login",)), signed_in(), Step.REAUTHENTICATE),
        (a_flow(prompt=("login",)), signed_in(LATER), None),
        # Lately enough.
        (a_flow(max_age=0), signed_in(), Step.REAUTHENTICATE),
        (a_flow(max_age=0), signed_in(LATER), None),
        (a_flow(max_age=60), signed_in(timedelta(seconds=1)), Step.REAUTHENTICATE),
        (a_flow(max_age=61), signed_in(timedelta(seconds=1)), None),
        (a_flow(max_age=60, prompt=("none",)), signed_in(), "login_required"),
        (a_flow(max_age=10000), signed_in(), None),
        # Well enough: a wish.
        (a_flow(acr_values=("2",)), signed_in(), None),
        (a_flow(acr_values=("2",)), signed_in(second_factor=True), Step.REAUTHENTICATE),
        (a_flow(acr_values=("2", "1")), signed_in(second_factor=True), None),
        (a_flow(acr_values=("2",)), signed_in(acr="2"), None),
        (a_flow(acr_values=("2",), prompt=("none",)), signed_in(second_factor=True), "interaction_required"),
        (a_flow(acr_values=("urn:mace:bronze",)), signed_in(), None),
        # Well enough: a demand.
        (a_flow(claims=ACR_2), signed_in(acr="2"), None),
        (a_flow(claims=ACR_2), signed_in(second_factor=True), Step.REAUTHENTICATE),
        (a_flow(claims=ACR_2), signed_in(), "unmet_authentication_requirements"),
        (a_flow(claims={"id_token": {"acr": {"essential": True}}}), signed_in(), None),
        (a_flow(claims={"id_token": {"acr": {"values": ["2"]}}}), signed_in(), None),
        # Allowed.
        (a_flow(), signed_in(consents=True), Step.CONSENT),
        (a_flow(prompt=("none",)), signed_in(consents=True), "consent_required"),
        (a_flow(prompt=("consent",)), signed_in(), Step.CONSENT),
        (a_flow(prompt=("consent",), decided={"consented_by": ADA}), signed_in(), None),
        (a_flow(prompt=("consent",), decided={"consented_by": ADA}), signed_in(consents=True), Step.CONSENT),
        (a_flow(prompt=("consent",), decided={"consented_by": uuid7()}), signed_in(), Step.CONSENT),
        (a_flow(prompt=("login",)), signed_in(consents=True), Step.REAUTHENTICATE),
    ],
)
def test_what_comes_next(flow, facts, comes):
    assert name_of(owed(flow, facts)) == comes


def test_who_acts_for_somebody_else_opens_no_application_in_their_name():
    facts = signed_in()
    acting = replace(facts, scope=replace(facts.scope, impersonator_id=uuid7()))
    assert name_of(owed(a_flow(), acting)) == "access_denied"


def test_every_rule_says_where_it_comes_from():
    assert all(rule.__doc__ for rule in RULES)
