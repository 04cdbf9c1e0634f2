"""Undoing a change of the address: whoever had it before has the last word, for seven days."""

import pytest

from app.auth import errors
from tests.auth.steps import (
    NEW,
    ask_reset,
    confirm,
    email_link,
    is_in,
    links_to,
    move,
    outcome,
    refreshes,
    reset,
    undo,
)
from tests.cast import PASSWORD, an_origin

GONE = errors.LinkExpired
MINE = "bob@acme.example"


def test_undoing_puts_the_address_back_and_shuts_everybody_out(cast, thief, stolen, letters, guess, email, happened):
    assert undo(cast.bob, stolen) == MINE
    assert email() == MINE
    assert not is_in(cast.bob, thief)
    assert not refreshes(cast.bob, thief)
    assert guess(cast.acme, MINE, PASSWORD) is errors.InvalidCredentials
    assert guess(cast.acme, "thief@x.example", PASSWORD) is errors.InvalidCredentials
    assert ("user.email_changed", "success", "undone") in happened(cast.acme)


def test_the_owner_gets_the_link_to_a_new_password_and_the_thief_gets_none(cast, stolen, letters, guess):
    letters.deliver().clear()
    undo(cast.bob, stolen)
    assert {mail.to for mail in letters.deliver()} == {MINE}
    ask_reset(cast.bob, "thief@x.example")
    assert {mail.to for mail in letters.deliver()} == {MINE}
    reset(cast.bob, links_to(letters, MINE, "/reset-password")[-1])
    assert guess(cast.acme, MINE, NEW) is None


def test_it_works_once_and_for_seven_days(cast, stolen, clock):
    clock.forward(days=6, hours=23, minutes=59)
    assert cast.bob.services.email_change.look_back(cast.acme, token=stolen).new_email == "thief@x.example"
    undo(cast.bob, stolen)
    assert outcome(undo, cast.bob, stolen) is GONE


def test_after_seven_days_it_does_not(cast, stolen, clock, email):
    clock.forward(days=7, seconds=1)
    assert outcome(undo, cast.bob, stolen) is GONE
    assert email() == "thief@x.example"


def test_mallory_cannot_and_no_other_link_does(cast, stolen):
    assert outcome(undo, cast.mallory, stolen) is GONE
    services = cast.bob.services
    for act in (services.lock_down.by_link, services.reopening.unlock, services.reopening.allow):
        assert outcome(act, cast.acme, token=stolen, origin=an_origin()) is GONE
    undo(cast.bob, stolen)


@pytest.mark.parametrize("thief_undoes_first", [False, True])
def test_a_thief_who_moves_on_cannot_void_the_owners_link(cast, thief, stolen, letters, email, thief_undoes_first):
    theirs = move(cast.bob, cast.bob.scope(thief), "further@x.example", letters)
    if thief_undoes_first:
        undo(cast.bob, theirs)
        assert email() == "thief@x.example"
    undo(cast.bob, stolen)
    assert email() == MINE
    assert outcome(undo, cast.bob, theirs) is GONE


def test_a_new_password_of_the_thiefs_does_not_void_the_owners_link(cast, thief, stolen, letters, email):
    cast.bob.email = "thief@x.example"
    ask_reset(cast.bob)
    reset(cast.bob, links_to(letters, "thief@x.example", "/reset-password")[-1])
    undo(cast.bob, stolen)
    assert email() == MINE


def test_a_thief_who_closes_the_account_does_not_take_it_away(cast, thief, stolen, letters, guess, services):
    services.farewell.leave(cast.acme, cast.bob.scope(thief), confirmation="thief@x.example")
    letters.deliver()
    undo(cast.bob, stolen)
    reset(cast.bob, links_to(letters, MINE, "/reset-password")[-1])
    assert guess(cast.acme, MINE, NEW) is None, "it is not about to be erased any more"


def test_somebody_who_registered_the_old_address_since_makes_way(cast, stolen, services, email):
    from app.auth.registration import NewAccount

    new = NewAccount(email=MINE, password="petra velvet orbit 71")
    services.registration.register(cast.acme, new, origin=an_origin())
    undo(cast.bob, stolen)
    assert email() == MINE


def test_somebody_who_has_proven_the_old_address_since_keeps_it(cast, stolen, email):
    cast.person(cast.acme, MINE)
    assert outcome(undo, cast.bob, stolen) is GONE
    assert email() == "thief@x.example"


def test_going_back_by_oneself_leaves_the_thief_no_link_that_outlives_the_owners(cast, stolen, letters, clock):
    """The owner may go back by the settings: what is mailed to the thief then must not take the account again."""
    clock.forward(days=6)
    cast.bob.email = "thief@x.example"
    scope = cast.bob.scope(cast.bob.sign_in())
    confirm(cast.bob, scope, email_link(cast.bob, scope, MINE, letters))
    clock.forward(days=2)
    theirs = links_to(letters, "thief@x.example", "/undo-email-change")
    assert not theirs or outcome(undo, cast.bob, theirs[-1]) is GONE
