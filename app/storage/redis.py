"""Redis, with short patience: what is slow there is answered from PostgreSQL instead."""

import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

Away = (RedisError, OSError)
PATIENCE_S = 0.5

__all__ = ["PATIENCE_S", "Away", "Fuse", "Redis", "connect"]

_PAUSE_S = 1.0
T = TypeVar("T")


class Fuse:
    """After a failure Redis is not asked for a second: one that hangs must not make every request hang."""

    def __init__(self) -> None:
        self._blown_until = 0.0

    def __call__(self, ask: Callable[[], T]) -> T:
        """The answer of ``ask``. Raises what Redis raises, at once while the fuse is blown."""
        if time.monotonic() < self._blown_until:
            raise RedisError("away a moment ago")
        try:
            return ask()
        except Away:
            self._blown_until = time.monotonic() + _PAUSE_S
            raise


def connect(url: str, *, patience: float | None = PATIENCE_S) -> Redis:
    """A client for ``url``. ``patience`` is the longest wait for an answer in seconds; ``None`` waits for ever."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=15,
    )
