"""Where limits are counted: one round trip, and a Redis that was restarted is no Redis that is away."""

import pytest
from limits import RateLimitItemPerSecond
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from app.embedded import redis as embedded
from app.storage.limit_counts import LimitCounts, uri

ITEM = RateLimitItemPerSecond(3, 60)


@pytest.fixture
def server(tmp_path):
    started = [embedded.start(tmp_path, durable=False)]
    yield started
    started[-1].kill()


@pytest.fixture
def counter(server):
    return SlidingWindowCounterRateLimiter(LimitCounts(uri(server[0].url)))


def test_so_many_pass_and_no_more(counter):
    assert [counter.hit(ITEM, "ada") for _ in range(5)] == [True, True, True, False, False]
    assert counter.hit(ITEM, "bob")


def test_what_is_left_is_known_without_asking_again(counter, server):
    counter.hit(ITEM, "ada")
    server[0].kill()
    assert counter.get_window_stats(ITEM, "ada").remaining == 2


def test_a_redis_restarted_between_two_requests_is_found_again(counter, server, tmp_path):
    counter.hit(ITEM, "ada")
    server[0].kill()
    server.append(embedded.start(tmp_path, port=server[0].port, durable=False))
    assert counter.hit(ITEM, "ada")


def test_an_emptied_script_cache_is_filled_again(counter):
    counter.hit(ITEM, "ada")
    counter.storage.get_connection().script_flush()
    assert [counter.hit(ITEM, "ada") for _ in range(3)] == [True, True, False]


def test_a_redis_that_is_away_says_so(counter, server):
    counter.hit(ITEM, "ada")
    server[0].kill()
    with pytest.raises(RedisError):
        counter.hit(ITEM, "ada")
