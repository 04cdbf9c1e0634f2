"""Wrong codes: one counter for each account, over every sign-in and every kind of code."""

import re

import pytest

from app.auth import errors
from app.auth.second_factor import Answer
from tests.auth.linking import refusal_of
from tests.auth.second_steps import with_app
from tests.cast import an_origin
from tests.waiting import at_once


@pytest.fixture
def bob(cast, clock):
    return with_app(cast.bob, clock)


def miss(bob, *, times=1, method="totp"):
    """Wrong codes, each in a sign-in of its own: it does not begin anew with the password."""
    for _ in range(times):
        assert refusal_of(bob.answer, bob.first(), bob.wrong(), method=method) is errors.InvalidCode


def gets_in(bob):
    return refusal_of(bob.answer, bob.first(), bob.code()) is None


def test_four_wrong_codes_are_forgotten_with_the_right_one(bob):
    miss(bob, times=4)
    assert gets_in(bob)
    miss(bob, times=4)
    assert gets_in(bob)


def test_after_five_in_five_minutes_the_right_one_reads_like_a_wrong_one(bob, clock):
    miss(bob, times=5)
    assert not gets_in(bob)
    clock.forward(minutes=5)
    assert gets_in(bob)


def test_the_fifth_one_is_still_looked_at(bob):
    miss(bob, times=4)
    assert gets_in(bob)


def test_five_in_more_than_five_minutes_are_no_reason_to_pause(bob, clock):
    for _ in range(6):
        miss(bob)
        clock.forward(seconds=76)
    assert gets_in(bob)


def test_each_pause_is_twice_as_long_up_to_a_day(bob, clock, owner, cast):
    pauses = []
    for _ in range(10):
        # A row of fifty would shut it for good; what doubles is what is looked at here.
        owner.execute("UPDATE code_guesses SET in_a_row = 0 WHERE user_id = %s", [cast.bob.id])
        miss(bob, times=5)
        (until,) = owner.execute("SELECT locked_until FROM code_guesses WHERE user_id = %s", [cast.bob.id]).fetchone()
        pauses.append(round((until - clock()).total_seconds() / 60))
        clock.forward(minutes=pauses[-1], seconds=1)
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]


def test_after_fifty_in_a_row_no_code_of_an_app_helps(bob, clock, owner, cast):
    miss(bob)
    owner.execute("UPDATE code_guesses SET in_a_row = 49, recent = '{}' WHERE user_id = %s", [cast.bob.id])
    miss(bob)
    clock.forward(days=30)
    assert not gets_in(bob)


def test_after_fifty_in_a_row_a_backup_code_still_does(bob, cast, services, owner):
    scope = cast.bob.scope(bob.sign_in())
    codes = services.backup_codes.make(cast.acme, scope)
    miss(bob)
    owner.execute("UPDATE code_guesses SET in_a_row = 50, recent = '{}' WHERE user_id = %s", [cast.bob.id])
    assert not gets_in(bob)

    assert bob.answer(bob.first(), codes[0], method="backup_code")
    assert gets_in(bob)  # a right one forgets them all


def test_fifty_at_once_are_five_guesses(bob, owner, cast):
    challenges = [bob.first() for _ in range(50)]
    wrong = bob.wrong()
    at_once(*[lambda one=one: refusal_of(bob.answer, one, wrong) for one in challenges])
    (counted,) = owner.execute("SELECT in_a_row FROM code_guesses WHERE user_id = %s", [cast.bob.id]).fetchone()
    assert counted == 5


def test_app_and_backup_codes_share_the_counter(bob, cast, services):
    scope = cast.bob.scope(bob.sign_in())
    right = services.backup_codes.make(cast.acme, scope)[0]
    miss(bob, times=3)
    for _ in range(2):
        assert refusal_of(bob.answer, bob.first(), "AAAAA-AAAAA", method="backup_code") is errors.InvalidCode
    assert not gets_in(bob)
    assert refusal_of(bob.answer, bob.first(), right, method="backup_code") is errors.InvalidCode


def test_the_owner_is_told_once_a_day_and_it_is_written_down(bob, cast, letters, happened, clock):
    letters.deliver().clear()
    miss(bob, times=5)
    letters.deliver()
    told = [mail for mail in letters if mail.to == cast.bob.email]
    assert len(told) == 1
    assert re.search(r"code", told[0].text)
    trail = [(event, reason) for event, _, reason in happened(cast.acme)]
    assert ("account.locked", "second_factor") in trail
    assert trail.count(("login.second_factor_failed", None)) == 5

    clock.forward(minutes=6)
    miss(bob, times=5)
    letters.deliver()
    assert len([mail for mail in letters if mail.to == cast.bob.email]) == 1


def test_guesses_at_one_account_are_none_at_another(bob, cast, clock):
    ada = with_app(cast.ada, clock)
    miss(bob, times=5)
    assert ada.sign_in()


def test_another_tenant_guesses_at_nothing_of_ours(bob, cast, clock, owner):
    mallory = with_app(cast.mallory, clock)
    challenge = bob.first()
    for _ in range(6):
        answer = Answer(challenge=challenge, method="totp", code=bob.wrong())
        with pytest.raises(errors.InvalidCode):
            mallory.services.second_factor.redeem(cast.globex, answer, for_api=True, origin=an_origin())
    assert owner.execute("SELECT count(*) FROM code_guesses").fetchone() is not None
    assert bob.answer(challenge, bob.code())
