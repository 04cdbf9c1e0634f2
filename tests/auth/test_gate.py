"""One gate: the stages in order, one question each, and nothing else makes a session."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.auth import errors, stages
from app.auth.gate import Entry, Person
from app.auth.stages import REFUSALS, STAGES, PendingLogin, Step, next_step
from app.clock import wall_clock
from app.ids import uuid7
from tests.cast import an_origin

ROOT = Path(__file__).parents[2]
WELCOME = PendingLogin(
    tenant_suspended=False,
    lane_open=True,
    proven=True,
    disabled=False,
    email_verified=True,
    verification_required=True,
)


def test_the_stages_are_one_literal_in_this_order():
    assert (
        stages.active_tenant,
        stages.open_lane,
        stages.proof,
        stages.enabled_account,
        stages.verified_email,
    ) == STAGES


def test_somebody_who_owes_nothing_may_come_in():
    assert next_step(WELCOME) is None


@pytest.mark.parametrize(
    ("fact", "step", "refusal"),
    [
        ({"tenant_suspended": True}, Step.ACTIVE_TENANT, errors.TenantSuspended),
        ({"lane_open": False}, Step.OPEN_LANE, errors.InvalidCredentials),
        ({"proven": False}, Step.PROOF, errors.InvalidCredentials),
        ({"disabled": True}, Step.ENABLED_ACCOUNT, errors.AccountDisabled),
        ({"email_verified": False}, Step.VERIFIED_EMAIL, errors.EmailNotVerified),
    ],
)
def test_each_stage_asks_one_question_and_refuses_in_its_own_words(fact, step, refusal):
    login = replace(WELCOME, **fact)
    assert next_step(login) is step
    assert REFUSALS[step] is refusal
    assert [stage(login) for stage in STAGES if stage(login)] == [step]


def test_an_unverified_address_is_no_obstacle_where_nobody_asks_for_it():
    assert next_step(replace(WELCOME, email_verified=False, verification_required=False)) is None


def test_what_is_owed_first_is_asked_first():
    """A wrong password learns nothing of what the right one would: disabled, unverified."""
    owes_all = PendingLogin(
        tenant_suspended=True,
        lane_open=False,
        proven=False,
        disabled=True,
        email_verified=False,
        verification_required=True,
    )
    met = []
    for fact in ("tenant_suspended", "lane_open", "proven", "disabled", "email_verified"):
        met.append(next_step(owes_all))
        owes_all = replace(owes_all, **{fact: fact in {"lane_open", "proven", "email_verified"}})
    assert met == [stage(replace(WELCOME, **fact)) for stage, fact in zip(STAGES, _owing(), strict=True)]
    assert next_step(owes_all) is None


def _owing():
    return (
        {"tenant_suspended": True},
        {"lane_open": False},
        {"proven": False},
        {"disabled": True},
        {"email_verified": False},
    )


def test_every_step_has_a_refusal_and_a_closed_lane_reads_like_a_wrong_password():
    assert set(REFUSALS) == set(Step)
    assert REFUSALS[Step.OPEN_LANE] is REFUSALS[Step.PROOF]


@pytest.mark.parametrize("fact", _owing())
def test_the_gate_itself_refuses_whoever_owes_something(services, cast, fact):
    """Even a way in that forgets to ask cannot start a session."""
    entry = Entry(person=_person(cast.ada), amr=("pwd",), acr="1", remember=False, wants_tokens=False)
    gate = services.login._gate
    with pytest.raises(
        (errors.TenantSuspended, errors.InvalidCredentials, errors.AccountDisabled, errors.EmailNotVerified)
    ):
        gate.admit(cast.acme, replace(WELCOME, **fact), entry, origin=an_origin())
    assert not _sessions(services, cast.ada)


def test_only_one_statement_in_the_tree_inserts_sessions():
    insert = re.compile(
        r"insert\s+into\s+sessions|insert\(\s*(?:sessions\.)?Session\s*\)|\bSession\([^)]*user_id", re.IGNORECASE
    )
    sources = [*ROOT.glob("app/**/*.py"), *ROOT.glob("migrations/**/*.sql"), *ROOT.glob("migrations/**/*.py")]
    found = [path.name for path in sources for _ in insert.findall(path.read_text())]
    assert found == ["functions.sql"]


def test_only_the_gate_calls_it():
    calls = [path.name for path in ROOT.glob("app/**/*.py") if "hot.open_session(" in path.read_text()]
    assert calls == ["gate.py"]


def _person(somebody):
    return Person(
        id=somebody.id,
        email=somebody.email,
        name="",
        email_verified=True,
        roles=(),
        created_at=wall_clock(),
        last_sign_in_at=None,
    )


def _sessions(services, person):
    scope = person.scope(person.sign_in())
    return [view for view in services.sessions.list(scope) if not view.current]


def test_the_gate_takes_no_stranger_of_another_tenant(services, cast):
    """The row is looked up under the tenant: Mallory's id is nobody at Acme."""
    entry = Entry(person=_person(cast.mallory), amr=("pwd",), acr="1", remember=False, wants_tokens=False)
    with pytest.raises(errors.InvalidCredentials):
        services.login._gate.admit(cast.acme, WELCOME, entry, origin=an_origin())
    nobody = replace(entry, person=replace(entry.person, id=uuid7()))
    with pytest.raises(errors.InvalidCredentials):
        services.login._gate.admit(cast.acme, WELCOME, nobody, origin=an_origin())
