"""Guesses are counted by lane: strangers lock out strangers, never a browser that was here before."""

from app.auth import errors
from tests.cast import PASSWORD

WRONG = errors.InvalidCredentials


def test_five_failures_close_the_lane_to_the_right_password_in_the_same_words(knock, happened, cast):
    assert knock(times=5) is WRONG
    assert knock(PASSWORD) is WRONG
    trail = happened(cast.acme)
    assert ("account.locked", "refused", "password") in trail
    assert trail.count(("login.failed", "refused", "wrong")) == 5
    assert trail.count(("login.failed", "refused", "locked")) == 1


def test_four_failures_do_not(knock):
    knock(times=4)
    assert knock(PASSWORD) is None


def test_the_lane_opens_after_thirty_minutes(knock, clock):
    knock(times=5)
    clock.forward(minutes=29, seconds=55)
    assert knock(PASSWORD) is WRONG
    clock.forward(seconds=6)
    assert knock(PASSWORD) is None


def test_knocking_at_a_closed_lane_does_not_keep_it_closed(knock, clock):
    knock(times=5)
    clock.forward(minutes=29)
    knock(times=5)
    clock.forward(minutes=1, seconds=1)
    assert knock(PASSWORD) is None


def test_the_window_slides(knock, clock):
    knock(times=2)
    clock.forward(minutes=10)
    knock(times=2)
    clock.forward(minutes=5, seconds=1)
    knock(times=2)
    assert knock(PASSWORD) is None, "the first two are older than fifteen minutes"
    knock()
    assert knock(PASSWORD) is WRONG, "five within fifteen minutes"


def test_all_unknown_origins_share_one_lane(knock):
    for number in range(5):
        knock(ip=f"198.51.100.{number}")
    assert knock(PASSWORD, ip="203.0.113.9") is WRONG


def test_spelling_the_address_otherwise_is_no_second_lane(guess, cast):
    for email in ("ada@acme.example", "ADA@acme.example", " ada@ACME.example", "Ada@Acme.Example", "ada@acme.EXAMPLE"):
        guess(cast.acme, email, "wrong")
    assert guess(cast.acme, "ada@acme.example", PASSWORD) is WRONG


def test_a_known_device_gets_in_while_strangers_are_locked(knock, cast):
    device = cast.ada.sign_in(tokens=False).device
    knock(times=5)
    assert knock(PASSWORD) is WRONG
    assert knock(PASSWORD, device=device) is None


def test_a_known_device_has_its_own_count_which_harms_nobody_else(knock, cast):
    device, other = cast.ada.sign_in(tokens=False).device, cast.ada.sign_in(tokens=False).device
    knock(device=device, times=5)
    assert knock(PASSWORD, device=device) is WRONG
    assert knock(PASSWORD, device=other) is None
    assert knock(PASSWORD) is None


def test_a_made_up_or_foreign_device_is_a_stranger(knock, cast):
    bobs, mallorys = cast.bob.sign_in(tokens=False).device, cast.mallory.sign_in(tokens=False).device
    for device in ("made up", bobs, mallorys, "another", "a third"):
        knock(device=device)
    assert knock(PASSWORD, device=bobs) is WRONG


def test_a_success_on_a_known_device_clears_its_own_failures(knock, cast):
    device = cast.ada.sign_in(tokens=False).device
    knock(device=device, times=4)
    assert knock(PASSWORD, device=device) is None
    knock(device=device, times=4)
    assert knock(PASSWORD, device=device) is None


def test_a_success_from_the_common_lane_does_not_clear_the_failures_of_others(knock):
    """Else an attacker with an account of their own... or the owner's luck would give fresh guesses."""
    knock(times=4)
    assert knock(PASSWORD) is None
    knock()
    assert knock(PASSWORD) is WRONG
