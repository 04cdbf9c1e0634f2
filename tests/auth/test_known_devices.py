"""By what a browser is known: a secret that rests as a digest, changes every day, and is worth nothing once old."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app import crypto
from app.storage import expired
from tests.auth.steps import outcome

ALERT = "New sign-in to your Acme account"


@pytest.fixture
def knows(services, cast):
    """Whether Acme knows a browser as this person's."""

    def knows(person, device):
        return services.login.knows(cast.acme, email_key=person.email, device=device)

    return knows


def test_the_secret_rests_as_its_digest_alone(cast, devices, owner):
    device = cast.bob.sign_in(tokens=False).device
    assert [digest for digest, _ in devices(cast.bob)] == [crypto.digest(device)]
    rows = owner.execute("SELECT t::text FROM known_devices t WHERE user_id = %s", [cast.bob.id]).fetchall()
    assert device not in str(rows)


def test_within_a_day_a_browser_keeps_its_secret(cast, devices, clock):
    device = cast.bob.sign_in(tokens=False).device
    clock.forward(hours=23)
    assert cast.bob.sign_in(tokens=False, device=device).device == device
    assert len(devices(cast.bob)) == 1


def test_after_a_day_it_gets_another_and_the_old_one_is_a_strangers(cast, devices, clock, knows, alerts):
    stolen = cast.bob.sign_in(tokens=False).device
    clock.forward(hours=25)
    fresh = cast.bob.sign_in(tokens=False, device=stolen).device
    assert fresh != stolen
    assert knows(cast.bob, fresh)
    assert not knows(cast.bob, stolen)
    assert len(devices(cast.bob)) == 1
    assert alerts() == 0
    cast.bob.sign_in(tokens=False, device=stolen)
    assert alerts() == 1, "whoever stole it is a stranger, and the owner hears of them"


def test_everybody_who_is_known_by_that_browser_is_known_by_its_new_secret(cast, clock, knows):
    shared = cast.bob.sign_in(tokens=False).device
    assert cast.ada.sign_in(tokens=False, device=shared).device == shared
    clock.forward(hours=25)
    fresh = cast.ada.sign_in(tokens=False, device=shared).device
    assert knows(cast.bob, fresh)
    assert knows(cast.ada, fresh)
    assert not knows(cast.bob, shared)
    assert not knows(cast.ada, shared)


def test_a_secret_that_is_nobodys_is_never_kept(cast, knows, devices):
    """Else whoever plants a cookie would know what their victim's browser is known by."""
    given = cast.bob.sign_in(tokens=False, device="planted by an attacker").device
    assert given != "planted by an attacker"
    assert not knows(cast.bob, "planted by an attacker")


def test_a_secret_of_another_tenants_is_nobodys(cast, knows):
    theirs = cast.mallory.sign_in(tokens=False).device
    assert cast.bob.sign_in(tokens=False, device=theirs).device != theirs
    assert not knows(cast.bob, theirs)


def test_of_more_than_fifty_the_longest_unused_are_forgotten(cast, owner, devices, clock, knows):
    mine = cast.bob.sign_in(tokens=False).device
    owner.execute(
        "INSERT INTO known_devices (tenant_id, user_id, digest, first_seen_at, last_seen_at, rotated_at)"
        " SELECT %s, %s, sha256(n::text::bytea), now(), now() - n * interval '1 day', now()"
        " FROM generate_series(1, 60) n",
        [cast.acme.id, cast.bob.id],
    )
    new = cast.bob.sign_in(tokens=False).device
    left = devices(cast.bob)
    assert len(left) == 50
    assert min(seen for _, seen in left) > clock() - timedelta(days=49)
    assert knows(cast.bob, mine)
    assert knows(cast.bob, new)


def test_locking_down_forgets_them(cast, services, knows):
    device = cast.bob.sign_in(tokens=False).device
    services.lock_down.from_inside(cast.acme, cast.bob.scope(cast.bob.sign_in()))
    assert not knows(cast.bob, device)
    assert cast.bob.sign_in(tokens=False, device=device).device != device


def test_twenty_sign_ins_of_two_people_in_one_browser_a_day_later_block_nobody(cast, clock, wired):
    shared = cast.bob.sign_in(tokens=False).device
    cast.ada.sign_in(tokens=False, device=shared)
    clock.forward(hours=25)
    people = [cast.ada, cast.bob] * 10
    with ThreadPoolExecutor(20) as threads:
        heard = list(threads.map(lambda one: outcome(one.sign_in, tokens=False, device=shared), people))
    assert heard == [None] * 20


@pytest.mark.parametrize("days", [399, 401])
def test_a_device_that_was_not_seen_for_four_hundred_days_is_forgotten(cast, services, clock, devices, days):
    """As long as its cookie lives, and no longer."""
    cast.bob.sign_in(tokens=False)
    clock.forward(days=days)
    with services.units.platform() as unit:
        expired.purge_unscoped(unit.db, now=clock())
    assert len(devices(cast.bob)) == (1 if days < 400 else 0)
