"""The queue wakes workers, once, and never stops anybody when it is away."""

import time

import pytest
from rq import Queue as Rq
from rq.serializers import JSONSerializer

from app.queue import QUEUE, Job, RqQueue
from app.storage import redis as redis_storage


@pytest.fixture
def redis(services):
    return services.ports.redis


@pytest.fixture
def waiting(redis):
    rq = Rq(QUEUE, connection=redis, serializer=JSONSerializer)
    return lambda: [job.func_name for job in rq.jobs]


def test_a_job_is_queued_by_its_import_path(redis, waiting):
    RqQueue(redis).enqueue(Job.DRAIN_OUTBOX)
    assert waiting() == ["app.jobs.drain_outbox"]


def test_a_job_that_waits_already_is_not_queued_again(redis, waiting):
    for _ in range(20):
        RqQueue(redis).enqueue(Job.DRAIN_OUTBOX)
    assert len(waiting()) == 1


def test_what_is_asked_for_after_it_has_begun_is_queued_again(redis, waiting):
    """Else what was written while the worker looked would wait for the sweep."""
    queue = RqQueue(redis)
    queue.enqueue(Job.DRAIN_OUTBOX)
    queue.begun(Job.DRAIN_OUTBOX)
    queue.enqueue(Job.DRAIN_OUTBOX)
    assert len(waiting()) == 2


def test_without_workers_the_queue_does_not_grow_for_ever(redis, waiting):
    queue = RqQueue(redis)
    for _ in range(30):
        queue.enqueue(Job.DRAIN_OUTBOX)
        queue.begun(Job.DRAIN_OUTBOX)
    assert len(waiting()) <= 5


def test_a_wake_that_got_lost_blocks_the_next_only_for_seconds(redis):
    RqQueue(redis).enqueue(Job.DRAIN_OUTBOX)
    assert 0 < redis.pttl("portico:waiting:app.jobs.drain_outbox") <= 5000


def test_every_job_can_be_imported():
    for job in Job:
        module, _, name = job.value.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[name]), name))


def test_with_redis_away_nobody_waits_and_nothing_is_raised():
    away = redis_storage.connect("redis://127.0.0.1:1/0")
    queue, began = RqQueue(away), time.monotonic()
    for _ in range(10):
        queue.enqueue(Job.DRAIN_OUTBOX)
        queue.begun(Job.DRAIN_OUTBOX)
    away.close()
    assert time.monotonic() - began < 2
