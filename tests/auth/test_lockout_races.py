"""Parallel guesses cannot beat the counter, and parallel right sign-ins do not trip over it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.auth import errors
from app.auth.lockout import Lockout, common_lane
from app.email import addresses
from tests.cast import PASSWORD, an_origin


def _evaluated(happened, tenant):
    """Guesses that were let through to be compared for real, and those that were refused whatever they were."""
    trail = [reason for event, _, reason in happened(tenant) if event == "login.failed"]
    return trail.count("wrong"), trail.count("locked")


def test_of_two_hundred_parallel_wrong_guesses_five_are_evaluated(cast, guess, happened):
    barrier = Barrier(20)

    def try_ten(_):
        barrier.wait()
        return [guess(cast.acme, cast.ada.email, f"guess {number}") for number in range(10)]

    with ThreadPoolExecutor(20) as threads:
        said = [refusal for refusals in threads.map(try_ten, range(20)) for refusal in refusals]
    assert set(said) == {errors.InvalidCredentials}
    assert _evaluated(happened, cast.acme) == (5, 195)


def test_the_right_password_among_many_parallel_wrong_ones_wins_no_extra_guess(cast, guess, happened):
    """A stranger who guesses right within the five gets in; after them nobody does."""
    guesses = [f"guess {number}" for number in range(60)]
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda password: guess(cast.acme, cast.ada.email, password), guesses))
        said = list(threads.map(lambda _: guess(cast.acme, cast.ada.email, PASSWORD), range(20)))
    assert set(said) == {errors.InvalidCredentials}
    assert _evaluated(happened, cast.acme)[0] == 5


def test_parallel_guesses_at_an_unknown_address_are_counted_the_same(cast, guess, happened):
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: guess(cast.acme, "nobody@acme.example", "wrong"), range(60)))
    assert _evaluated(happened, cast.acme) == (5, 55)


def test_twenty_right_sign_ins_succeed_although_four_failures_left_room_for_one_at_a_time(cast, guess):
    for _ in range(4):
        guess(cast.acme, cast.ada.email, "wrong")
    with ThreadPoolExecutor(20) as threads:
        said = list(threads.map(lambda _: guess(cast.acme, cast.ada.email, PASSWORD), range(20)))
    assert said == [None] * 20


def test_nothing_stays_pending_after_a_storm(cast, guess, owner):
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda n: guess(cast.acme, cast.ada.email, PASSWORD if n % 2 else "wrong"), range(40)))
    lanes = "SELECT cardinality(pending), cardinality(failed) FROM lockout_lanes WHERE tenant_id = %s"
    assert owner.execute(lanes, [cast.acme.id]).fetchall() == [(0, 5)]


@pytest.fixture
def begin(services, cast):
    """A guess that is let through and whose process then dies before it is settled."""

    def begin():
        lockout = services.login._lockout
        return lockout.begin(cast.acme, email_key=addresses.key_of(cast.ada.email), origin=an_origin())

    return begin


def test_guesses_being_checked_count_before_anybody_knows_how_they_end(begin, services, cast):
    guesses = [begin() for _ in range(5)]
    assert all(guess.open for guess in guesses)

    def settle_one(_):
        services.login._lockout.fail(cast.acme, guesses.pop(), origin=an_origin())

    patient = Lockout(
        services.ports.pool, services.units, outbox=services.outbox, clock=services.ports.clock, pause=settle_one
    )
    sixth = patient.begin(cast.acme, email_key=addresses.key_of(cast.ada.email), origin=an_origin())
    assert not guesses, "it waited for all that were left"
    assert not sixth.open


def test_a_guess_whose_process_died_stops_counting(begin, clock, cast, guess):
    for _ in range(5):
        begin()
    clock.forward(seconds=21)
    assert guess(cast.acme, cast.ada.email, PASSWORD) is None


def test_a_guess_that_ends_after_it_stopped_counting_still_counts_as_failed(begin, services, clock, cast, owner):
    slow = begin()
    clock.forward(seconds=21)
    begin()
    services.login._lockout.fail(cast.acme, slow, origin=an_origin())
    failed = owner.execute("SELECT cardinality(failed) FROM lockout_lanes WHERE tenant_id = %s", [cast.acme.id])
    assert failed.fetchone() == (1,)


def test_a_clock_that_went_back_does_not_open_a_closed_lane(cast, guess, clock):
    for _ in range(5):
        guess(cast.acme, cast.ada.email, "wrong")
    clock.offset -= timedelta(minutes=5)
    assert guess(cast.acme, cast.ada.email, PASSWORD) is errors.InvalidCredentials


def test_two_guesses_of_the_same_microsecond_are_two(services, cast, wired, owner):
    instant = services.ports.clock()
    frozen = wired(clock=lambda: instant)
    key = addresses.key_of(cast.ada.email)
    first, second = (frozen.login._lockout.begin(cast.acme, email_key=key, origin=an_origin()) for _ in range(2))
    assert first.lane == second.lane == common_lane(key)
    frozen.login._lockout.fail(cast.acme, first, origin=an_origin())
    lane = "SELECT cardinality(pending), cardinality(failed) FROM lockout_lanes WHERE tenant_id = %s"
    assert owner.execute(lane, [cast.acme.id]).fetchone() == (1, 1)
