"""The rest of the lockout: who is told, who opens, and who cannot be shut out."""

import pytest

from app.auth import errors
from tests.auth.steps import links_to, outcome
from tests.cast import PASSWORD, an_origin

WRONG = errors.InvalidCredentials
PAUSED, CLOSED = "Sign-in to Acme is paused for a while", "Sign-in to Acme is closed to new devices"


@pytest.fixture
def told(letters, cast):
    """What Ada has been told of her lock since the last time."""

    def told():
        # By its links: where the clock has moved, promises of other tests are due as well.
        found = [mail.subject for mail in letters.deliver() if f"{cast.acme.origin}/unlock" in mail.text]
        letters.clear()
        return found

    return told


@pytest.fixture
def close(knock, clock):
    """Fifty failures within a day."""

    def close():
        for _ in range(10):
            knock(times=5)
            clock.forward(minutes=31)

    return close


def test_a_short_lock_is_told_once_a_day_however_often_it_happens(knock, told, clock):
    knock(times=5)
    assert told() == [PAUSED]
    for _ in range(3):
        clock.forward(minutes=31)
        knock(times=5)
    assert told() == []
    clock.forward(hours=24)
    knock(times=5)
    assert told() == [PAUSED]


def test_the_closing_is_told_although_a_pause_was_told_the_same_day_and_once(close, knock, told):
    close()
    assert told() == [PAUSED, CLOSED]
    knock(times=5)
    assert told() == []


def test_nobody_is_told_of_a_lane_of_an_address_that_nobody_has(services, cast, guess, letters):
    for _ in range(6):
        guess(cast.acme, "nobody@acme.example", "wrong")
    assert list(letters.deliver()) == []


def test_a_device_that_locks_itself_tells_nobody(knock, cast, told):
    device = cast.ada.sign_in(tokens=False).device
    told()
    knock(times=6, device=device)
    assert told() == []


@pytest.mark.parametrize("which", ["paused", "closed"])
def test_the_link_in_either_mail_opens_the_lane(which, knock, close, cast, services, letters):
    knock(times=5) if which == "paused" else close()
    token = links_to(letters, cast.ada.email, "/unlock-account")[-1]
    services.reopening.unlock(cast.acme, token=token, origin=an_origin())
    assert knock(PASSWORD) is None
    knock(times=4)
    assert knock(PASSWORD) is None, "the count begins anew"


def test_once_opened_it_closes_again_and_the_owner_hears_again(close, cast, services, letters, told, knock):
    close()
    token = links_to(letters, cast.ada.email, "/unlock-account")[-1]
    services.reopening.unlock(cast.acme, token=token, origin=an_origin())
    told()
    close()
    assert told() == [PAUSED, CLOSED]
    assert knock(PASSWORD) is WRONG


def test_allauth_65_8_1_a_right_password_from_one_address_gives_no_other_fresh_guesses(knock):
    knock(times=4, ip="198.51.100.1")
    assert knock(PASSWORD, ip="203.0.113.5") is None
    knock(ip="198.51.100.1")
    assert knock(PASSWORD, ip="198.51.100.1") is WRONG


def test_an_attackers_success_at_another_account_gives_none_either(knock, guess, cast):
    knock(times=4)
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    knock()
    assert knock(PASSWORD) is WRONG


def test_cve_2024_1722_no_stranger_closes_the_lane_of_a_known_device(close, knock, cast):
    """By any number of guesses, with any device that is not this one."""
    known, other = cast.ada.sign_in(tokens=False).device, cast.bob.sign_in(tokens=False).device
    close()
    for device in (other, known[:-1], known + "A", known.swapcase(), ""):
        knock(times=5, device=device)
    assert knock(PASSWORD, device=known) is None


def test_cve_2024_1722_nor_does_asking_for_links(close, cast, services, knock):
    known = cast.ada.sign_in(tokens=False).device
    close()
    for _ in range(10):
        services.recovery.ask(cast.acme, email=cast.ada.email, origin=an_origin())
    assert knock(PASSWORD, device=known) is None


def test_cve_2026_9798_every_other_way_in_from_there_is_shut_too(knock, cast, services, letters):
    challenge = services.magic_links.ask(
        cast.acme, email=cast.ada.email, remember=False, for_api=True, origin=an_origin()
    )
    token = links_to(letters, cast.ada.email, "/magic-link")[-1]
    knock(times=5)
    follow = services.magic_links.follow
    how = {"token": token, "challenge": challenge, "for_api": True}
    assert outcome(follow, cast.acme, **how, origin=an_origin()) is errors.LinkExpired


def test_what_an_open_session_does_is_none_of_the_lanes_business(knock, cast, services):
    here = cast.ada.sign_in()
    knock(times=5)
    assert cast.ada.scope(here)
    services.tokens.refresh(cast.acme, here.tokens.refresh_token, origin=an_origin())
