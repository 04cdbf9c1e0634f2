"""Promises: kept once, put off, given up; and what of them rests in the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest

from app.outbox import Undeliverable

KIND = "mail.test"


def test_a_kept_promise_is_kept_once(promise, drainer, entries, cast):
    kept = []
    promise(number=3)
    worker = drainer(lambda tenant_id, payload: kept.append((tenant_id, payload["id"])))
    assert worker.drain() == 3
    assert worker.drain() == 0
    assert len(set(kept)) == 3
    assert all(entry["delivered_at"] and entry["claimed_until"] is None for entry in entries(cast.acme))


def test_of_many_drainers_each_promise_has_one(promise, drainer):
    kept, lock, barrier = [], Lock(), Barrier(8)
    promise(number=60)

    def keep(_, payload):
        with lock:
            kept.append(payload["id"])

    def drain(_):
        barrier.wait()
        return drainer(keep, batch=7).drain()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(drain, range(8))) == 60
    assert len(kept) == len(set(kept)) == 60


def test_a_worker_that_died_is_taken_over_from_when_its_lease_has_run_out(promise, drainer, clock, entries, cast):
    def die(*_):
        raise SystemExit

    promise()
    with pytest.raises(SystemExit):
        drainer(die).drain()
    kept = []
    other = drainer(lambda *_: kept.append(1))
    assert other.drain() == 0, "it may still be at it"
    clock.forward(seconds=31)
    assert other.drain() == 1
    assert entries(cast.acme)[0]["attempts"] == 2


def test_a_failure_is_put_off_longer_each_time_and_given_up_at_the_end(promise, drainer, clock, entries, cast):
    def fail(*_):
        raise ConnectionError("the relay is away")

    promise()
    worker, waits = drainer(fail), []
    while True:
        worker.drain()
        (entry,) = entries(cast.acme)
        if entry["failed_at"]:
            break
        assert worker.drain() == 0, "not before its time"
        waits.append((entry["due_at"] - clock()).total_seconds())
        clock.forward(seconds=waits[-1] + 1)
    steps = (10, 30, 120, 600, 1800, 7200, 21600, 43200)
    assert len(waits) == len(steps)
    for waited, step in zip(waits, steps, strict=True):
        assert step * 0.79 - 1 <= waited <= step * 1.21
    assert entry["last_error"] == "ConnectionError: the relay is away"
    clock.forward(days=30)
    assert worker.drain() == 0


@pytest.mark.parametrize("error", [Undeliverable("no such mailbox"), None])
def test_what_can_never_be_kept_is_given_up_at_once(promise, drainer, entries, cast, error):
    def refuse(*_):
        raise error

    promise(KIND if error else "mail.of_an_unknown_kind")
    assert drainer(refuse).drain() == 0
    (entry,) = entries(cast.acme)
    assert entry["failed_at"]
    assert entry["attempts"] == 1
    assert entry["last_error"].startswith("Undeliverable")


def test_one_bad_promise_does_not_hold_up_the_others(promise, drainer):
    def keep(_, payload):
        if payload["id"] == "bad":
            raise ValueError

    promise(id="bad")
    promise(number=5)
    assert drainer(keep, batch=2).drain() == 5


def test_what_a_slow_batch_leaves_over_is_not_counted_as_tried(promise, drainer, clock, entries, cast):
    """Only a try that failed brings a promise nearer to being given up."""
    promise(number=3)
    worker = drainer(lambda *_: clock.forward(seconds=20), lease=timedelta(seconds=30))
    worker.drain()
    left = [entry for entry in entries(cast.acme) if not entry["delivered_at"]]
    assert all(entry["attempts"] == 0 for entry in left)


def test_a_slow_relay_leads_to_no_promise_given_up_after_one_real_failure(promise, drainer, clock, entries, cast):
    promise(number=12)
    slow = drainer(lambda *_: clock.forward(seconds=20), lease=timedelta(seconds=30))
    for _ in range(10):
        slow.drain()
        clock.forward(seconds=31)

    def fail(*_):
        raise ConnectionError("once")

    drainer(fail).drain()
    assert not [entry for entry in entries(cast.acme) if entry["failed_at"]]
