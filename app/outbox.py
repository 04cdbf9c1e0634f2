"""Promises: written with the change, kept after the commit, by whichever worker is alive."""

import random
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from app.clock import Clock, wall_clock
from app.ids import uuid7
from app.queue import Job, Queue
from app.storage import outbox as entries
from app.storage.outbox import Backlog, OutboxEntry
from app.storage.unit import Unit, Units

Keep = Callable[[UUID, Mapping[str, Any]], None]
_log = structlog.get_logger()
# Within half a lease, whatever a call takes (``outbound.BUDGET_S``).
_SIDE_BY_SIDE = 8
_RETRY_AFTER_S = (10, 30, 120, 600, 1800, 7200, 21600, 43200)


class Undeliverable(Exception):
    """A promise that can never be kept: trying again would not help."""


class Outbox:
    """Where use cases put what must happen later."""

    def __init__(self, queue: Queue, *, clock: Clock = wall_clock) -> None:
        self._queue = queue
        self._clock = clock

    def put(self, unit: Unit, *, tenant_id: UUID, kind: str, **payload: UUID | str) -> None:
        """Promise ``kind``. Payloads carry ids, never secrets: they rest in the database."""
        plain = {name: str(value) for name, value in payload.items()}
        entries.add(unit.db, tenant_id=tenant_id, new_id=uuid7(), kind=kind, payload=plain, now=self._clock())
        unit.after_commit(partial(self._queue.enqueue, Job.DRAIN_OUTBOX))

    def promised(self, unit: Unit) -> None:
        """A statement of this unit may have promised something: keep it after the commit."""
        unit.after_commit(partial(self._queue.enqueue, Job.DRAIN_OUTBOX))

    def wake(self) -> None:
        """A promise was written elsewhere (by a hot statement), and is committed."""
        self._queue.enqueue(Job.DRAIN_OUTBOX)


class Drainer:
    """Keeps promises: claims what is due, does it, and writes down how it went.

    A claim is a lease. When a worker dies in the middle of a delivery, its lease runs out and another takes over, so
    a promise is kept at least once.
    """

    def __init__(
        self,
        units: Units,
        *,
        keepers: Mapping[str, Keep],
        clock: Clock = wall_clock,
        lease: timedelta = timedelta(seconds=30),
        batch: int = 20,
        slow: Collection[str] = (),
    ) -> None:
        self._units = units
        self._keepers = keepers
        self._clock = clock
        self._lease = lease
        self._batch = batch
        self._slow = tuple(slow)
        self._side_by_side = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="slow-promises")

    def drain(self) -> int:
        """Keep everything that is due now. Returns how many promises were kept.

        The ``slow`` kinds wait for other people's servers. They come when nothing else is due, a few side by side, and
        whatever has become due meanwhile before the next few: nobody's mail waits for somebody's server for long.
        """
        kept = 0
        while True:
            if claimed := self._claim(self._batch, slow=False):
                kept += sum(map(self._try, claimed))
            elif self._slow and (claimed := self._claim(_SIDE_BY_SIDE, slow=True)):
                kept += sum(self._side_by_side.map(self._try, claimed))
            else:
                return kept

    def backlog(self) -> Backlog:
        """What is due and not delivered."""
        with self._units.platform() as unit:
            return entries.backlog_unscoped(unit.db, now=self._clock())

    def _claim(self, most: int, *, slow: bool) -> list[OutboxEntry]:
        now = self._clock()
        with self._units.platform() as unit:
            return entries.claim_unscoped(
                unit.db, most=most, kinds=self._slow, of_these=slow, now=now, until=now + self._lease
            )

    def _try(self, entry: OutboxEntry) -> bool:
        if entry.claimed_until and self._clock() > entry.claimed_until - self._lease / 2:
            # The others took so long that this one might be somebody else's by the time we are done: it was not tried.
            with self._units.platform() as unit:
                entries.let_go(unit.db, tenant_id=entry.tenant_id, entry_id=entry.id)
            return False
        try:
            self._keepers.get(entry.kind, _nobody)(entry.tenant_id, entry.payload)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is written down and tried again
            self._failed(entry, error)
            return False
        with self._units.platform() as unit:
            entries.kept_unscoped(unit.db, entries=[(entry.tenant_id, entry.id)], now=self._clock())
        return True

    def _failed(self, entry: OutboxEntry, error: Exception) -> None:
        _log.warning("promise failed", kind=entry.kind, entry=str(entry.id), attempt=entry.attempts, exc_info=error)
        now, sentence = self._clock(), f"{type(error).__name__}: {error}"[:500]
        last = isinstance(error, Undeliverable) or entry.attempts > len(_RETRY_AFTER_S)
        with self._units.platform() as unit:
            if last:
                entries.give_up(unit.db, tenant_id=entry.tenant_id, entry_id=entry.id, now=now, error=sentence)
            else:
                wait = _RETRY_AFTER_S[entry.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
                entries.put_off(
                    unit.db,
                    tenant_id=entry.tenant_id,
                    entry_id=entry.id,
                    due_at=now + timedelta(seconds=wait),
                    error=sentence,
                )


def _nobody(_: UUID, __: Mapping[str, Any]) -> None:
    raise Undeliverable("nobody keeps promises of this kind")
