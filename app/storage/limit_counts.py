"""Where Flask-Limiter counts: Redis, in one round trip for each limit, its headers included."""

import hashlib
import threading
from contextvars import ContextVar
from typing import Any

from limits.storage.redis import RedisStorage
from redis.exceptions import ConnectionError, NoScriptError  # noqa: A004 - Redis's own

# The sliding window counter of ``limits``: it shifts a window that has passed, weighs it, counts if there is room,
# and answers with what it found, so that nobody has to ask again.
_ACQUIRE = """
local limit, expiry, amount = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local count, ttl = tonumber(redis.call('get', KEYS[2])) or 0, redis.call('pttl', KEYS[2])
if ttl > 0 and ttl < expiry then
    redis.call('rename', KEYS[2], KEYS[1])
    redis.call('set', KEYS[2], 0, 'PX', ttl + expiry)
    count, ttl = 0, ttl + expiry
end
local before, before_ttl = tonumber(redis.call('get', KEYS[1])) or 0, 0
if before > 0 then before_ttl = math.max(0, redis.call('pttl', KEYS[1])) end
if math.floor(before * before_ttl / expiry) + count + amount > limit then
    return {0, before, before_ttl, count, math.max(0, ttl)}
end
if ttl > 0 then
    redis.call('incrby', KEYS[2], amount)
else
    redis.call('set', KEYS[2], amount, 'PX', expiry * 2)
    ttl = expiry * 2
end
return {1, before, before_ttl, count + amount, ttl}
"""
_SHA = hashlib.sha1(_ACQUIRE.encode(), usedforsecurity=False).hexdigest()
Window = tuple[int, float, int, float]
_seen: ContextVar[tuple[str, Window] | None] = ContextVar("the window counted last", default=None)


class LimitCounts(RedisStorage):
    """``limits``' Redis storage, which remembers within a request what it has just been told."""

    STORAGE_SCHEME = ["portico+redis", "portico+rediss", "portico+redis+unix"]  # noqa: RUF012 - the library's word

    def __init__(self, uri: str, **options: object) -> None:
        super().__init__(uri.removeprefix("portico+"), **options)  # type: ignore[arg-type]
        self._pool = self.get_connection().connection_pool  # type: ignore[attr-defined]
        self._own = threading.local()

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` if there is room for it; says whether there was."""
        names = [self.prefixed_key(self._previous_window_key(key)), self.prefixed_key(self._current_window_key(key))]
        acquired, before, before_ttl, count, ttl = self._run(*names, limit, expiry, amount)
        _seen.set((key, (before, before_ttl / 1000, count, ttl / 1000)))
        return bool(acquired)

    def _run(self, *arguments: str | int) -> Any:
        """Run the script over this thread's own connection: borrowing one each time costs as much as the script."""
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._pool.get_connection()
        try:
            return _ask(connection, arguments)
        except ConnectionError:
            # Kept while Redis was restarted, say: a fresh one tells whether it is really away.
            connection.disconnect()
            return _ask(connection, arguments)

    def get_sliding_window(self, key: str, expiry: int) -> Window:
        """The window of ``key``: from memory when it was counted last, for this request's headers."""
        seen = _seen.get()
        return seen[1] if seen and seen[0] == key else super().get_sliding_window(key, expiry)


def _ask(connection: Any, arguments: tuple[str | int, ...]) -> Any:
    try:
        try:
            connection.send_command("EVALSHA", _SHA, 2, *arguments)
            return connection.read_response()
        except NoScriptError:
            connection.send_command("EVAL", _ACQUIRE, 2, *arguments)
            return connection.read_response()
    except BaseException:
        # Whatever was on its way back must not be taken for the answer to the next question.
        connection.disconnect()
        raise


def uri(redis_url: str) -> str:
    """How Flask-Limiter is told to count in the Redis at ``redis_url``, by the class above."""
    return f"portico+redis+{redis_url}" if redis_url.startswith("unix://") else f"portico+{redis_url}"
