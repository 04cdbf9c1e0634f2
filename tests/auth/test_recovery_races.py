"""Many who follow a link at once, and a reset that meets whatever else changes an account."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.auth import errors
from tests.auth.steps import (
    NEW,
    ask_reset,
    change_password,
    confirm,
    email_link,
    is_in,
    links_to,
    outcome,
    reset,
    reset_link,
)
from tests.auth.test_deadlocks import together
from tests.cast import PASSWORD, an_origin

__all__ = ["together"]
GONE = errors.LinkExpired


def at_once(number, act):
    """What each of so many hears who begin together."""
    ready = Barrier(number)

    def run(one):
        ready.wait()
        return outcome(act, one)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


def test_of_fifty_who_follow_a_link_at_once_one_sets_the_password(cast, letters, guess, happened, owner):
    token = reset_link(cast.bob, letters)
    wanted = [f"fifty busy otters {number}" for number in range(50)]
    heard = at_once(50, lambda number: reset(cast.bob, token, wanted[number]))
    assert heard.count(None) == 1, heard
    assert heard.count(GONE) == 49
    assert guess(cast.acme, cast.bob.email, wanted[heard.index(None)]) is None
    trail = [event for event, *_ in happened(cast.acme)]
    assert trail.count("user.password_reset") == 1
    query = "SELECT count(*) FROM password_history WHERE user_id = %s"
    assert owner.execute(query, [cast.bob.id]).fetchone() == (1,)


def test_two_links_that_the_worker_mints_at_once_leave_one_that_works(cast, services, letters, wired):
    for _ in range(6):
        ask_reset(cast.bob)
    workers = [wired() for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda worker: worker.drainer.drain(), workers))
    tokens = links_to(letters, cast.bob.email, "/reset-password")
    assert len(tokens) == 6
    good = [token for token in tokens if outcome(services.recovery.look, cast.acme, token=token) is None]
    assert len(good) == 1


def test_a_sign_in_while_the_password_is_reset(cast, services, letters, together):
    """Both hold something that the other wants: the account's row, and the lane that a reset opens."""
    cast.bob.sign_in()
    token = reset_link(cast.bob, letters)
    was_reset, signed_in = together(lambda: reset(cast.bob, token), cast.bob.sign_in)
    assert was_reset is None
    assert isinstance(signed_in, errors.InvalidCredentials)


def test_a_wrong_guess_while_the_password_is_reset(cast, letters, together):
    cast.bob.sign_in()
    token = reset_link(cast.bob, letters)
    was_reset, guessed = together(lambda: reset(cast.bob, token), lambda: cast.bob.sign_in(password="wrong"))
    assert was_reset is None
    assert isinstance(guessed, errors.InvalidCredentials)


def test_a_sign_in_that_is_stopped_while_the_password_is_reset(cast, services, letters, together):
    cast.bob.sign_in()
    token = reset_link(cast.bob, letters)
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"risk_medium": 1})
    was_reset, stopped = together(lambda: reset(cast.bob, token), cast.bob.sign_in)
    assert was_reset is None
    assert isinstance(stopped, errors.EmailCodeRequired | errors.InvalidCredentials)


def test_a_reset_while_the_owner_changes_the_password(cast, letters, together, guess):
    mine, token = cast.bob.sign_in(), reset_link(cast.bob, letters)
    changed, was_reset = together(
        lambda: change_password(cast.bob, mine, new="changed in the meantime 4"), lambda: reset(cast.bob, token)
    )
    assert changed is None
    assert isinstance(was_reset, GONE)
    assert guess(cast.acme, cast.bob.email, "changed in the meantime 4") is None


def test_a_reset_while_the_address_changes(cast, letters, together):
    scope = cast.bob.scope(cast.bob.sign_in())
    token, other = reset_link(cast.bob, letters), email_link(cast.bob, scope, "robert@acme.example", letters)
    moved, was_reset = together(lambda: confirm(cast.bob, scope, other), lambda: reset(cast.bob, token))
    assert moved is None
    assert isinstance(was_reset, GONE)


def test_a_reset_while_the_account_is_locked_down(cast, services, letters, together):
    mine = [cast.bob.sign_in(), cast.bob.sign_in()][-1]
    not_me = links_to(letters, cast.bob.email, "/secure-account")[-1]
    token = reset_link(cast.bob, letters)
    locked, was_reset = together(
        lambda: services.lock_down.by_link(cast.acme, token=not_me, origin=an_origin()), lambda: reset(cast.bob, token)
    )
    assert locked is None
    assert isinstance(was_reset, GONE)
    assert not is_in(cast.bob, mine)


@pytest.mark.parametrize("first", ["reset", "sign in"])
def test_however_they_meet_the_old_password_opens_nothing_after_a_reset(cast, letters, guess, first):
    """Not one session of the old password lives on, whoever was faster."""
    token = reset_link(cast.bob, letters)
    acts = [lambda: reset(cast.bob, token), *[lambda: signed.append(cast.bob.sign_in())] * 8]
    signed = []
    order = acts if first == "reset" else acts[::-1]
    heard = at_once(len(order), lambda number: order[number]())
    assert set(heard) <= {None, errors.InvalidCredentials}, heard
    assert not [one for one in signed if is_in(cast.bob, one)]
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials
    assert guess(cast.acme, cast.bob.email, NEW) is None
