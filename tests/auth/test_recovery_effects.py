"""What a reset does: everybody is out at once, strangers' lane is open again, and the gate still asks for the rest."""

import pytest

from app.auth import errors
from app.auth.second_factor import Answer
from tests.auth.steps import NEW, is_in, outcome, refreshes, reset, reset_link
from tests.cast import PASSWORD, an_origin


@pytest.fixture
def sessions_of(owner):
    """How many live sessions somebody has by the tables."""

    def sessions_of(person):
        query = "SELECT count(*) FROM sessions WHERE user_id = %s AND revoked_at IS NULL"
        return owner.execute(query, [person.id]).fetchone()[0]

    return sessions_of


def test_every_session_and_token_ends_at_once_and_nobody_elses(cast, letters, active, listening):
    elsewhere = listening()
    client, browser, adas = cast.bob.sign_in(), cast.bob.sign_in(tokens=False, remember=True), cast.ada.sign_in()
    assert active(cast.bob, client, elsewhere)
    reset(cast.bob, reset_link(cast.bob, letters))
    assert not is_in(cast.bob, client)
    assert not is_in(cast.bob, browser)
    assert not refreshes(cast.bob, client)
    assert not active(cast.bob, client)
    assert not active(cast.bob, client, elsewhere), "another process has heard of it"
    assert is_in(cast.ada, adas)


def test_it_signs_nobody_in_and_counts_as_no_sign_in(cast, letters, sessions_of, happened, owner):
    query = "SELECT last_sign_in_at FROM users WHERE id = %s"
    token = reset_link(cast.bob, letters)
    assert isinstance(reset(cast.bob, token), str)
    assert sessions_of(cast.bob) == 0
    assert owner.execute(query, [cast.bob.id]).fetchone() == (None,)
    assert "login.succeeded" not in [event for event, *_ in happened(cast.acme)]


def test_the_trail_says_who_asked_and_what_ended_and_the_owner_is_told(cast, letters, happened, clock):
    cast.bob.sign_in()
    token = reset_link(cast.bob, letters)
    letters.clear()
    reset(cast.bob, token)
    trail = happened(cast.acme)
    assert ("user.password_reset_requested", "success", None) in trail
    assert ("session.revoked", "success", "password_reset") in trail
    assert ("user.password_reset", "success", None) in trail
    (mail,) = letters.deliver()
    assert (mail.to, mail.subject) == (cast.bob.email, "Your Acme password was changed")
    assert "192.0.2.7" in mail.text
    assert "/secure-account?token=" in mail.text


def test_the_lane_that_strangers_paused_is_open_again(cast, letters, guess):
    for _ in range(5):
        guess(cast.acme, cast.bob.email, "wrong")
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials
    reset(cast.bob, reset_link(cast.bob, letters))
    assert guess(cast.acme, cast.bob.email, NEW) is None


def test_the_lane_that_strangers_closed_for_good_is_open_again(cast, letters, guess, clock, happened):
    for _ in range(10):
        for _ in range(5):
            guess(cast.acme, cast.bob.email, "wrong")
        clock.forward(minutes=31)
    clock.forward(days=3)
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials
    reset(cast.bob, reset_link(cast.bob, letters))
    assert ("account.unlocked", "success", None) in happened(cast.acme)
    assert guess(cast.acme, cast.bob.email, NEW) is None


def test_asking_alone_opens_no_lane(cast, letters, guess):
    """Else whoever guesses would get five more for each time they ask."""
    for _ in range(5):
        guess(cast.acme, cast.bob.email, "wrong")
    token = reset_link(cast.bob, letters)
    cast.bob.services.recovery.look(cast.acme, token=token)
    outcome(reset, cast.bob, token, "short")
    assert guess(cast.acme, cast.bob.email, PASSWORD) is errors.InvalidCredentials


def test_a_sign_in_that_waits_for_a_code_dies_with_the_old_password(cast, services, letters):
    """ASVS 6.4.3, from the other side: what was shown with the old password is worth nothing with the new one."""
    strict = services.tenant_administration.change_settings(cast.acme, {"risk_medium": 1})
    cast.bob.sign_in()
    cast.bob.tenant = strict
    with pytest.raises(errors.EmailCodeRequired) as refusal:
        cast.bob.sign_in()
    code = next(word for word in letters.to(cast.bob.email).text.replace(" ", "").split() if word.isdigit())
    reset(cast.bob, reset_link(cast.bob, letters))
    answer = Answer(challenge=refusal.value.members["challenge"], method="email_code", code=code)
    with pytest.raises(errors.InvalidCode):
        services.second_factor.redeem(strict, answer, for_api=True, origin=an_origin())


def test_asvs_6_4_3_whoever_has_reset_still_owes_the_second_step(cast, services, letters):
    cast.bob.sign_in()
    cast.bob.tenant = services.tenant_administration.change_settings(cast.acme, {"risk_medium": 1})
    reset(cast.bob, reset_link(cast.bob, letters))
    with pytest.raises(errors.EmailCodeRequired):
        cast.bob.sign_in(password=NEW)


def test_somebody_without_a_password_gets_one(cast, letters, guess):
    social = cast.person(cast.acme, "social@acme.example", password=None)
    reset(social, reset_link(social, letters))
    assert guess(cast.acme, social.email, NEW) is None


def test_mallory_uses_no_link_of_bobs(cast, letters):
    token = reset_link(cast.bob, letters)
    for act in (
        lambda: reset(cast.mallory, token),
        lambda: cast.mallory.services.recovery.look(cast.globex, token=token),
    ):
        assert outcome(act) is errors.LinkExpired
    reset(cast.bob, token)


def test_one_address_at_two_tenants_is_two_accounts(cast, letters, guess):
    twin = cast.person(cast.globex, cast.bob.email)
    reset(cast.bob, reset_link(cast.bob, letters))
    assert guess(cast.globex, twin.email, PASSWORD) is None
    assert guess(cast.globex, twin.email, NEW) is errors.InvalidCredentials


def test_a_reset_link_is_good_for_nothing_else(cast, services, letters, verify):
    """CVE-2023-26481: a token is bound to its purpose."""
    token, scope = reset_link(cast.bob, letters), cast.bob.scope(cast.bob.sign_in())
    strangers = {
        "verify": lambda: verify(token, new_password=NEW),
        "lock down": lambda: services.lock_down.by_link(cast.acme, token=token, origin=an_origin()),
        "unlock": lambda: services.reopening.unlock(cast.acme, token=token, origin=an_origin()),
        "allow": lambda: services.reopening.allow(cast.acme, token=token, origin=an_origin()),
        "undo": lambda: services.email_change.undo(cast.acme, token=token, origin=an_origin()),
        "confirm": lambda: services.email_change.confirm(cast.acme, scope, token=token),
        "keep": lambda: services.farewell.stay(cast.acme, token=token, origin=an_origin()),
        "magic": lambda: services.magic_links.follow(
            cast.acme, token=token, challenge=token, for_api=False, origin=an_origin()
        ),
    }
    assert {name: outcome(act) for name, act in strangers.items()} == dict.fromkeys(strangers, errors.LinkExpired)
    reset(cast.bob, token)
