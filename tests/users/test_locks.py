"""Administrators see that somebody is locked out, and let them in again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth import errors
from app.errors import Forbidden, NotFound
from app.users.locks import LockView
from tests.auth.factored import guess_code, left_of
from tests.cast import an_origin

OPEN = LockView(locked=False, closed=False, locked_until=None)


@pytest.fixture
def guess_wrong():
    def guess_wrong(person, times=5):
        for _ in range(times):
            with pytest.raises(errors.InvalidCredentials):
                person.sign_in(password="wrong")

    return guess_wrong


@pytest.fixture
def ada(cast, scope_of):
    return scope_of(cast.ada)


def test_an_account_is_open_until_strangers_guess_too_often(services, cast, ada, guess_wrong):
    assert services.locks.show(ada, cast.bob.id) == OPEN
    guess_wrong(cast.bob, 4)
    assert services.locks.show(ada, cast.bob.id) == OPEN
    guess_wrong(cast.bob, 1)
    view = services.locks.show(ada, cast.bob.id)
    assert (view.locked, view.closed) == (True, False)
    assert timedelta(minutes=29) < view.locked_until - services.ports.clock() <= timedelta(minutes=30)


def test_a_lock_ends_by_itself(services, cast, ada, guess_wrong, clock):
    guess_wrong(cast.bob)
    clock.forward(minutes=31)
    assert services.locks.show(ada, cast.bob.id) == OPEN


def test_after_a_day_of_guesses_it_stays_closed_until_it_is_opened(services, cast, ada, guess_wrong, clock):
    for _ in range(10):
        guess_wrong(cast.bob)
        clock.forward(minutes=31)
    assert services.locks.show(ada, cast.bob.id) == LockView(locked=True, closed=True, locked_until=None)
    with pytest.raises(errors.StepUpRequired):
        services.locks.open(cast.acme, ada, cast.bob.id)
    ada = cast.ada.scope(cast.ada.sign_in())
    assert services.locks.open(cast.acme, ada, cast.bob.id) is True
    assert services.locks.show(ada, cast.bob.id) == OPEN
    assert cast.bob.sign_in()


def test_opening_names_the_administrator_in_the_trail_once_and_on_whose_behalf(services, cast, ada, guess_wrong, owner):
    guess_wrong(cast.bob)
    assert services.locks.open(cast.acme, ada, cast.bob.id) is True
    assert services.locks.open(cast.acme, ada, cast.bob.id) is False
    acting = replace(ada, impersonator_id=cast.bob.id)
    guess_wrong(cast.bob)
    with pytest.raises(Forbidden):
        services.locks.open(cast.acme, acting, cast.bob.id)
    # Whoever is let do so one day is named with whom they act for.
    whose = {"user_id": cast.bob.id, "email_key": cast.bob.email}
    by = {"actor": acting.actor, "origin": acting.origin, "impersonator_id": acting.impersonator_id}
    assert services.locks._lockout.unlock(cast.acme, **whose, **by) is True
    rows = owner.execute(
        "SELECT actor_kind, actor_id, impersonator_id, subject_id, outcome, host(ip) FROM audit_events"
        " WHERE tenant_id = %s AND event = 'account.unlocked' ORDER BY at, id",
        [cast.acme.id],
    ).fetchall()
    who = ("user", cast.ada.id)
    what = (cast.bob.id, "success", an_origin().ip)
    assert rows == [(*who, None, *what), (*who, cast.bob.id, *what)]


def test_a_browser_that_is_known_is_no_part_of_it(services, cast, ada, guess_wrong):
    device = cast.bob.sign_in(tokens=False).device
    guess_wrong(cast.bob)
    assert services.locks.show(ada, cast.bob.id).locked
    assert cast.bob.sign_in(device=device)


@pytest.mark.parametrize(
    ("role", "sees", "opens"),
    [("owner", True, True), ("admin", True, True), ("support", True, False), ("member", False, False)],
)
def test_what_a_role_may_do_about_locks(services, cast, scope_of, role, sees, opens):
    scope = scope_of(cast.person(cast.acme, "petra@acme.example", role=role))
    for may, ask in (
        (sees, lambda: services.locks.show(scope, cast.bob.id)),
        (opens, lambda: services.locks.open(cast.acme, scope, cast.bob.id)),
    ):
        if may:
            ask()
        else:
            with pytest.raises(Forbidden):
                ask()


def test_mallory_finds_nobody_of_acme(services, cast, scope_of, guess_wrong):
    mallory = scope_of(cast.mallory)
    guess_wrong(cast.bob)
    with pytest.raises(NotFound):
        services.locks.show(mallory, cast.bob.id)
    with pytest.raises(NotFound):
        services.locks.open(cast.globex, mallory, cast.bob.id)
    with pytest.raises(errors.InvalidCredentials):
        cast.bob.sign_in()


def test_opening_forgets_wrong_codes_too_but_the_mailed_link_does_not(services, cast, ada, guess_wrong, letters):
    guess_code(cast.bob)
    guess_wrong(cast.bob)
    token = letters.token_to(cast.bob.email)
    services.reopening.unlock(cast.acme, token=token, origin=an_origin())
    assert left_of(cast.bob)["code_guesses"] == 1
    assert services.locks.open(cast.acme, ada, cast.bob.id) is True
    assert left_of(cast.bob)["code_guesses"] == 0
    assert services.locks.open(cast.acme, ada, cast.bob.id) is False
