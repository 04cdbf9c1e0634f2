"""Ways back in that are mailed: a lane that strangers closed is opened, a sign-in that was stopped is vouched for."""

import pytest

from app.auth import errors
from app.auth.login import Attempt
from tests.auth.steps import links_to, move, outcome
from tests.auth.test_recovery_races import at_once
from tests.cast import PASSWORD, an_origin

GONE, WRONG = errors.LinkExpired, errors.InvalidCredentials


@pytest.fixture
def unlock(services, cast):
    def unlock(token, tenant=None):
        return services.reopening.unlock(tenant or cast.acme, token=token, origin=an_origin())

    return unlock


@pytest.fixture
def allow(services, cast):
    def allow(token, *, device=None, tenant=None):
        return services.reopening.allow(tenant or cast.acme, token=token, origin=an_origin(device=device))

    return allow


@pytest.fixture
def paused(cast, letters, guess):
    """Strangers have guessed five times; the link that opens the account to them again."""
    for _ in range(5):
        guess(cast.acme, cast.bob.email, "wrong")
    return links_to(letters, cast.bob.email, "/unlock-account")[-1]


@pytest.fixture
def wary(cast, services):
    """Acme stops whoever comes from a new address."""
    return services.tenant_administration.change_settings(cast.acme, {"risk_medium": 10, "risk_high": 15})


@pytest.fixture
def attempt(services, cast, wary):
    """Bob signs in from somewhere; hears the refusal's class or ``None``."""

    def attempt(device=None, ip="198.51.100.77"):
        origin = an_origin(device=device, ip=ip)
        return outcome(
            services.login.with_password, wary, Attempt(email=cast.bob.email, password=PASSWORD), origin=origin
        )

    return attempt


@pytest.fixture
def stopped(cast, letters, attempt):
    """Bob is at home in one place; the link in the mail about a sign-in from another."""
    for _ in range(4):
        cast.bob.sign_in(tokens=False)
    assert attempt() is errors.SignInBlocked
    return links_to(letters, cast.bob.email, "/allow-sign-in")[-1]


def test_the_link_opens_the_lane_of_strangers(cast, paused, unlock, guess, happened):
    assert guess(cast.acme, cast.bob.email, PASSWORD) is WRONG
    assert unlock(paused) == cast.bob.email
    assert guess(cast.acme, cast.bob.email, PASSWORD) is None
    assert ("account.unlocked", "success", None) in happened(cast.acme)


def test_looking_opens_nothing(cast, paused, services, guess):
    assert services.reopening.look_locked(cast.acme, token=paused) == cast.bob.email
    assert guess(cast.acme, cast.bob.email, PASSWORD) is WRONG


def test_an_unlock_link_works_once_and_of_twenty_at_once_one_does(paused, unlock):
    heard = at_once(20, lambda _: unlock(paused))
    assert (heard.count(None), heard.count(GONE)) == (1, 19)
    assert outcome(unlock, paused) is GONE


def test_an_unlock_link_is_good_for_seven_days_at_its_tenant_and_address(cast, paused, unlock, clock, letters):
    assert outcome(unlock, paused, cast.globex) is GONE
    clock.forward(days=7, seconds=1)
    assert outcome(unlock, paused) is GONE


def test_whoever_has_left_the_address_opens_nothing(cast, paused, unlock, letters):
    move(cast.bob, cast.bob.scope(_known(cast)), "robert@acme.example", letters)
    assert outcome(unlock, paused) is GONE


def _known(cast):
    """A session of Bob's although strangers are locked out: he resets, as anybody could."""
    services = cast.bob.services
    services.users.unlock(cast.acme, email=cast.bob.email)
    return cast.bob.sign_in()


def test_allowing_lets_this_browser_in_after_one_more_step(cast, stopped, allow, attempt):
    email, device = allow(stopped)
    assert email == cast.bob.email
    assert attempt(device) is errors.EmailCodeRequired, "not stopped any more, and still asked for more"


def test_allowing_vouches_for_no_other_browser(stopped, allow, attempt):
    _, device = allow(stopped)
    assert attempt() is errors.SignInBlocked
    assert attempt(device[:-1] + ("A" if device[-1] != "A" else "B")) is errors.SignInBlocked


def test_allowing_lasts_an_hour(stopped, allow, attempt, clock):
    _, device = allow(stopped)
    clock.forward(minutes=59)
    assert attempt(device) is errors.EmailCodeRequired
    clock.forward(minutes=2)
    assert attempt(device) is errors.SignInBlocked


def test_an_allow_link_is_good_for_an_hour_once_at_its_own_tenant(cast, stopped, allow, clock):
    assert outcome(allow, stopped, tenant=cast.globex) is GONE
    clock.forward(hours=1, seconds=1)
    assert outcome(allow, stopped) is GONE


def test_of_twenty_who_allow_at_once_one_does(stopped, allow, owner, cast):
    heard = at_once(20, lambda _: allow(stopped))
    assert (heard.count(None), heard.count(GONE)) == (1, 19)
    query = "SELECT count(*) FROM known_devices WHERE user_id = %s AND cleared_until IS NOT NULL"
    assert owner.execute(query, [cast.bob.id]).fetchone() == (1,)


def test_a_planted_device_secret_is_not_the_one_that_is_vouched_for(stopped, allow, attempt):
    """An attacker who can set a cookie in the owner's browser does not become known by it."""
    _, device = allow(stopped, device="planted by an attacker")
    assert device != "planted by an attacker"
    assert attempt("planted by an attacker") is errors.SignInBlocked


def test_looking_tells_about_the_stopped_sign_in_and_allows_nothing(cast, stopped, services, attempt):
    seen = services.reopening.look_stopped(cast.acme, token=stopped)
    assert (seen.email, seen.ip) == (cast.bob.email, "198.51.100.77")
    assert attempt() is errors.SignInBlocked
