"""The measuring: every operation and every limit once a round, so that a noisy minute spoils all of them alike."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.wiring import Services
from bench import people
from bench.limits import Limits
from bench.load import OPERATIONS, Load
from bench.stack import Stack, Web

STORM = "storm"
# Between two measurements, for what the first has left behind: sockets that close, pages that are written.
_PAUSE_S = 0.3
_STORM_LEAD_S = 1
Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How to measure. ``seconds`` each; limits a third of that."""

    stack: Stack
    services: Services
    limits: Limits
    folder: Path
    users: int
    connections: int
    seconds: float

    def round(self, names: Sequence[str], *, seconds: float | None = None) -> list[Result]:
        """Each operation on each variant, one after another."""
        seconds = seconds or self.seconds
        results = []
        for name in names:
            if name in {"argon2", "update"}:
                results.append(self._limit(name, seconds / 3))
                continue
            for web in self.stack.webs:
                # For each anew: a refresh token that one variant has used is reuse at the next.
                held = people.credentials(self.services, people=self.users, held=2 * self.connections)
                act = self._storm if name == STORM else self._one
                results.append({"variant": str(web.variant), **act(name, web, held, seconds)})
        return results

    def _limit(self, name: str, seconds: float) -> Result:
        measure: Callable[[float], float] = getattr(self.limits, name)
        rate, used, _ = self._metered(lambda: measure(seconds))
        return {"operation": name, "variant": "", "rps": rate, "requests": rate * seconds, "failed": 0, **used}

    def _one(self, name: str, web: Web, held: people.Credentials, seconds: float) -> Result:
        load = self._load(name, web, held, seconds)
        said, used, took = self._metered(lambda: load().result(), web)
        return {"operation": name, **said, **used, "took_s": took}

    def _storm(self, _: str, web: Web, held: people.Credentials, seconds: float) -> Result:
        """Introspection while as many connections again sign in, from before its beginning until after its end."""

        def both() -> tuple[Result, Result]:
            with ThreadPoolExecutor() as threads:
                storm = threads.submit(self._load("login", web, held, seconds + 2 * _STORM_LEAD_S)().result)
                time.sleep(_STORM_LEAD_S)
                calm = self._load("introspect", web, held, seconds)().result()
                return calm, storm.result()

        (said, storm), used, took = self._metered(both, web)
        return {
            "operation": STORM,
            **said,
            **used,
            "took_s": took,
            "storm_rps": storm["rps"],
            "storm_p99_ms": storm["p99_ms"],
            "failed": said["failed"] + storm["failed"],
            "why": said["why"] or storm["why"],
        }

    def _load(self, name: str, web: Web, held: people.Credentials, seconds: float) -> Callable[[], Load]:
        operation = OPERATIONS[name]
        return lambda: Load(
            operation,
            port=web.bare_port if operation.bare else web.port,
            credentials=held,
            folder=self.folder,
            connections=self.connections,
            seconds=seconds,
        )

    def _metered(self, act: Callable[[], Any], web: Web | None = None) -> tuple[Any, Result, float]:
        """What ``act`` gave, the CPU seconds that each part took meanwhile, and how long it was."""
        time.sleep(_PAUSE_S)
        meters = {**(web.meters if web else {}), **self.stack.meters}
        before = {part: read() for part, read in meters.items()}
        idle, began = _idle_s(), time.monotonic()
        said = act()
        took = time.monotonic() - began
        used = {part: read() - before[part] for part, read in meters.items()}
        busy = took * (os.cpu_count() or 1) - (_idle_s() - idle)
        return said, {"cpu_s": used, "machine_busy_s": busy}, took


def _idle_s() -> float:
    """Seconds that the cores of this machine have idled, all together."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")
