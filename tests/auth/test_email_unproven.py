"""Addresses that nobody has proven, where a tenant asks for no proof: they give nobody a way into an account."""

import pytest

from app.auth.registration import NewAccount
from tests.auth.steps import confirm, email_link, is_in, links_to
from tests.cast import Person, an_origin

PASSWORD = "petra velvet orbit 71"


@pytest.fixture
def lax(cast, services):
    return services.tenant_administration.change_settings(cast.acme, {"email_verification_required": False})


@pytest.fixture
def join(services, lax):
    """Somebody registers and is in at once."""

    def join(email):
        new = NewAccount(email=email, password=PASSWORD, wants_tokens=True)
        signed_in = services.registration.register(lax, new, origin=an_origin()).signed_in
        return Person(tenant=lax, email=email, id=signed_in.person.id, services=services, password=PASSWORD), signed_in

    return join


def change(person, signed_in, email, letters):
    scope = person.scope(signed_in)
    services = person.services
    services.email_change.ask(person.tenant, scope, email=email)
    confirm(person, scope, links_to(letters, email, "/account/email/confirmation")[-1])


def test_a_proven_address_takes_the_place_of_an_unproven_one(join, letters, owner):
    petra, here = join("typo@x.example")
    change(petra, here, "petra@x.example", letters)
    query = "SELECT email, email_verified_at IS NOT NULL FROM users WHERE id = %s"
    assert owner.execute(query, [petra.id]).fetchone() == ("petra@x.example", True)
    assert is_in(petra, here)


def test_whoever_has_the_mistyped_address_gets_no_link_to_the_account(join, letters):
    """Petra mistyped her address and puts it right: its true owner must not get the account by undoing that."""
    petra, here = join("typo@x.example")
    change(petra, here, "petra@x.example", letters)
    assert links_to(letters, "typo@x.example", "/undo-email-change") == []


def test_whoever_makes_way_is_out_at_once(join, letters, cast, lax, services):
    """Rule 5, and better-auth GHSA-2vg6: the account is gone, and so is every token of it."""
    squatter, theirs = join("petra@x.example")
    scope = cast.bob.scope(cast.bob.sign_in())
    confirm(cast.bob, scope, email_link(cast.bob, scope, squatter.email, letters))
    assert not is_in(squatter, theirs)
    assert not services.sessions.introspect(lax, theirs.tokens.access_token).active


def test_making_way_is_in_the_trail(join, letters, cast, happened):
    squatter, _ = join("petra@x.example")
    scope = cast.bob.scope(cast.bob.sign_in())
    confirm(cast.bob, scope, email_link(cast.bob, scope, squatter.email, letters))
    assert "user.deleted" in [event for event, *_ in happened(cast.acme)]
