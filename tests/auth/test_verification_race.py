"""Of many who follow a link at once, one gets there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.auth import errors
from tests.auth.petra import EMAIL, MINE

OTHER = "another passphrase 812"


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
