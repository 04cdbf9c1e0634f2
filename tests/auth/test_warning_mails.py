"""What somebody is told by mail about their account, and how often."""

import pytest

from app.auth import errors
from tests.auth.petra import EMAIL, MINE
from tests.auth.steps import links_to
from tests.cast import PASSWORD, an_origin

NEW_DEVICE, PAUSED, CLOSED = "New sign-in to your", "is paused for a while", "is closed to new devices"


@pytest.fixture
def told(letters, cast):
    """How often Ada was told this, by the mails' subjects."""

    def told(what, address=cast.ada.email):
        return len([mail for mail in letters.deliver() if mail.to == address and what in mail.subject])

    return told


def test_after_verification_they_are_welcomed_once(register, verify, letters, told):
    challenge = register()
    assert told("Welcome", EMAIL) == 0
    verify(letters.token_to(EMAIL), challenge)
    assert told("Welcome", EMAIL) == 1


def test_the_first_device_is_no_news_another_one_is_and_a_known_one_is_not(cast, told):
    device = cast.ada.sign_in(tokens=False).device
    assert told(NEW_DEVICE) == 0
    cast.ada.sign_in(tokens=False, device=device)
    assert told(NEW_DEVICE) == 0
    cast.ada.sign_in(tokens=False)
    assert told(NEW_DEVICE) == 1
    assert told(NEW_DEVICE, cast.bob.email) == 0


def test_of_a_client_that_never_says_who_it_is_an_hour_has_five_alerts_at_most(cast, told, clock):
    for _ in range(9):
        cast.ada.sign_in()
        told(NEW_DEVICE)
    assert told(NEW_DEVICE) == 5
    clock.forward(hours=1, minutes=1)
    cast.ada.sign_in()
    assert told(NEW_DEVICE) == 6


def test_the_alert_says_where_from_and_its_link_shuts_them_out(cast, letters, services):
    first, second = cast.ada.sign_in(tokens=False), cast.ada.sign_in(tokens=False)
    mail = letters.to(cast.ada.email)
    assert all(fact in mail.text for fact in ("Chrome on Linux", "192.0.2.7"))
    (token,) = links_to(letters, cast.ada.email, "/secure-account")
    assert services.lock_down.look(cast.acme, token=token).ip == "192.0.2.7"
    services.lock_down.by_link(cast.acme, token=token, origin=an_origin())
    assert [cast.ada.scope(signed_in) for signed_in in (first, second)] == [None, None]
    with pytest.raises(errors.InvalidCredentials):
        cast.ada.sign_in()


def test_a_short_lock_is_told_once_a_day(knock, clock, told, cast):
    for _ in range(3):
        knock(times=5)
        clock.forward(minutes=31)
    assert told(PAUSED) == 1
    clock.forward(hours=23)
    knock(times=5)
    assert told(PAUSED) == 2
    assert told(CLOSED) == 0


def test_a_lane_that_closes_is_told_however_lately_they_were_told_of_a_pause(knock, clock, told):
    for _ in range(10):
        knock(times=5)
        clock.forward(minutes=31)
    assert (told(PAUSED), told(CLOSED)) == (1, 1)


def test_its_link_opens_the_lane_once(knock, clock, letters, services, cast):
    for _ in range(10):
        knock(times=5)
        clock.forward(minutes=31)
    token = links_to(letters, cast.ada.email, "/unlock-account")[-1]
    assert knock(PASSWORD) is errors.InvalidCredentials
    assert services.reopening.look_locked(cast.acme, token=token) == cast.ada.email
    assert services.reopening.unlock(cast.acme, token=token, origin=an_origin()) == cast.ada.email
    assert knock(PASSWORD) is None
    with pytest.raises(errors.LinkExpired):
        services.reopening.unlock(cast.acme, token=token, origin=an_origin())


def test_a_locked_known_device_and_an_unknown_address_are_told_nothing(cast, guess, knock, letters):
    device = cast.ada.sign_in(tokens=False).device
    knock(times=6, device=device)
    for _ in range(6):
        guess(cast.acme, "nobody@acme.example", "wrong")
    assert [mail.subject for mail in letters.deliver()] == []


def test_an_address_that_nobody_has_confirmed_is_told_nothing_but_how_to(register, guess, cast, letters):
    register(MINE)
    for _ in range(6):
        guess(cast.acme, EMAIL, "wrong")
    assert [mail.subject for mail in letters.deliver()] == ["Confirm your email address for Acme"]


def test_whoever_made_room_is_told_of_the_session_that_ended(cast, told):
    for _ in range(6):
        cast.ada.sign_in()
    assert told("You were signed out") == 1
