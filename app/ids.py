"""Ids that sort by the time they were made, so that an index on them stays dense at its end."""

import os
import threading
import time
from uuid import UUID

_POOL_BYTES = 4096


class _Random:
    """Random bytes of the system's, fetched many at a time: one by one they would cost more than all else here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._used = 0
        # What a parent has fetched, its children must not use again.
        os.register_at_fork(after_in_child=self._forget)

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._used + count > len(self._bytes):
                self._bytes, self._used = os.urandom(_POOL_BYTES), 0
            self._used += count
            return self._bytes[self._used - count : self._used]

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._bytes, self._used = b"", 0


_random = _Random()


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 12 bits of their fraction, 62 random bits.

    The fraction (section 6.2, method 3) keeps ids of one millisecond in order, to a quarter of a microsecond.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(_random.take(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
