"""Somebody was in the account and left a factor of their own: "this was not me" takes that back too (ASVS 7.4.3)."""

import pytest

from app.auth import errors
from tests.auth.apps import Apps
from tests.auth.factored import add_app, add_codes, add_passkey, left_of
from tests.auth.holding import Holder
from tests.auth.second_steps import challenge_of, with_app
from tests.auth.steps import NEW, email_link, links_to, outcome, reset, undo
from tests.auth.steps import confirm as confirm_email
from tests.cast import an_origin
from tests.waiting import at_once

SECURE = "/secure-account"


@pytest.fixture
def shut(services, cast):
    def shut(token):
        return services.lock_down.by_link(cast.acme, token=token, origin=an_origin())

    return shut


@pytest.fixture
def back_in(cast, letters):
    """Bob chooses another password by the link that was mailed to him, and signs in with nothing else."""

    def back_in():
        reset(cast.bob, links_to(letters, cast.bob.email, "/reset-password")[-1])
        return cast.bob.sign_in(password=NEW)

    return back_in


@pytest.fixture
def strange(services, cast):
    """A stranger's passkey, added to Bob's account from the session that they hold."""

    def strange(signed_in):
        held, scope = Holder(services, cast.bob), cast.bob.scope(signed_in)
        asked = services.passkeys.ask_own(cast.acme, scope)
        key = held.new()
        services.passkeys.add_own(cast.acme, scope, secret=asked.secret, credential=key.create(asked.options))
        return key

    return strange


def test_an_app_that_a_stranger_added_goes_with_the_link_of_its_mail(cast, clock, letters, shut, back_in, happened):
    with_app(cast.bob, clock)
    shut(links_to(letters, cast.bob.email, SECURE)[-1])
    assert left_of(cast.bob)["totp_authenticators"] == 0
    assert ("second_factor.removed", "success", "not_me") in happened(cast.acme)
    assert back_in().session_id


def test_a_passkey_goes_too_and_opens_nothing_any_more(cast, services, letters, shut, strange, back_in):
    key = strange(cast.bob.sign_in())
    shut(links_to(letters, cast.bob.email, SECURE)[-1])
    with pytest.raises(errors.PasskeyRefused):
        Holder(services, cast.bob).sign_in(key)
    back_in()


def test_so_it_does_with_the_link_of_the_sign_in_that_it_came_with(cast, letters, shut, strange):
    """The owner may read that mail first, or alone."""
    cast.bob.sign_in(tokens=False)
    stranger = cast.bob.sign_in()
    token = links_to(letters, cast.bob.email, SECURE)[-1]
    strange(stranger)
    shut(token)
    assert left_of(cast.bob)["passkeys"] == 0


def test_and_one_that_was_set_up_on_the_way_in(cast, services, letters, shut):
    """Where a factor is required, it comes before the session does."""
    cast.bob.sign_in(tokens=False)
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"second_factor": "required"})
    challenge = challenge_of(cast.bob.sign_in, refusal=errors.SecondFactorEnrolmentRequired)
    how = {"for_api": True, "origin": an_origin()}
    begun = services.enrolment.begin_app(cast.bob.tenant, challenge, **how)
    code = Apps(services).code(begun)
    services.enrolment.confirm_app(cast.bob.tenant, challenge, code=code, **how)
    alert = next(mail for mail in letters.deliver() if mail.to == cast.bob.email and "New sign-in" in mail.subject)
    shut(next(word.partition("token=")[2] for word in alert.text.split() if f"{SECURE}?token=" in word))
    assert left_of(cast.bob)["totp_authenticators"] == 0


def test_undoing_a_change_of_the_address_takes_back_what_was_added_since(cast, services, letters, strange, back_in):
    """The mail about it went to the thief."""
    thief = cast.bob.sign_in()
    confirm_email(cast.bob, cast.bob.scope(thief), email_link(cast.bob, cast.bob.scope(thief), "t@x.example", letters))
    key = strange(thief)
    undo(cast.bob, links_to(letters, cast.bob.email, "/undo-email-change")[-1])
    with pytest.raises(errors.PasskeyRefused):
        Holder(services, cast.bob).sign_in(key)
    back_in()


def test_what_was_there_before_stays_and_what_came_since_goes(cast, clock, letters, shut):
    add_app(cast.bob, name="Mine")
    add_codes(cast.bob)
    clock.forward(days=1)
    add_passkey(cast.bob, name="Theirs")
    token = _warned(cast, letters)
    shut(token)
    left = left_of(cast.bob)
    assert (left["totp_authenticators"], left["backup_code_sets"], left["passkeys"]) == (1, 1, 0)


def test_codes_made_since_are_void_and_an_app_begun_since_is_no_more(cast, clock, letters, shut):
    add_app(cast.bob, name="Mine")
    clock.forward(days=1)
    token = _warned(cast, letters)
    add_codes(cast.bob)
    add_app(cast.bob, name="Begun", confirmed=False)
    shut(token)
    left = left_of(cast.bob)
    assert (left["totp_authenticators"], left["backup_code_sets"]) == (1, 0)


def test_the_owner_is_told_of_what_is_gone(cast, clock, letters, shut):
    with_app(cast.bob, clock)
    token = links_to(letters, cast.bob.email, SECURE)[-1]
    letters.clear()
    shut(token)
    assert any("authentication app" in mail.text for mail in letters.deliver() if mail.to == cast.bob.email)


def test_of_twenty_who_follow_it_at_once_one_does_it(cast, clock, letters, shut, happened):
    with_app(cast.bob, clock)
    token = links_to(letters, cast.bob.email, SECURE)[-1]
    heard = at_once(*[lambda: outcome(shut, token)] * 20)
    assert heard.count(None) == 1
    assert [event for event, *_ in happened(cast.acme)].count("second_factor.removed") == 1


def _warned(cast, letters):
    """The link of a mail that is about nothing in particular: the password was changed."""
    with cast.bob.services.units.begin(cast.acme.id) as unit:
        cast.bob.services.outbox.put(
            unit,
            tenant_id=cast.acme.id,
            kind="mail.password_changed",
            user_id=cast.bob.id,
            event="user.password_changed",
        )
    return links_to(letters, cast.bob.email, SECURE)[-1]
