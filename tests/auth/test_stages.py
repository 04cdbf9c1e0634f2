"""The stages in order, one question each."""

from dataclasses import replace

import pytest

from app.auth import stages
from app.auth.stages import REFUSALS, STAGES, Step, next_step
from tests.auth.owed import OWED, WELCOME


def test_the_stages_are_one_literal_in_this_order():
    assert (
        stages.active_tenant,
        stages.open_lane,
        stages.proof,
        stages.enabled_account,
        stages.kept_account,
        stages.verified_email,
        stages.bearable_risk,
        stages.second_factor,
        stages.email_code,
        stages.enrolment,
    ) == STAGES


def test_somebody_who_owes_nothing_may_come_in():
    assert next_step(WELCOME) is None


@pytest.mark.parametrize(("fact", "step", "refusal"), OWED)
def test_each_stage_asks_one_question_and_refuses_in_its_own_words(fact, step, refusal):
    login = replace(WELCOME, **fact)
    assert next_step(login) is step
    assert REFUSALS[step] is refusal
    assert [stage(login) for stage in STAGES if stage(login)] == [step]


def test_an_unverified_address_is_no_obstacle_where_nobody_asks_for_it():
    assert next_step(replace(WELCOME, email_verified=False, verification_required=False)) is None


def test_a_code_by_mail_is_nothing_new_to_whoever_has_just_read_theirs_but_too_risky_stays_too_risky():
    assert next_step(replace(WELCOME, risk="medium", email_proven=True)) is None
    assert next_step(replace(WELCOME, risk="high", email_proven=True)) is Step.BEARABLE_RISK


def test_a_trusted_device_is_not_asked_for_a_second_factor_unless_the_sign_in_looks_unusual():
    trusted = replace(WELCOME, second_factor_available=True, device_trusted=True)
    assert next_step(trusted) is None
    assert next_step(replace(trusted, risk="medium")) is Step.SECOND_FACTOR
    assert next_step(replace(trusted, risk="high")) is Step.BEARABLE_RISK


def test_a_second_factor_that_was_shown_answers_for_an_unusual_sign_in_too():
    shown = replace(WELCOME, second_factor_available=True, second_factor_given=True)
    assert next_step(shown) is None
    assert next_step(replace(shown, risk="medium")) is None
    assert next_step(replace(shown, risk="high")) is Step.BEARABLE_RISK


def test_where_one_is_required_whoever_has_it_is_asked_for_it_and_not_to_set_one_up():
    required = replace(WELCOME, second_factor_required=True)
    assert next_step(replace(required, second_factor_available=True)) is Step.SECOND_FACTOR
    assert next_step(replace(required, second_factor_given=True)) is None
    assert next_step(replace(required, enrolment_postponed=True)) is None


def test_what_is_owed_first_is_asked_first():
    """A wrong password learns nothing of what the right one would: disabled, leaving, unverified, risky."""
    login = WELCOME
    for fact, *_ in reversed(OWED):
        login = replace(login, **fact)
    met = []
    for fact, *_ in OWED:
        met.append(next_step(login))
        login = _settled(login, fact)
    assert met == [step for _, step, _ in OWED]
    assert next_step(login) is None


def _settled(login, fact):
    """The same, with this no longer owed. What is less than high may still be medium."""
    (name,) = fact
    return replace(login, **{name: "medium" if fact[name] == "high" else getattr(WELCOME, name)})


def test_every_step_has_a_refusal_and_a_closed_lane_reads_like_a_wrong_password():
    assert set(REFUSALS) == set(Step)
    assert REFUSALS[Step.OPEN_LANE] is REFUSALS[Step.PROOF]
