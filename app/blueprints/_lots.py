"""Large limits are counted in lots: whoever asks fast has a few requests counted at once, ahead of time.

A round trip to Redis costs more than all else that many an answer takes. Every request that is let through has been
counted there, so processes together let through no more than the limit, but for what one of them holds for later: a
hundredth of it at the most. Whoever asks slowly, and every limit of less than two hundred, is counted one by one.
"""

import math
import threading
import time
from dataclasses import dataclass

# A lot is as large as what is asked for in about this time.
_PACE_S = 0.1
_LARGEST = 64
_HUNDREDTH = 100
# What is held for this share of the limit's window counts no more.
_LIFE = 0.1
_MOST = 10_000


def largest_for(amount: int) -> int:
    """How many requests may be counted at once, for a limit of ``amount``."""
    return max(1, min(_LARGEST, amount // _HUNDREDTH))


@dataclass(slots=True)
class Lot:
    """``left`` requests were counted ahead. ``remaining`` and ``reset_at``: as the limit stood when they were.

    ``next_at``: when somebody began to count the next ones.
    """

    left: int
    size: int
    drawn_at: float
    remaining: int
    reset_at: float
    next_at: float = -math.inf

    @property
    def awaited(self) -> bool:
        """Others are being counted at this moment. Whoever has not come back with them in time does not."""
        return time.monotonic() - self.next_at < _PACE_S


class Lots:
    """What this process holds, by what the limit counts."""

    def __init__(self) -> None:
        self._lots: dict[tuple[str, ...], Lot] = {}
        self._lock = threading.Lock()

    def take(self, names: tuple[str, ...], *, window: int) -> tuple[int, float] | None:
        """One request that was counted ahead: what remains, and until when; ``None`` where there is none."""
        with self._lock:
            lot = self._lots.get(names)
            if lot is None:
                return None
            if time.monotonic() - lot.drawn_at > window * _LIFE:
                lot.left = 0
            if lot.left == 0:
                return None
            lot.left -= 1
            return lot.remaining + lot.left, lot.reset_at

    def size(self, names: tuple[str, ...], *, largest: int) -> int:
        """How many to count now: more each time while they are used up fast, fewer when they are not.

        Whoever is told of several is the only one; the others count for themselves alone until those are ``put`` here.
        Else each of the threads that ask at once would count as many, and all but one lot would be lost.
        """
        with self._lock:
            lot = self._lots.get(names)
            if lot is None or lot.left or lot.awaited:
                return 1
            fast = time.monotonic() - lot.drawn_at < _PACE_S
            size = min(largest, lot.size * 2) if fast else max(1, lot.size // 2)
            if size > 1:
                lot.next_at = time.monotonic()
            return size

    def put(self, names: tuple[str, ...], *, size: int, remaining: int, reset_at: float) -> None:
        """``size`` were counted: one for the request that asked, the others for those that come next."""
        with self._lock:
            held = self._lots.get(names)
            if size == 1 and held and (held.left or held.awaited):
                return
            if len(self._lots) >= _MOST:
                self._lots.clear()
            self._lots[names] = Lot(size - 1, size, time.monotonic(), remaining, reset_at)
