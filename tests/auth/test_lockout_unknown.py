"""An address that nobody has behaves as one that somebody has, guess by guess; and lanes end at the tenant."""

import pytest

from app.auth import errors
from tests.cast import PASSWORD


@pytest.mark.parametrize("email", ["ada@acme.example", "nobody@acme.example", "no address at all"])
def test_known_and_unknown_addresses_lock_alike(cast, guess, hasher, happened, email):
    guess(cast.acme, "warm-up@acme.example", "x")
    before, seen = hasher.computed, len(happened(cast.acme))
    said = [guess(cast.acme, email, "wrong") for _ in range(8)]
    assert set(said) == {errors.InvalidCredentials}
    assert hasher.computed - before == 8
    trail = [reason for event, _, reason in happened(cast.acme)[: -seen or None] if event == "login.failed"]
    assert trail == ["locked"] * 3 + ["wrong"] * 5


def test_the_same_rows_are_written_for_a_known_and_an_unknown_address(cast, guess, owner):
    for email in ("ada@acme.example", "nobody@acme.example"):
        for _ in range(6):
            guess(cast.acme, email, "wrong")
    lanes = owner.execute(
        "SELECT cardinality(failed), cardinality(pending), locked_until IS NULL, closed_at IS NULL"
        " FROM lockout_lanes WHERE tenant_id = %s",
        [cast.acme.id],
    ).fetchall()
    assert lanes == [(5, 0, False, True)] * 2


def test_failures_at_globex_do_not_lock_the_same_address_at_acme(cast, guess):
    cast.person(cast.globex, "ada@acme.example")
    for _ in range(6):
        guess(cast.globex, "ada@acme.example", "wrong")
    assert guess(cast.acme, "ada@acme.example", PASSWORD) is None
    assert guess(cast.globex, "ada@acme.example", PASSWORD) is errors.InvalidCredentials


def test_failures_at_bobs_account_do_not_lock_adas(cast, guess):
    for _ in range(6):
        guess(cast.acme, cast.bob.email, "wrong")
    assert guess(cast.acme, cast.ada.email, PASSWORD) is None


def test_a_tenant_may_choose_its_numbers(cast, guess, clock):
    strict = cast.found(f"strict-{cast.acme.slug[-8:]}", "Strict", lockout_attempts=3, lockout_minutes=60)
    eve = cast.person(strict, "eve@strict.example")
    for _ in range(3):
        guess(strict, eve.email, "wrong")
    assert guess(strict, eve.email, PASSWORD) is errors.InvalidCredentials
    clock.forward(minutes=59)
    assert guess(strict, eve.email, PASSWORD) is errors.InvalidCredentials
    clock.forward(minutes=1, seconds=1)
    assert guess(strict, eve.email, PASSWORD) is None


def test_a_lock_shorter_than_the_window_still_opens_when_it_ends(cast, guess, clock):
    """Five failures in an hour, locked for five minutes: the owner who waited gets in."""
    short = cast.found(f"short-{cast.acme.slug[-8:]}", "Short", lockout_window_minutes=60, lockout_minutes=5)
    eve = cast.person(short, "eve@short.example")
    for _ in range(5):
        guess(short, eve.email, "wrong")
    clock.forward(minutes=5, seconds=1)
    assert guess(short, eve.email, PASSWORD) is None


def test_no_address_and_no_password_rests_in_a_lane(cast, guess, owner):
    guess(cast.acme, "nobody@acme.example", "hunter2 hunter2")
    rows = repr(owner.execute("SELECT l::text FROM lockout_lanes l WHERE tenant_id = %s", [cast.acme.id]).fetchall())
    audit = repr(owner.execute("SELECT a::text FROM audit_events a WHERE tenant_id = %s", [cast.acme.id]).fetchall())
    assert "nobody" not in rows + audit
    assert "hunter2" not in rows + audit
