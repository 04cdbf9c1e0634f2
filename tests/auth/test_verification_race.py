"""Of many who follow a link at once, one gets there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app import crypto
from app.auth import errors
from app.auth.registration import NewAccount
from tests.cast import an_origin

EMAIL = "petra@acme.example"
MINE = "petra velvet orbit 71"
OTHER = "another passphrase 812"


@pytest.fixture
def register(services, cast):
    def register(password=MINE, tenant=None):
        new = NewAccount(email=EMAIL, password=password)
        return services.registration.register(tenant or cast.acme, new, origin=an_origin()).challenge

    return register


@pytest.fixture
def verify(services, cast):
    def verify(token, challenge=None, new_password=None, tenant=None):
        return services.verification.verify(
            tenant or cast.acme,
            token=token,
            challenges=[crypto.digest(challenge)] if challenge else [],
            new_password=new_password,
            origin=an_origin(),
        )

    return verify


def test_of_twenty_who_follow_a_link_at_once_one_wins(register, verify, letters, happened, cast):
    challenge = register()
    token, barrier = letters.token_to(EMAIL), Barrier(20)

    def follow(number):
        barrier.wait()
        try:
            return verify(token, challenge if number % 2 else None, None if number % 2 else MINE)
        except errors.LinkExpired:
            return None

    with ThreadPoolExecutor(20) as threads:
        assert sorted(filter(None, threads.map(follow, range(20)))) == [EMAIL]
    assert [event for event, *_ in happened(cast.acme)].count("user.email_verified") == 1
