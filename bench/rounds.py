"""The measuring: every operation and every limit once a round, so that a noisy minute spoils all of them alike."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.wiring import Services
from bench import openid, people
from bench.limits import Limits
from bench.load import OPERATIONS, Load, Operation
from bench.provider import Provider
from bench.stack import Server, Stack, Web

STORM = "storm"
# Between two measurements, for what the first has left behind: sockets that close, pages that are written.
_PAUSE_S = 0.3
_STORM_LEAD_S = 1
Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How to measure. ``seconds`` each; limits a third of that.

    ``provider`` says how a web server of ours is asked as an OpenID provider; ``peer`` is the other one, if there is.
    """

    stack: Stack
    services: Services
    limits: Limits
    folder: Path
    users: int
    connections: int
    seconds: float
    provider: Callable[[Web], Provider]
    peer: tuple[Provider, Server] | None

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
                act = self._storm if name == STORM else self._openid if name in openid.REQUESTS else self._one
                results.append({"variant": str(web.variant), **act(name, web, held, seconds)})
            if name in openid.REQUESTS and self.peer:
                results.append({"variant": "", **self._peer(name, *self.peer, seconds)})
        return results

    def _limit(self, name: str, seconds: float) -> Result:
        measure: Callable[[float], float] = getattr(self.limits, name)
        rate, used, _ = self._metered(lambda: measure(seconds))
        return {"operation": name, "variant": "", "rps": rate, "requests": rate * seconds, "failed": 0, **used}

    def _one(self, name: str, web: Web, held: people.Credentials, seconds: float) -> Result:
        return self._driven(OPERATIONS[name], web, self._load(name, web, held, seconds))

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

    def _openid(self, name: str, web: Web, held: people.Credentials, seconds: float) -> Result:
        there = [{"portico_session": cookie} for cookie in held.cookies]
        operation = openid.operation(name, self.provider(web), there)
        return self._driven(operation, web, self._driver(operation, web.port, held, seconds))

    def _peer(self, name: str, provider: Provider, server: Server, seconds: float) -> Result:
        operation = openid.operation(name, provider, [{}] * (2 * self.connections), prefix=openid.PEER)
        return self._driven(operation, server, self._driver(operation, server.port, None, seconds))

    def _driven(self, operation: Operation, server: Web | Server, load: Callable[[], Load]) -> Result:
        said, used, took = self._metered(lambda: load().result(), server)
        return {"operation": operation.name, **said, **used, "took_s": took}

    def _load(self, name: str, web: Web, held: people.Credentials, seconds: float) -> Callable[[], Load]:
        operation = OPERATIONS[name]
        return self._driver(operation, web.bare_port if operation.bare else web.port, held, seconds)

    def _driver(
        self, operation: Operation, port: int, held: people.Credentials | None, seconds: float
    ) -> Callable[[], Load]:
        return lambda: Load(
            operation,
            port=port,
            credentials=held,
            folder=self.folder,
            connections=self.connections,
            seconds=seconds,
        )

    def _metered(self, act: Callable[[], Any], server: Web | Server | None = None) -> tuple[Any, Result, float]:
        """What ``act`` gave, the CPU seconds that each part took meanwhile, and how long it was."""
        time.sleep(_PAUSE_S)
        meters = {**(server.meters if server else {}), **self.stack.meters}
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
