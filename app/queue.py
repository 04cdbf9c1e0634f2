"""What workers can be asked to do, and how they are woken. Nothing is true here: the outbox remembers."""

import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Protocol

import structlog
from redis import Redis
from rq import Queue as Rq
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.storage.redis import Away, Fuse

QUEUE = "outbox"
# So many wait already: no worker is alive, and one more job would not help.
_ENOUGH = 5
_log = structlog.get_logger()


class Job(StrEnum):
    """Everything a worker runs, by its import path."""

    DRAIN_OUTBOX = "app.jobs.drain_outbox"


class Queue(Protocol):
    """Wakes workers."""

    def enqueue(self, job: Job) -> None:
        """Ask for ``job`` to be run soon. Never raises because a queue is away: a sweep asks again."""

    def begun(self, job: Job) -> None:
        """A worker has taken ``job``: what is asked for from now on needs another run."""


class RqQueue:
    """RQ behind Redis. A job that waits already is not queued twice."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._fuse = Fuse()
        self._rq = Rq(QUEUE, connection=redis, serializer=JSONSerializer)

    def enqueue(self, job: Job) -> None:
        try:
            self._fuse(partial(self._enqueue, job))
        except Away as error:
            _log.warning("queue away", job=job.value, error=type(error).__name__)

    def _enqueue(self, job: Job) -> None:
        if self._redis.set(_waiting(job), 1, nx=True, px=5000) and self._rq.count < _ENOUGH:
            self._rq.enqueue(job.value, job_timeout=600, result_ttl=0, failure_ttl=86400)

    def begun(self, job: Job) -> None:
        try:
            self._redis.delete(_waiting(job))
        except Away:
            return


def _waiting(job: Job) -> str:
    return f"portico:waiting:{job.value}"


def work(connect: Callable[[], Redis]) -> None:
    """Be a worker in this process until told to stop (SIGTERM, SIGINT); where Redis goes away, wait for it."""
    while True:
        try:
            redis = connect()
            queue = Rq(QUEUE, connection=redis, serializer=JSONSerializer)
            worker = SimpleWorker([queue], connection=redis, serializer=JSONSerializer)
            worker.work(logging_level="WARNING")
        except Away as error:
            _log.warning("worker waits for Redis", error=type(error).__name__)
            time.sleep(1)
        else:
            return
