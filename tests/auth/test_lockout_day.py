"""Fifty failures in a day close the lane of strangers until somebody opens it."""

from app.auth import errors
from tests.cast import PASSWORD

WRONG = errors.InvalidCredentials


def _fifty_failures(knock, clock, *, device=None):
    for _ in range(10):
        knock(times=5, device=device)
        clock.forward(minutes=31)


def test_fifty_failures_in_a_day_close_the_lane_until_it_is_unlocked(knock, clock, cast, services, happened):
    _fifty_failures(knock, clock)
    assert knock(PASSWORD) is WRONG
    clock.forward(days=3)
    assert knock(PASSWORD) is WRONG
    assert services.users.unlock(cast.acme, email=cast.ada.email)
    assert knock(PASSWORD) is None
    assert ("account.unlocked", "success", None) in happened(cast.acme)
    assert not services.users.unlock(cast.acme, email="bob@acme.example")


def test_a_closed_lane_survives_the_cleaning(knock, clock, services):
    _fifty_failures(knock, clock)
    clock.forward(days=30)
    services.upkeep.remove_expired()
    assert knock(PASSWORD) is WRONG


def test_a_known_device_never_closes(knock, clock, cast):
    device = cast.ada.sign_in(tokens=False).device
    _fifty_failures(knock, clock, device=device)
    _fifty_failures(knock, clock)
    assert knock(PASSWORD, device=device) is None
    assert knock(PASSWORD) is WRONG


def test_forty_nine_failures_spread_over_more_than_a_day_close_nothing(knock, clock):
    for _ in range(15):
        knock(times=4)
        clock.forward(hours=2, minutes=1)
    assert knock(PASSWORD) is None


def test_the_owner_of_a_closed_lane_is_told_by_mail(knock, clock, letters, cast):
    """Section 3: it opens only by a mailed link, so a link has to be mailed."""
    _fifty_failures(knock, clock)
    assert [mail for mail in letters.deliver() if mail.to == cast.ada.email]
