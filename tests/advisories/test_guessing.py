"""Class F: brute force. Guesses in parallel, from many origins, and after a success of one's own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text


def guess(client, email, password="wrong", **more):
    return client.post("/auth/login", {"email": email, "password": password}, **more)


def checked(services, tenant):
    """How many guesses at a password were really compared."""
    question = "SELECT count(*) FROM audit_events WHERE event = 'login.failed' AND details ->> 'reason' = 'wrong'"
    with services.units.read(tenant.id) as db:
        return db.scalar(text(question))


def test_cve_2023_47111_two_hundred_guesses_at_once_are_no_more_than_five(cast, call, services):
    """From two hundred addresses: many origins together get no more than one."""

    def one(number):
        client = call(cast.acme, REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")
        return guess(client, cast.bob.email, f"guess {number}").status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(one, range(200)))
    assert set(statuses) == {401}
    assert checked(services, cast.acme) <= 5
    assert guess(call(cast.acme), cast.bob.email, cast.bob.password).status_code == 401


def test_cve_2023_47111_a_right_guess_among_many_at_once_comes_after_no_more_than_five(cast, call, services):
    def one(number):
        password = cast.bob.password if number == 150 else f"guess {number}"
        return guess(call(cast.acme), cast.bob.email, password).status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(one, range(200)))
    assert checked(services, cast.acme) <= 5
    assert statuses.count(200) <= 1


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Forwarded", "X-Client-IP"]
)
def test_allauth_65_14_2_a_spoofed_origin_opens_no_new_lane(cast, call, header):
    client = call(cast.acme)
    for number in range(5):
        guess(client, cast.bob.email, headers={header: f"203.0.113.{number}"})
    for number in range(3):
        answer = guess(client, cast.bob.email, cast.bob.password, headers={header: f"203.0.113.{100 + number}"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "spelling", ["BOB@ACME.EXAMPLE", "  bob@acme.example", "bob@acme.example\t", "Bob@acme.example"]
)
def test_authelia_another_spelling_opens_no_new_lane(cast, call, spelling):
    client = call(cast.acme)
    for _ in range(5):
        assert guess(client, spelling).status_code == 401
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 401


def test_allauth_65_2_0_pages_and_api_are_one_lane(cast, call, browse):
    client, browser = call(cast.acme), browse(cast.acme)
    for _ in range(3):
        guess(client, cast.bob.email)
    for _ in range(2):
        browser.sign_in(cast.bob, password="wrong")
    assert browser.sign_in(cast.bob).status_code == 422
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 401


def test_allauth_65_8_1_a_success_of_ones_own_relieves_nobody_else(cast, call):
    """Not another account's lane, and not the strangers' lane of the own account."""
    client = call(cast.acme)
    for _ in range(4):
        guess(client, cast.bob.email)
        assert client.login(cast.ada).status_code == 200
    guess(client, cast.bob.email)
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 401


def test_the_owner_signing_in_gives_strangers_no_new_guesses(cast, call, browse):
    owner, client = browse(cast.acme), call(cast.acme)
    owner.sign_in(cast.bob)
    for _ in range(4):
        guess(client, cast.bob.email)
        owner.post("/logout")
        assert owner.sign_in(cast.bob).status_code == 303
    guess(client, cast.bob.email)
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 401


def test_cve_2024_1722_a_known_device_gets_in_while_strangers_are_locked_out(cast, call, browse):
    owner, client = browse(cast.acme), call(cast.acme)
    owner.sign_in(cast.bob)
    device = client.tokens(cast.bob)["device_token"]
    owner.post("/logout")
    for _ in range(30):
        guess(client, cast.bob.email)
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 401
    assert owner.sign_in(cast.bob).status_code == 303
    assert client.login(cast.bob, device_token=device).status_code == 200


def test_a_made_up_device_is_a_stranger(cast, call):
    client = call(cast.acme)
    for number in range(5):
        client.login(cast.bob, password="wrong", device_token=f"made up {number}")
    assert client.login(cast.bob, device_token="made up again").status_code == 401


def test_a_device_of_another_account_is_a_stranger(cast, call):
    client = call(cast.acme)
    device = client.tokens(cast.ada)["device_token"]
    for _ in range(5):
        guess(client, cast.bob.email)
    assert client.login(cast.bob, device_token=device).status_code == 401


def test_guesses_count_again_after_the_lock_has_ended(cast, call, clock):
    client = call(cast.acme)
    for _ in range(5):
        guess(client, cast.bob.email)
    clock.forward(minutes=30, seconds=1)
    assert guess(client, cast.bob.email, cast.bob.password).status_code == 200


def test_every_failure_is_an_audit_row(cast, call, services):
    guess(call(cast.acme), "nobody@acme.example")
    guess(call(cast.acme), cast.bob.email)
    assert checked(services, cast.acme) == 2
