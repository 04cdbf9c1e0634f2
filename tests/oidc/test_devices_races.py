"""What happens once with a device happens once, however many try."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from app.errors import NotFound
from app.oidc.errors import OAuthRefusal
from tests.cast import an_origin
from tests.oidc.clients import an_application

AT_ONCE = 8


@pytest.fixture
def tv(services, cast):
    return an_application(services, cast.acme, type="native", name="TV", redirect_uris=("com.example.tv:/cb",)).client


@pytest.fixture
def devices(services):
    return services.openid.devices


@pytest.fixture
def bob(cast):
    return cast.bob.scope(cast.bob.sign_in(tokens=False))


@pytest.fixture
def ada(cast):
    return cast.ada.scope(cast.ada.sign_in(tokens=False))


def together(*attempts):
    barrier = Barrier(len(attempts))

    def run(attempt):
        barrier.wait()
        try:
            return attempt()
        except (NotFound, OAuthRefusal) as refusal:
            return getattr(refusal, "error", None) or refusal.code

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def test_a_device_is_redeemed_once(cast, devices, tv, bob):
    begun = devices.begin(cast.acme, tv, scope="openid", origin=an_origin())
    devices.decide(cast.acme, bob, devices.claim(cast.acme, bob, begun.user_code), allow=True)
    outcomes = together(*[lambda: devices.redeem(cast.acme, tv, begun.device_code, dpop_jkt=None)] * AT_ONCE)
    assert outcomes.count("invalid_grant") == AT_ONCE - 1
    (granted,) = [outcome.granted for outcome in outcomes if outcome != "invalid_grant"]
    assert (granted.user_id, granted.session_id, granted.scopes) == (cast.bob.id, bob.session_id, ("openid",))


def test_yes_and_no_at_once_is_one_of_them(cast, devices, tv, bob):
    begun = devices.begin(cast.acme, tv, scope="openid", origin=an_origin())
    grant_id = devices.claim(cast.acme, bob, begun.user_code)
    outcomes = together(
        *[lambda n=n: devices.decide(cast.acme, bob, grant_id, allow=n % 2 == 0).name for n in range(AT_ONCE)]
    )
    assert Counter(outcomes) == {"TV": 1, "not_found": AT_ONCE - 1}


def test_two_people_who_type_one_code_are_not_both_asked(cast, devices, tv, bob, ada):
    for _ in range(5):
        begun = devices.begin(cast.acme, tv, scope="openid", origin=an_origin())
        claims = [partial(_claimed, devices, cast, who, begun.user_code) for who in (bob, ada)]
        assert sorted(together(*claims)) == [False, True]


def _claimed(devices, cast, who, code):
    try:
        return bool(devices.claim(cast.acme, who, code))
    except Exception:  # noqa: BLE001 - refused, in whatever words
        return False


def test_what_is_taken_back_while_the_device_fetches_it_is_dead(services, cast, devices, tv, bob, owner):
    """Whichever was first: no grant is left, and no code that could become one."""
    for _ in range(5):
        begun = devices.begin(cast.acme, tv, scope="openid", origin=an_origin())
        devices.decide(cast.acme, bob, devices.claim(cast.acme, bob, begun.user_code), allow=True)
        together(
            lambda code=begun.device_code: devices.redeem(cast.acme, tv, code, dpop_jkt=None),
            lambda: services.openid.consents.revoke(cast.acme, bob, tv.id),
        )
        living = "SELECT count(*) FROM refresh_families WHERE application_id = %s AND revoked_at IS NULL"
        assert owner.execute(living, [tv.id]).fetchone()[0] == 0
        waiting = "SELECT count(*) FROM device_grants WHERE application_id = %s AND approved AND spent_at IS NULL"
        assert owner.execute(waiting, [tv.id]).fetchone()[0] == 0


def test_asking_at_once_is_asking_too_often(cast, devices, tv):
    begun = devices.begin(cast.acme, tv, scope="openid", origin=an_origin())
    outcomes = together(*[lambda: devices.redeem(cast.acme, tv, begun.device_code, dpop_jkt=None)] * AT_ONCE)
    assert Counter(outcomes) == {"authorization_pending": 1, "slow_down": AT_ONCE - 1}
