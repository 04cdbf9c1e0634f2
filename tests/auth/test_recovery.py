"""The link that resets a password: it works once, for an hour, and dies in more ways than one."""

from dataclasses import replace

import pytest

from app.auth import errors
from app.auth.registration import NewAccount
from app.errors import InvalidInput, Problem
from tests.auth.steps import (
    NEW,
    change_password,
    confirm,
    email_link,
    is_in,
    links_to,
    reset,
    reset_link,
)
from tests.cast import PASSWORD, an_origin

GONE = errors.LinkExpired


@pytest.fixture
def tokens(owner, cast):
    """The reset links that rest in Acme's tables: their digests."""

    def tokens():
        query = "SELECT secret_digest FROM one_time_tokens WHERE tenant_id = %s AND purpose = 'password_reset'"
        return [bytes(row[0]) for row in owner.execute(query, [cast.acme.id])]

    return tokens


@pytest.fixture
def kinds(cast, services):
    """An address of each kind."""
    cast.person(cast.acme, "gone@acme.example")
    services.users.disable(cast.acme, email="gone@acme.example")
    cast.person(cast.acme, "social@acme.example", password=None)
    new = NewAccount(email="fresh@acme.example", password="petra velvet orbit 71")
    services.registration.register(cast.acme, new, origin=an_origin())
    leaver = cast.person(cast.acme, "leaver@acme.example")
    services.farewell.leave(cast.acme, leaver.scope(leaver.sign_in()), confirmation="leaver@acme.example")
    return ["nobody", "bob", "gone", "social", "fresh", "leaver"]


def test_a_link_works_once(cast, letters, guess):
    token = reset_link(cast.bob, letters)
    assert reset(cast.bob, token) == cast.bob.email
    with pytest.raises(GONE):
        reset(cast.bob, token, "another long sentence 9")
    assert guess(cast.acme, cast.bob.email, NEW) is None
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials


def test_a_newer_link_replaces_the_older_one(cast, letters):
    older, newer = reset_link(cast.bob, letters), reset_link(cast.bob, letters)
    with pytest.raises(GONE):
        reset(cast.bob, older)
    reset(cast.bob, newer)


def _address_changed(cast, letters):
    scope = cast.bob.scope(cast.bob.sign_in())
    confirm(cast.bob, scope, email_link(cast.bob, scope, "robert@acme.example", letters))


def _locked_down_by_mail(cast, letters):
    cast.bob.sign_in(tokens=False)
    cast.bob.sign_in(tokens=False)
    token = links_to(letters, cast.bob.email, "/secure-account")[-1]
    cast.bob.services.lock_down.by_link(cast.acme, token=token, origin=an_origin())


ENDS = {
    "the password was changed": lambda cast, _: change_password(cast.bob, cast.bob.sign_in()),
    "the address was changed": _address_changed,
    "locked down by mail": _locked_down_by_mail,
    "locked down from inside": lambda cast, _: cast.bob.services.lock_down.from_inside(
        cast.acme, cast.bob.scope(cast.bob.sign_in())
    ),
    "disabled": lambda cast, _: cast.bob.services.users.disable(cast.acme, email=cast.bob.email),
    "leaving": lambda cast, _: cast.bob.services.farewell.leave(
        cast.acme, cast.bob.scope(cast.bob.sign_in()), confirmation=cast.bob.email
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_link_dies_with_what_it_was_asked_for(cast, letters, how):
    token = reset_link(cast.bob, letters)
    ENDS[how](cast, letters)
    with pytest.raises(GONE):
        cast.bob.services.recovery.look(cast.acme, token=token)
    with pytest.raises(GONE):
        reset(cast.bob, token)


def test_a_link_is_good_for_an_hour_from_the_asking(cast, letters, clock):
    token = reset_link(cast.bob, letters)
    clock.forward(minutes=59, seconds=50)
    assert cast.bob.services.recovery.look(cast.acme, token=token).email == cast.bob.email
    clock.forward(seconds=11)
    with pytest.raises(GONE):
        reset(cast.bob, token)


def test_looking_changes_nothing(cast, letters, owner):
    token, mine = reset_link(cast.bob, letters), cast.bob.sign_in()
    for _ in range(3):
        cast.bob.services.recovery.look(cast.acme, token=token)
    assert is_in(cast.bob, mine)
    reset(cast.bob, token)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 4000, "é" * 43, "\x00", "%"])
def test_what_is_no_link_is_expired(cast, token):
    with pytest.raises(GONE):
        reset(cast.bob, token)


@pytest.mark.parametrize("password", ["short", "bob@acme.example1", "password12345", PASSWORD, "x" * 129])
def test_a_password_that_is_refused_leaves_the_link_good(cast, letters, guess, password):
    token = reset_link(cast.bob, letters)
    with pytest.raises(InvalidInput) as refusal:
        reset(cast.bob, token, password)
    assert refusal.value.errors[0].pointer == "/new_password"
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    reset(cast.bob, token)


@pytest.mark.parametrize("change", [{"suspended": True}, {"methods": ("magic_link",)}])
def test_where_passwords_do_not_count_no_link_does(cast, letters, change):
    token = reset_link(cast.bob, letters)
    settings = cast.acme.settings.model_copy(update=change)
    tenant = replace(cast.acme, suspended=True) if "suspended" in change else replace(cast.acme, settings=settings)
    recovery = cast.bob.services.recovery
    for act in (
        lambda: recovery.ask(tenant, email=cast.bob.email, origin=an_origin()),
        lambda: recovery.look(tenant, token=token),
        lambda: reset(cast.bob, token, tenant=tenant),
    ):
        with pytest.raises(Problem) as refusal:
            act()
        assert refusal.value.status == 403
