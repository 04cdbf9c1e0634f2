"""Whoever gets or loses a second factor is told by mail, with a link that shuts everybody else out."""

import pytest

from app.auth.factor_changes import FactorChanges
from app.errors import NotFound
from app.ids import uuid7
from app.scope import Actor, ActorKind
from tests.auth.factored import add_app, start_reset
from tests.auth.steps import links_to, outcome
from tests.cast import an_origin

SHOWN = {"totp": "otp", "passkey": "swk"}


@pytest.fixture
def change(services, cast):
    """A factor of Bob's comes (``added``) or goes (``removed``)."""
    changes = FactorChanges(outbox=services.outbox, clock=services.ports.clock)

    def change(verb, kind):
        bob = Actor(kind=ActorKind.USER, id=cast.bob.id)
        how = {"kind": kind, "name": "Phone", "actor": bob, "origin": an_origin()}
        with services.units.begin(cast.acme.id) as unit:
            if verb == "added":
                changes.added(unit, cast.acme, bob.id, shown=SHOWN[kind], factor_id=uuid7(), **how)
            else:
                changes.removed(unit, cast.acme, bob.id, **how)

    return change


@pytest.fixture
def alert(services, cast):
    """Something worth a warning happened to Bob."""

    def alert(reason):
        with services.units.begin(cast.acme.id) as unit:
            services.outbox.put(
                unit, tenant_id=cast.acme.id, kind="mail.security_alert", user_id=cast.bob.id, reason=reason
            )

    return alert


@pytest.mark.parametrize("verb", ["added", "removed"])
@pytest.mark.parametrize(("kind", "words"), [("totp", "authentication app"), ("passkey", "passkey")])
def test_they_are_told_of_what_where_and_how_to_say_no(services, cast, change, letters, verb, kind, words):
    change(verb, kind)
    mail = letters.to(cast.bob.email)
    for fact in (words, "192.0.2.7", "Chrome"):
        assert fact in mail.text
    token = links_to(letters, cast.bob.email, "/secure-account")[-1]
    assert services.lock_down.by_link(cast.acme, token=token, origin=an_origin()) == cast.bob.email


@pytest.mark.parametrize("reason", ["passkey_cloned", "code_guesses"])
def test_what_looks_like_somebody_else_is_told_with_the_page_that_helps(cast, alert, letters, reason):
    alert(reason)
    assert f"{cast.acme.origin}/account/security" in letters.to(cast.bob.email).text


def test_a_reset_that_was_called_off_before_the_mail_was_written_is_told_to_nobody(services, cast, letters):
    ada = cast.ada.scope(cast.ada.sign_in())
    add_app(cast.bob)
    letters.deliver()
    letters.clear()
    start_reset(ada, cast.bob)
    services.factor_resets.cancel(cast.acme, ada, cast.bob.id)
    assert outcome(services.factor_resets.cancel, cast.acme, ada, cast.bob.id) is NotFound
    assert [mail for mail in letters.deliver() if cast.acme.origin in mail.text] == []


def test_somebody_whose_address_was_never_proven_is_told_of_a_reset_too(services, cast, owner, letters):
    add_app(cast.bob)
    owner.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [cast.bob.id])
    start_reset(cast.ada.scope(cast.ada.sign_in()), cast.bob)
    assert links_to(letters, cast.bob.email, "/keep-factors")
