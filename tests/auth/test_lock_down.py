"""Locking an account down by the link of a warning: everybody is out, and the owner has the way back."""

import pytest

from app.auth import errors
from app.errors import InvalidInput
from tests.auth.steps import (
    NEW,
    change_password,
    is_in,
    links_to,
    move,
    outcome,
    refreshes,
    reset,
    undo,
)
from tests.auth.test_recovery_races import at_once
from tests.cast import PASSWORD, an_origin

GONE = errors.LinkExpired


@pytest.fixture
def warned(cast, letters):
    """The link of the mail about a sign-in on a new device, and that sign-in."""
    cast.bob.sign_in(tokens=False)
    stranger = cast.bob.sign_in()
    return links_to(letters, cast.bob.email, "/secure-account")[-1], stranger


@pytest.fixture
def shut(services, cast):
    def shut(token, tenant=None):
        return services.lock_down.by_link(tenant or cast.acme, token=token, origin=an_origin())

    return shut


@pytest.fixture
def devices(owner):
    def devices(person):
        query = "SELECT count(*) FROM known_devices WHERE user_id = %s"
        return owner.execute(query, [person.id]).fetchone()[0]

    return devices


def test_the_link_shuts_everybody_out_at_once(cast, warned, shut, active, guess):
    token, stranger = warned
    browser, adas = cast.bob.sign_in(tokens=False), cast.ada.sign_in()
    assert shut(token) == cast.bob.email
    assert not is_in(cast.bob, stranger)
    assert not is_in(cast.bob, browser)
    assert not refreshes(cast.bob, stranger)
    assert not active(cast.bob, stranger)
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials
    assert is_in(cast.ada, adas)


def test_no_device_is_known_any_more_and_a_stolen_one_is_a_stranger(cast, warned, shut, devices, guess):
    known = cast.bob.sign_in(tokens=False).device
    cast.ada.sign_in()
    shut(warned[0])
    assert (devices(cast.bob), devices(cast.ada)) == (0, 1)
    assert not cast.bob.services.login.knows(cast.acme, email_key=cast.bob.email, device=known)


def test_the_owner_gets_a_link_to_a_new_password_and_everything_is_in_the_trail(cast, warned, shut, letters, happened):
    letters.clear()
    shut(warned[0])
    assert [mail.subject for mail in letters.deliver()] == ["Choose a new password for Acme"]
    trail = happened(cast.acme)
    assert ("session.revoked", "success", "not_me") in trail
    assert {"device.forgotten", "user.updated"} <= {event for event, *_ in trail}
    reset(cast.bob, links_to(letters, cast.bob.email, "/reset-password")[-1])
    cast.bob.sign_in(password=NEW)


def test_the_scrubbed_password_may_not_be_chosen_again_at_once(cast, warned, shut, letters):
    """Somebody else knows it: that is why the account was locked down."""
    shut(warned[0])
    token = links_to(letters, cast.bob.email, "/reset-password")[-1]
    assert outcome(reset, cast.bob, token, PASSWORD) is InvalidInput


def test_looking_tells_what_it_is_about_and_does_nothing(cast, warned, services):
    token, stranger = warned
    seen = services.lock_down.look(cast.acme, token=token)
    assert (seen.email, seen.ip) == (cast.bob.email, "192.0.2.7")
    assert seen.at is not None
    assert is_in(cast.bob, stranger)


def test_a_link_works_once_and_of_twenty_at_once_one_does(cast, warned, shut, happened):
    heard = at_once(20, lambda _: shut(warned[0]))
    assert (heard.count(None), heard.count(GONE)) == (1, 19)
    assert outcome(shut, warned[0]) is GONE


def test_a_link_is_good_for_seven_days_at_its_own_tenant(cast, warned, shut, clock):
    assert outcome(shut, warned[0], cast.globex) is GONE
    clock.forward(days=7, seconds=1)
    assert outcome(shut, warned[0]) is GONE


def test_a_thief_who_has_moved_the_address_cannot_be_shut_out_by_it_but_by_undoing(cast, warned, shut, letters):
    back = move(cast.bob, cast.bob.scope(warned[1]), "thief@x.example", letters)
    assert outcome(shut, warned[0]) is GONE
    undo(cast.bob, back)
    assert not is_in(cast.bob, warned[1])


def test_a_warning_in_the_thiefs_mailbox_is_worth_nothing_once_the_address_is_back(cast, warned, shut, letters):
    back = move(cast.bob, cast.bob.scope(warned[1]), "thief@x.example", letters)
    cast.bob.email = "thief@x.example"
    cast.bob.sign_in()
    theirs = links_to(letters, "thief@x.example", "/secure-account")[-1]
    undo(cast.bob, back)
    assert outcome(shut, theirs) is GONE


def test_a_change_of_the_password_by_a_thief_does_not_void_the_link(cast, warned, shut):
    change_password(cast.bob, warned[1])
    shut(warned[0])
    assert not is_in(cast.bob, warned[1])
