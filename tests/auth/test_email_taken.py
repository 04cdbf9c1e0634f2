"""A new address that is somebody's already: proven, it stays theirs; unproven, they make way."""

import pytest

from app.auth import errors
from app.auth.registration import NewAccount
from tests.auth.steps import (
    ask_email,
    confirm,
    email_link,
    links_to,
    outcome,
)
from tests.cast import an_origin

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


def test_an_address_that_is_taken_gets_the_same_answer_and_its_owner_hears(cast, scope, letters, address):
    letters.deliver().clear()
    assert ask_email(cast.bob, scope, cast.ada.email) == cast.ada.email
    (mail,) = letters.deliver()
    assert (mail.to, mail.subject) == (cast.ada.email, "You already have an account with Acme")
    assert "token=" not in mail.text
    assert address() == (cast.bob.email, True)


def test_an_address_taken_after_the_link_was_mailed_is_not_taken_away(cast, scope, letters, address):
    token = email_link(cast.bob, scope, NEW, letters)
    robert = cast.person(cast.acme, NEW)
    assert outcome(confirm, cast.bob, scope, token) is GONE
    assert address(robert) == (NEW, True)
    assert address() == (cast.bob.email, True)


def test_whoever_registered_it_without_proof_makes_way(cast, scope, letters, guess, services, address):
    services.registration.register(
        cast.acme, NewAccount(email=NEW, password="petra velvet orbit 71"), origin=an_origin()
    )
    squatters = links_to(letters, NEW, "/verify-email")[-1]
    confirm(cast.bob, scope, email_link(cast.bob, scope, NEW, letters))
    assert address() == (NEW, True)
    assert guess(cast.acme, NEW, "petra velvet orbit 71") is errors.InvalidCredentials
    assert outcome(services.verification.look, cast.acme, token=squatters, challenges=[]) is GONE
