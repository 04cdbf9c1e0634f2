"""Locking the own account down from inside: all others are out, and this session stays."""

import pytest

from app.auth import errors
from tests.auth.steps import (
    change_password,
    email_link,
    is_in,
    outcome,
    refreshes,
)

GONE = errors.LinkExpired


@pytest.fixture
def devices(owner):
    def devices(person):
        query = "SELECT count(*) FROM known_devices WHERE user_id = %s"
        return owner.execute(query, [person.id]).fetchone()[0]

    return devices


def test_from_inside_all_others_end_and_this_one_stays(cast, services, devices, letters, active):
    here, other, browser = cast.bob.sign_in(), cast.bob.sign_in(), cast.bob.sign_in(tokens=False)
    services.lock_down.from_inside(cast.acme, cast.bob.scope(here))
    assert is_in(cast.bob, here)
    assert refreshes(cast.bob, here)
    assert not is_in(cast.bob, other)
    assert not is_in(cast.bob, browser)
    assert not active(cast.bob, other)
    assert devices(cast.bob) == 0
    change_password(cast.bob, here)


def test_from_inside_what_the_thief_asked_for_dies(cast, services, letters):
    thief, here = cast.bob.sign_in(), cast.bob.sign_in()
    scope = cast.bob.scope(thief)
    theirs = email_link(cast.bob, scope, "thief@x.example", letters)
    services.lock_down.from_inside(cast.acme, cast.bob.scope(here))
    assert outcome(services.email_change.confirm, cast.acme, scope, token=theirs) is GONE


def test_from_inside_it_is_in_the_trail_even_where_nothing_was_left_to_end(cast, services, happened):
    here = cast.bob.sign_in()
    services.lock_down.from_inside(cast.acme, cast.bob.scope(here))
    services.lock_down.from_inside(cast.acme, cast.bob.scope(here))
    assert [event for event, *_ in happened(cast.acme)].count("user.updated") == 2


def test_the_sign_in_after_a_lock_down_is_told_like_any_other(cast, services, letters):
    """The thief still knows the password until it is changed: what they do then must not go unsaid."""
    here = cast.bob.sign_in(tokens=False)
    services.lock_down.from_inside(cast.acme, cast.bob.scope(here))
    letters.deliver().clear()
    cast.bob.sign_in()
    assert "New sign-in to your Acme account" in [mail.subject for mail in letters.deliver()]
