"""Large limits are counted in lots: fewer round trips, and nobody gets more than the limit."""

from functools import partial

import pytest

from app.blueprints import _lots
from app.storage.limit_counts import LimitCounts
from app.wiring import RedisAway

JWKS = "/oauth2/jwks"
A_CLIENT = {"REMOTE_ADDR": "198.51.100.77"}


@pytest.fixture
def time(monkeypatch):
    """Seconds that pass only when a test says so."""

    class Seconds:
        now = 1000.0

        def monotonic(self):
            return self.now

    seconds = Seconds()
    monkeypatch.setattr(_lots, "time", seconds)
    return seconds


@pytest.fixture
def trips(monkeypatch):
    """How many requests were counted in each round trip to Redis."""
    counted, acquire = [], LimitCounts.acquire_sliding_window_entry

    def acquired(self, key, limit, expiry, amount=1):
        within = acquire(self, key, limit, expiry, amount)
        counted.append(amount if within else -amount)
        return within

    monkeypatch.setattr(LimitCounts, "acquire_sliding_window_entry", acquired)
    return counted


def asked(app, tenant, many):
    """The statuses of that many requests by one client, at once, and what the last one says is left."""
    client = app.test_client(use_cookies=False)
    answers = [client.get(JWKS, base_url=tenant.origin, environ_base=A_CLIENT) for _ in range(many)]
    return [answer.status_code for answer in answers], int(answers[-1].headers["X-RateLimit-Remaining"])


def test_who_asks_fast_is_counted_ahead_and_every_request_is_counted(strict, cast, time, trips):
    statuses, left = asked(strict, cast.acme, 20)
    assert statuses == [200] * 20
    assert trips == [1, 2, 4, 6, 6, 6], "never more than a hundredth of six hundred"
    assert left == 600 - 20, "what is held for later is left"


def test_who_asks_slowly_is_counted_one_by_one(strict, cast, time, trips):
    asked(strict, cast.acme, 7)
    trips.clear()
    for _ in range(3):
        time.now += 7
        asked(strict, cast.acme, 1)
    assert trips == [2, 1, 1], "what was held for a tenth of a minute counts no more"


def test_exactly_the_limit_is_let_through_and_the_last_ones_one_by_one(portal, cast, time, trips):
    few = portal(rate_limit_scale=0.35)  # 210 a minute: two at a time
    statuses, left = asked(few, cast.acme, 213)
    assert statuses == [200] * 210 + [429] * 3
    assert left == 0
    assert sum(trip for trip in trips if trip > 0) == 210
    assert max(trips) == 2


def test_two_processes_let_through_no_more_than_the_limit(portal, cast, time):
    one, other = (portal(rate_limit_scale=0.35) for _ in range(2))
    through = [status for app in (one, other, one, other) for status in asked(app, cast.acme, 80)[0]]
    assert through.count(200) == 210


def test_a_small_limit_is_counted_one_by_one(strict, cast, call, trips, time):
    client = call(cast.acme, on=strict)
    for n in range(4):
        client.post("/auth/login", {"email": f"p{n}@acme.example", "password": "wrong"})
    assert trips == [1] * 8, "the address and the client"


def test_of_many_threads_at_once_one_counts_ahead_and_nothing_counted_is_lost(time):
    lots, name = _lots.Lots(), ("a client",)
    put = partial(lots.put, name, remaining=500, reset_at=0.0)
    taken = partial(lots.take, name, window=60)
    assert lots.size(name, largest=60) == 1
    put(size=1)
    assert [lots.size(name, largest=60) for _ in range(3)] == [2, 1, 1], "the first counts for those that follow"
    put(size=1)
    put(size=2)
    put(size=1)
    assert lots.size(name, largest=60) == 1, "there are some already"
    assert [taken() is not None for _ in range(2)] == [True, False]
    assert lots.size(name, largest=60) == 4, "and never comes back with them"
    assert lots.size(name, largest=60) == 1
    time.now += 1
    put(size=1)
    assert lots.size(name, largest=60) == 2, "which keeps nobody from counting for long"


def test_while_redis_is_away_nothing_is_counted_ahead(strict, cast, time, monkeypatch):
    asked(strict, cast.acme, 7)  # so that four would be counted at once

    def away(*_, **__):
        raise RedisAway[0]

    monkeypatch.setattr(LimitCounts, "acquire_sliding_window_entry", away)
    monkeypatch.setattr(LimitCounts, "check", lambda _: False)
    statuses, left = asked(strict, cast.acme, 3)
    assert statuses == [200] * 3
    assert left < 600 - 3, "each counts for more"
