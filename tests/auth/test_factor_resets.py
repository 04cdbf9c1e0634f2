"""A reset of factors: how it begins, and how it is called off."""

import pytest

from app.auth import errors
from app.errors import InvalidInput, NotFound
from tests.auth.factored import WHY, add_app, start_reset
from tests.auth.steps import links_to, outcome, reset, reset_link
from tests.cast import an_origin


@pytest.fixture
def ada(cast):
    return cast.ada.scope(cast.ada.sign_in())


@pytest.fixture
def bob(cast):
    """Bob's session, begun before he had an app."""
    scope = cast.bob.scope(cast.bob.sign_in())
    add_app(cast.bob)
    return scope


@pytest.fixture
def start(cast, ada):
    return lambda reason=WHY: start_reset(ada, cast.bob, reason=reason)


@pytest.fixture
def tell(letters, cast):
    """The link of the newest mail to Bob about a reset."""
    return lambda: links_to(letters, cast.bob.email, "/keep-factors")[-1]


@pytest.fixture
def say_no(services, cast):
    def say_no(token, tenant=None):
        services.factor_resets.cancel_by_link(tenant or cast.acme, token=token, origin=an_origin())

    return say_no


def test_it_begins_with_a_mail_and_takes_nothing(services, cast, ada, bob, start, letters, clock):
    started = start(reason="  Bob has \n lost his phone. ")
    assert 23.9 < (started.takes_effect_at - clock()).total_seconds() / 3600 <= 24
    mail = letters.to(cast.bob.email)
    assert "/keep-factors?token=" in mail.text
    assert "your authentication apps" in mail.text
    assert WHY not in mail.text, "an administrator's words are no part of our mail"
    seen = services.factor_resets.show(cast.acme, ada, cast.bob.id)
    assert seen.enrolled
    assert (seen.reset.reason, seen.reset.started_by) == (WHY, cast.ada.id)
    assert services.factor_resets.own(cast.acme, bob).id == started.id


def test_a_tenant_says_how_long_it_takes(services, cast, ada, bob):
    services.tenant_administration.change_settings(cast.acme, {"factor_reset_hours": 48})
    tenant = services.tenants.by_id(cast.acme.id)
    started = services.factor_resets.start(tenant, ada, cast.bob.id, reason=WHY)
    assert (started.takes_effect_at - started.started_at).total_seconds() == 48 * 3600


def test_there_is_one_at_a_time_and_another_after_it_was_called_off(services, cast, ada, bob, start):
    start()
    assert outcome(start) is errors.ResetUnderWay
    services.factor_resets.cancel(cast.acme, ada, cast.bob.id)
    assert outcome(services.factor_resets.cancel, cast.acme, ada, cast.bob.id) is NotFound
    assert start()


@pytest.mark.parametrize("reason", ["", "         lost", "x" * 9, "x" * 501, "a bell \a in it"])
def test_a_reason_has_to_be_given(bob, start, reason):
    assert outcome(start, reason=reason) is InvalidInput


@pytest.mark.parametrize("state", ["without a factor", "an app never confirmed", "switched off", "leaving"])
def test_where_nothing_could_be_taken_away_it_is_refused(services, cast, start, owner, state):
    if state != "without a factor":
        add_app(cast.bob, confirmed=state != "an app never confirmed")
    if state == "switched off":
        services.users.disable(cast.acme, email=cast.bob.email)
    if state == "leaving":
        owner.execute("UPDATE users SET leaving_at = now() WHERE id = %s", [cast.bob.id])
    expected = {"switched off": errors.AccountDisabled, "leaving": errors.AccountLeaving}
    assert outcome(start) is expected.get(state, errors.SecondFactorNeeded)


def test_bob_says_no_by_the_link_and_it_is_over(services, cast, ada, bob, start, tell, say_no, happened):
    start()
    token = tell()
    seen = services.factor_resets.look(cast.acme, token=token)
    assert (seen.email, seen.reason) == (cast.bob.email, WHY)
    assert services.factor_resets.own(cast.acme, bob), "looking does nothing"
    assert outcome(say_no, token, cast.globex) is errors.LinkExpired
    say_no(token)
    assert services.factor_resets.own(cast.acme, bob) is None
    assert outcome(say_no, token) is errors.LinkExpired
    start()
    assert outcome(say_no, token) is errors.LinkExpired, "a link calls off what it was mailed for, and nothing later"


def test_bob_says_no_from_his_session(services, cast, bob, start):
    start()
    services.factor_resets.cancel_own(cast.acme, bob)
    assert services.factor_resets.own(cast.acme, bob) is None
    assert outcome(services.factor_resets.cancel_own, cast.acme, bob) is NotFound


def test_the_link_survives_a_new_password_but_is_worth_nothing_in_a_mailbox_that_was_left(
    cast, bob, start, tell, say_no, letters, owner
):
    start()
    token = tell()
    reset(cast.bob, reset_link(cast.bob, letters))
    for email in ("bob@new.example", cast.bob.email):
        owner.execute("UPDATE users SET email = %s, email_key = %s WHERE id = %s", [email, email, cast.bob.id])
        assert outcome(say_no, token) is (None if email == cast.bob.email else errors.LinkExpired)
