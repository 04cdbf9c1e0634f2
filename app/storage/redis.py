"""Redis, with short patience: what is slow there is answered from PostgreSQL instead."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

Away = (RedisError, OSError)
PATIENCE_S = 0.5

__all__ = ["PATIENCE_S", "Away", "Redis", "connect"]


def connect(url: str, *, patience: float | None = PATIENCE_S) -> Redis:
    """A client for ``url``. ``patience`` is the longest wait for an answer in seconds; ``None`` waits for ever."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=15,
    )
