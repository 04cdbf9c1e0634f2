"""What has to be done again and again, by exactly one scheduler: sweeps, publishing what was missed, cleaning up."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from app.auth.backup_codes import LIFE
from app.auth.blacklist import Blacklist
from app.auth.factor_reset_effects import FactorResetEffects
from app.auth.key_ring import KeyRing
from app.clock import Clock, wall_clock
from app.oidc.aging import Aging
from app.outbox import Drainer
from app.queue import Job, Queue
from app.storage import audit, backup_codes, expired
from app.storage.pool import Pool
from app.storage.unit import Units
from app.users.erasure import Erasure

_log = structlog.get_logger()
# Whoever holds this lock on a connection of its own is the scheduler.
_LOCK = 0x706F73
_ROUND, _MOST_ROUNDS = 5000, 40


@dataclass(slots=True)
class Task:
    """Something to do every so many seconds."""

    name: str
    every_s: float
    act: Callable[[], object]
    next_at: float = field(default=0.0)


class Upkeep:
    """The tasks, and the loop that runs them."""

    def __init__(
        self,
        pool: Pool,
        units: Units,
        *,
        queue: Queue,
        drainer: Drainer,
        blacklist: Blacklist,
        key_ring: KeyRing,
        erasure: Erasure,
        factor_resets: FactorResetEffects,
        aging: Aging,
        clock: Clock = wall_clock,
    ) -> None:
        self._pool = pool
        self._units = units
        self._queue = queue
        self._drainer = drainer
        self._blacklist = blacklist
        self._key_ring = key_ring
        self._erasure = erasure
        self._factor_resets = factor_resets
        self._aging = aging
        self._clock = clock

    def tasks(self) -> Sequence[Task]:
        return (
            Task("wake the outbox", 2, self.wake_outbox),
            Task("publish revocations", 1, self._blacklist.publish_missed),
            Task("remove what has expired", 300, self.remove_expired),
            Task("erase who has left", 300, self._erasure.erase_due),
            Task("hide backup codes", 60, self.hide_backup_codes),
            Task("take factors away", 60, self._factor_resets.effect_due),
            Task("end what has aged", 300, self._aging.end_aged),
            Task("prepare signing keys", 300, self._key_ring.prepare),
            Task("prepare audit months", 3600, self.prepare_months),
        )

    def wake_outbox(self) -> bool:
        """Enqueue a drain when something is due: missed wakes, retries, leases of workers that died."""
        due = self._drainer.backlog().waiting > 0
        if due:
            self._queue.enqueue(Job.DRAIN_OUTBOX)
        return due

    def remove_expired(self) -> dict[str, int]:
        """A bounded number at a time, as long as there is more, for a while at the most."""
        removed: dict[str, int] = {}
        for _ in range(_MOST_ROUNDS):
            with self._units.platform() as unit:
                gone = expired.purge_unscoped(unit.db, now=self._clock(), most=_ROUND)
            removed = {table: removed.get(table, 0) + count for table, count in gone.items()}
            if max(gone.values()) < _ROUND:
                break
        return removed

    def hide_backup_codes(self) -> int:
        """Nobody is shown them any more; now they do not rest either, in a shape that could be read."""
        with self._units.platform() as unit:
            return backup_codes.hide_unscoped(unit.db, made_before=self._clock() - LIFE)

    def prepare_months(self) -> int:
        with self._units.platform() as unit:
            return audit.prepare_months_unscoped(unit.db, now=self._clock())

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``: be the scheduler if nobody else is, and run what is due."""
        tasks = self.tasks()
        while not stop.is_set():
            try:
                with self._pool.connection() as connection, connection.transaction():
                    # The lock ends with the transaction, so it holds behind PgBouncer too.
                    connection.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
                    held = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,)).fetchone()
                    if held and held[0]:
                        run_due(tasks)
                stop.wait(0.5)
            except Exception:  # noqa: BLE001 - the database went away, or worse: say so, and try again
                _log.exception("scheduler interrupted")
                stop.wait(1)


def run_due(tasks: Sequence[Task]) -> None:
    """Run what is due. One task's failure does not keep the others from running."""
    for task in tasks:
        if time.monotonic() < task.next_at:
            continue
        task.next_at = time.monotonic() + task.every_s
        try:
            task.act()
        except Exception:  # noqa: BLE001 - the other tasks have to be done all the same
            _log.exception("task failed", task=task.name)
