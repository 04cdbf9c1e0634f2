"""Every refused code leaves a mark, the same for everybody; and what is no code at all is no try."""

import pytest

from app.auth import errors
from tests.auth.linking import UNKNOWN, another, refusal_of
from tests.auth.wary import MEDIUM, Wary


@pytest.fixture
def written(owner, cast):
    """How many audit rows Acme has: whatever writes waits for the disk, and that can be measured from outside."""

    def written():
        return owner.execute("SELECT count(*) FROM audit_events WHERE tenant_id = %s", [cast.acme.id]).fetchone()[0]

    return written


def test_a_wrong_code_is_written_down_whether_or_not_the_address_is_known(links, cast, written, happened):
    """Rule 9, and rule 3: a transaction that writes is slower than one that does not."""
    known, _, code = links.mailed(cast.ada)
    unknown = links.ask(UNKNOWN)
    links.letters.deliver()
    for challenge in (known, unknown, "made up"):
        before = written()
        assert refusal_of(links.type, another(code), challenge) is errors.InvalidCode
        assert written() - before == 1
    assert happened(cast.acme)[:3] == [("login.failed", "refused", "wrong")] * 3


@pytest.mark.parametrize("by", ["link", "code"])
def test_a_locked_lane_leaves_a_mark_as_it_does_for_a_password(links, cast, knock, happened, by):
    challenge, token, code = links.mailed(cast.ada)
    knock(times=5)
    assert refusal_of(*((links.follow, token) if by == "link" else (links.type, code)), challenge)
    assert happened(cast.acme)[0] == ("login.failed", "refused", "locked")


def test_an_unusual_sign_in_that_was_locked_meanwhile_leaves_a_mark(services, cast, letters, happened):
    wary = Wary(services, cast, letters, MEDIUM)
    challenge, code = wary.mailed()
    for _ in range(5):
        wary.attempt(password="wrong")
    assert refusal_of(wary.redeem, challenge, code) is errors.InvalidCode
    assert happened(wary.tenant)[0] == ("login.second_factor_failed", "refused", "locked")


@pytest.mark.parametrize("typed", ["", "   ", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_no_try(links, cast, services, letters, typed):
    """Somebody who presses the button too early does not lose what was mailed."""
    challenge, _, code = links.mailed(cast.ada)
    wary = Wary(services, cast, letters, MEDIUM)
    held, owed = wary.mailed()
    for _ in range(6):
        assert refusal_of(links.type, typed, challenge) is errors.InvalidCode
        assert refusal_of(wary.redeem, held, typed) is errors.InvalidCode
    assert links.type(code, challenge)
    assert wary.redeem(held, owed)
