"""What the machine could do: Argon2 alone, and one durable UPDATE alone. (Bare Flask is under load.)"""

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import psycopg

from app.hashing import Argon2
from app.settings import load
from bench.people import PASSWORD

_UPDATERS = 16
_ROWS = 1000
_HEAD_START_S = 0.2
_START_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each measures for some seconds and says how many a second."""

    argon2: Callable[[float], float]
    update: Callable[[float], float]


@contextmanager
def ready(environ: dict[str, str], owner_url: str) -> Iterator[Limits]:
    """Processes that wait to be asked."""
    settings = load(environ)
    parameters = (settings.argon2_memory_kib, settings.argon2_time, settings.argon2_parallelism)
    with psycopg.connect(owner_url, autocommit=True) as db:
        db.execute("CREATE TABLE bench_rotation (id int PRIMARY KEY, generation int NOT NULL) WITH (fillfactor = 70)")
        db.execute("INSERT INTO bench_rotation SELECT n, 0 FROM generate_series(1, %s) AS n", (_ROWS,))
    cores, spawn = os.cpu_count() or 1, multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(cores, mp_context=spawn, initializer=_prepare_argon2, initargs=parameters) as hashers,
        ProcessPoolExecutor(
            _UPDATERS, mp_context=spawn, initializer=_prepare_update, initargs=(owner_url,)
        ) as updaters,
    ):
        machine = Limits(argon2=partial(_rate, hashers, cores), update=partial(_rate, updaters, _UPDATERS))
        for measure in (machine.argon2, machine.update):
            measure(_START_S)  # now all processes are there
        yield machine


def _rate(executor: ProcessPoolExecutor, size: int, seconds: float) -> float:
    """A process takes one task: it waits for the common beginning, and so leaves the next task to the next process."""
    begin = time.time() + _HEAD_START_S
    return sum(done.result() for done in [executor.submit(_repeat, begin, seconds) for _ in range(size)]) / seconds


def _repeat(begin: float, seconds: float) -> int:
    """From ``begin`` (the wall clock, so that all begin at once) for some seconds. How often it was done."""
    time.sleep(max(0.0, begin - time.time()))
    count = 0
    while time.time() < begin + seconds:
        _act()
        count += 1
    return count


_act: Callable[[], object]


def _prepare_argon2(memory_kib: int, passes: int, lanes: int) -> None:
    global _act  # noqa: PLW0603 - a pool's process has nowhere else to keep it
    argon2 = Argon2(memory_kib=memory_kib, passes=passes, lanes=lanes, at_once=1)
    _act = partial(argon2.matches, argon2.hash(PASSWORD), PASSWORD)
    _act()


def _prepare_update(url: str) -> None:
    global _act  # noqa: PLW0603
    db = psycopg.connect(url, autocommit=True, prepare_threshold=1)
    statement = "UPDATE bench_rotation SET generation = generation + 1 WHERE id = %s RETURNING generation"
    _act = lambda: db.execute(statement, (random.randint(1, _ROWS),)).fetchone()  # noqa: E731, S311
    _act()
    _act()
