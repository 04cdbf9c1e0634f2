"""Another address: asked for by whoever has just shown that it is them, proven at the new one, told to the old one."""

import pytest

from app.auth import errors
from app.errors import InvalidInput
from tests.auth.second_steps import with_app
from tests.auth.steps import (
    ask_email,
    ask_reset,
    confirm,
    email_link,
    links_to,
    move,
    outcome,
    reset_link,
)
from tests.cast import PASSWORD

NEW = "robert@acme.example"
GONE = errors.LinkExpired


@pytest.fixture
def scope(cast):
    return cast.bob.scope(cast.bob.sign_in())


@pytest.fixture
def address(owner, cast):
    """(address, whether it is proven), as the tables have it."""

    def address(person=None):
        query = "SELECT email, email_verified_at IS NOT NULL FROM users WHERE id = %s"
        return owner.execute(query, [(person or cast.bob).id]).fetchone()

    return address


def test_nothing_changes_before_the_new_address_is_proven(cast, scope, letters, guess, address):
    assert ask_email(cast.bob, scope, NEW) == NEW
    assert links_to(letters, NEW, "/account/email/confirmation")
    assert address() == (cast.bob.email, True)
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    assert guess(cast.acme, NEW, PASSWORD) is errors.InvalidCredentials


def test_confirming_changes_it_and_what_signs_in(cast, scope, letters, guess, address, happened):
    assert confirm(cast.bob, scope, email_link(cast.bob, scope, NEW, letters)) == NEW
    assert address() == (NEW, True)
    assert guess(cast.acme, NEW, PASSWORD) is None
    assert guess(cast.acme, "bob@acme.example", PASSWORD) is errors.InvalidCredentials
    assert ("user.email_changed", "success", None) in happened(cast.acme)


def test_cve_2023_0105_whoever_has_not_just_shown_that_it_is_them_asks_for_nothing(cast, scope, letters, clock):
    letters.deliver().clear()
    clock.forward(minutes=11)
    assert outcome(ask_email, cast.bob, scope, NEW) is errors.StepUpRequired
    assert list(letters.deliver()) == []


def test_whoever_has_a_second_factor_has_to_have_shown_it_too(cast, scope, clock):
    bob = with_app(cast.bob, clock)
    assert outcome(ask_email, cast.bob, scope, NEW) is errors.StepUpRequired
    assert ask_email(cast.bob, cast.bob.scope(bob.sign_in()), NEW) == NEW


@pytest.mark.parametrize("email", ["", "x", "a@x.example,b@x.example", "bob@acme.example", " BOB@ACME.example"])
def test_what_cannot_be_the_new_address_is_refused(cast, scope, email):
    with pytest.raises(InvalidInput) as refusal:
        ask_email(cast.bob, scope, email)
    assert refusal.value.errors[0].pointer == "/email"


def test_allauth_65_12_1_only_whoever_asked_confirms(cast, scope, letters, address):
    token = email_link(cast.bob, scope, NEW, letters)
    for other in (cast.ada, cast.mallory):
        theirs = other.scope(other.sign_in())
        assert outcome(confirm, other, theirs, token) is GONE
        assert outcome(other.services.email_change.look, other.tenant, theirs, token=token) is GONE
    assert address() == (cast.bob.email, True)
    assert address(cast.ada) == (cast.ada.email, True)
    confirm(cast.bob, cast.bob.scope(cast.bob.sign_in()), token)


def test_cve_2022_39263_a_link_that_bob_asked_for_gives_mallory_no_address(cast, letters, scope):
    """Bob's link in a mailbox that is Mallory's: she may read it, and can do nothing with it."""
    token = email_link(cast.bob, scope, cast.mallory.email, letters)
    mallory = cast.mallory.scope(cast.mallory.sign_in())
    assert outcome(confirm, cast.mallory, mallory, token) is GONE


def test_a_link_works_once_for_a_day_and_the_newest_alone(cast, scope, letters, clock):
    older = email_link(cast.bob, scope, "first@acme.example", letters)
    newer = email_link(cast.bob, scope, NEW, letters)
    assert outcome(confirm, cast.bob, scope, older) is GONE
    confirm(cast.bob, scope, newer)
    assert outcome(confirm, cast.bob, scope, newer) is GONE
    cast.bob.email = NEW
    scope = cast.bob.scope(cast.bob.sign_in())
    late = email_link(cast.bob, scope, "third@acme.example", letters)
    clock.forward(hours=24, seconds=1)
    assert outcome(confirm, cast.bob, scope, late) is GONE


def test_asvs_6_3_7_the_old_address_is_told(cast, scope, letters):
    letters.deliver().clear()
    confirm(cast.bob, scope, email_link(cast.bob, scope, NEW, letters))
    mails = [mail for mail in letters.deliver() if mail.to == "bob@acme.example"]
    assert [mail.subject for mail in mails] == ["The address of your Acme account was changed"]
    assert NEW in mails[0].text
    assert f"{cast.acme.origin}/undo-email-change?token=" in mails[0].text


def test_open_links_die_with_the_old_address_and_those_that_undo_things_stay(cast, scope, letters, services):
    cast.bob.sign_in()
    not_me = links_to(letters, cast.bob.email, "/secure-account")[-1]
    reset = reset_link(cast.bob, letters)
    undo = move(cast.bob, scope, NEW, letters)
    assert outcome(services.recovery.look, cast.acme, token=reset) is GONE
    assert outcome(services.lock_down.look, cast.acme, token=not_me) is GONE, "it went to an address that is not theirs"
    assert services.email_change.look_back(cast.acme, token=undo).old_email == "bob@acme.example"
    letters.clear()
    ask_reset(cast.bob, "bob@acme.example")
    assert list(letters.deliver()) == []
