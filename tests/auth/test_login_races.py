"""What changes while a password is being checked, and many who sign in at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.auth import errors
from app.hashing import Argon2
from tests.cast import PASSWORD


class Meanwhile:
    """A real hasher, in whose time something happens once."""

    def __init__(self, real, act):
        self.real = real
        self.act = act

    def hash(self, password):
        return self.real.hash(password)

    def matches(self, hashed, password):
        found = self.real.matches(hashed, password)
        act, self.act = self.act, lambda: None
        act()
        return found

    def is_stale(self, hashed):
        return self.real.is_stale(hashed)


@pytest.fixture
def during(wired, hasher):
    """A portal where ``act`` happens after the hash was compared and before the gate."""

    def during(act):
        return wired(hasher=Meanwhile(hasher, act))

    return during


def test_an_account_disabled_while_its_password_is_checked_stays_out(cast, services, during, guess):
    portal = during(lambda: services.users.disable(cast.acme, email=cast.ada.email))
    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=portal) is errors.InvalidCredentials


def test_a_password_changed_while_it_is_checked_no_longer_opens(cast, owner, during, guess, hasher):
    changed = hasher.hash("another passphrase entirely")

    def change():
        owner.execute(
            "UPDATE users SET password_hash = %s, password_changed_at = now() WHERE id = %s", [changed, cast.ada.id]
        )

    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=during(change)) is errors.InvalidCredentials
    assert guess(cast.acme, cast.ada.email, "another passphrase entirely") is None


def test_a_tenant_suspended_while_a_password_is_checked_lets_nobody_in(cast, services, during, guess, owner):
    portal = during(lambda: services.tenant_administration.suspend(cast.acme))
    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=portal) is not None
    live = owner.execute("SELECT count(*) FROM sessions WHERE tenant_id = %s", [cast.acme.id]).fetchone()
    assert live == (0,)


def test_a_sign_in_refused_at_the_last_moment_leaves_a_mark(cast, services, during, guess, happened):
    portal = during(lambda: services.users.disable(cast.acme, email=cast.ada.email))
    guess(cast.acme, cast.ada.email, PASSWORD, portal=portal)
    refused = [event for event, outcome, _ in happened(cast.acme) if outcome == "refused"]
    assert refused, "rule 9: every refusal that matters is an audit row"


@pytest.fixture
def stronger(wired):
    """The same portal after its hashing parameters were raised."""
    return wired(hasher=Argon2(memory_kib=16, passes=2, lanes=1, at_once=4))


def _hash(owner, person):
    return owner.execute("SELECT password_hash FROM users WHERE id = %s", [person.id]).fetchone()[0]


def test_a_hash_of_other_parameters_is_renewed_by_the_sign_in(cast, owner, stronger, guess):
    before = _hash(owner, cast.ada)
    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=stronger) is None
    after = _hash(owner, cast.ada)
    assert "m=16,t=2" in after
    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=stronger) is None
    assert _hash(owner, cast.ada) == after != before


def test_a_wrong_password_renews_nothing(cast, owner, stronger, guess):
    before = _hash(owner, cast.ada)
    guess(cast.acme, cast.ada.email, "wrong", portal=stronger)
    assert _hash(owner, cast.ada) == before


def test_two_sign_ins_at_once_both_succeed_although_both_renew_the_hash(cast, wired, guess, owner):
    """After the parameters were raised, a phone and a laptop that sign in together must not be refused."""
    stronger = Argon2(memory_kib=16, passes=2, lanes=1, at_once=4)
    other = wired(hasher=stronger)

    def sign_in_elsewhere():
        assert guess(cast.acme, cast.ada.email, PASSWORD, portal=other) is None

    slow = wired(hasher=Meanwhile(stronger, sign_in_elsewhere))
    assert guess(cast.acme, cast.ada.email, PASSWORD, portal=slow) is None
    assert "m=16,t=2" in _hash(owner, cast.ada)


def test_twenty_right_sign_ins_at_once_all_succeed(cast, guess, owner):
    with ThreadPoolExecutor(20) as threads:
        refusals = list(threads.map(lambda _: guess(cast.acme, cast.ada.email, PASSWORD), range(20)))
    assert refusals == [None] * 20
    assert owner.execute(
        "SELECT count(*) FROM sessions WHERE tenant_id = %s AND user_id = %s", [cast.acme.id, cast.ada.id]
    ).fetchone() == (20,)
