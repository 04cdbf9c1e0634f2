"""The table, and the file with every number behind it."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from app.hashing import Argon2
from bench.stack import ROOT, Server, Web

_PARTS = ("web", "hashing", "postgresql", "redis")
_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What performance.md asks for: a share of the limit (peers' rates over the limit it names), a p99."""

    limit: str
    share: float | None = None
    p99_ms: float | None = None
    why: str = ""


GOALS = {
    "login": Goal(limit="argon2", share=0.75, p99_ms=250, why="≥ 0.75 of Argon2"),
    "refresh": Goal(limit="bare+update", share=0.42, p99_ms=25, why="≥ 1 times oidc-provider on Redis"),
    "introspect": Goal(limit="bare", share=0.51, why="≥ 1.2 times best peer"),
    "me": Goal(limit="select", share=0.44, why="≥ 1.5 times best peer, opaque"),
    "login page": Goal(limit="bare", share=0.37, p99_ms=12, why="≥ 3.5 times best Python peer"),
    "session page": Goal(limit="select", share=0.42, why="≥ 3.5 times best Python peer"),
    "oidc client": Goal(limit="peer client", share=1.2, why="≥ 1.2 times oidc-provider"),
    "oidc refresh": Goal(limit="peer refresh", share=2.0, p99_ms=25, why="≥ 2 times oidc-provider"),
    "oidc introspect": Goal(limit="peer introspect", share=1.2, why="≥ 1.2 times oidc-provider"),
    "oidc opaque": Goal(limit="peer opaque", share=1.5, why="≥ 1.5 times oidc-provider"),
    "oidc userinfo": Goal(limit="peer userinfo"),
    "oidc authorize": Goal(limit="peer authorize"),
    "oidc jwks": Goal(limit="peer jwks"),
    "storm": Goal(limit="introspect", share=0.5, p99_ms=25, why="≥ half of its idle rate"),
}


def medians(results: Sequence[dict[str, Any]], variant: str) -> dict[str, dict[str, Any]]:
    """By operation: the median of each number over the rounds; failures add up."""
    found: dict[str, dict[str, Any]] = {}
    mine = [result for result in results if result["variant"] in {"", variant}]
    for name in dict.fromkeys(result["operation"] for result in mine):
        rounds = [result for result in mine if result["operation"] == name]
        numbers = {key for key, value in rounds[0].items() if isinstance(value, int | float)}
        found[name] = {
            **{key: median(result[key] for result in rounds) for key in numbers},
            "failed": sum(result["failed"] + result.get("socket_errors", 0) for result in rounds),
            "why": next((result["why"] for result in rounds if result.get("why")), ""),
            "spread": [min(result["rps"] for result in rounds), max(result["rps"] for result in rounds)],
            "cpu_ms": {
                part: median(1000 * result["cpu_s"][part] / max(1, result["requests"]) for result in rounds)
                for part in rounds[0]["cpu_s"]
            },
        }
    if "bare" in found and "update" in found:
        # Both on the same cores, one after the other: what each request of both kinds could not do without.
        both = 1 / (1 / found["bare"]["rps"] + 1 / found["update"]["rps"])
        found["bare+update"] = {"rps": both}
    return found


def table(found: dict[str, dict[str, Any]]) -> str:
    head = f"{'operation':<16}{'req/s':>8}{'from':>8}{'to':>8}{'p50 ms':>8}{'p99 ms':>8}"
    head += f"  {'limit':<16}{'ratio':>6}{'goal':>6}"
    head += "".join(f"{part + ' ms':>14}" for part in _PARTS) + f"{'failed':>8}"
    return "\n".join([head, "-" * len(head), *(_line(name, row, found) for name, row in found.items())])


def _line(name: str, row: dict[str, Any], found: dict[str, dict[str, Any]]) -> str:
    goal = GOALS.get(name)
    limit = found.get(goal.limit) if goal else None
    low, high = row.get("spread", (0.0, 0.0))
    text = f"{name:<16}{row['rps']:>8.0f}{low:>8.0f}{high:>8.0f}"
    text += _number(row.get("p50_ms"), 8) + _number(row.get("p99_ms"), 8)
    ratio = row["rps"] / limit["rps"] if limit else None
    text += f"  {goal.limit if goal else '':<16}{_number(ratio, 6, 2)}{_number(goal.share if goal else None, 6, 2)}"
    text += "".join(_number(row.get("cpu_ms", {}).get(part), 14, 3) for part in _PARTS)
    text += f"{row['failed']:>8.0f}" if "failed" in row else ""
    if name == "storm":
        text += f"  with {row['storm_rps']:.0f} sign-ins/s, p99 {row['storm_p99_ms']:.0f} ms"
    return text + _verdict(goal, ratio, row) + (f"  {row['why']}" if row.get("why") else "")


def _verdict(goal: Goal | None, ratio: float | None, row: dict[str, Any]) -> str:
    """What is missed, in words; nothing when nothing is."""
    if goal is None or ratio is None:
        return ""
    missed = [goal.why] if goal.share and ratio < goal.share else []
    if goal.p99_ms and row["p99_ms"] > goal.p99_ms:
        missed.append(f"p99 ≤ {goal.p99_ms:g} ms")
    return f"  missed: {', '.join(missed)}" if missed else ""


def memory(web: Web | Server) -> str:
    found = web.memory()
    return "memory, MiB: " + ", ".join(f"{part} {m.rss:.0f} RSS, {m.pss:.0f} PSS" for part, m in found.items())


def machine() -> dict[str, Any]:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "revision": said.stdout.strip(),
        "argon2": f"{Argon2.__module__}.{Argon2.__name__}",
    }


def save(results: Sequence[dict[str, Any]], **facts: Any) -> Path:
    _RESULTS.mkdir(exist_ok=True)
    path = _RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps({**facts, "results": results}, indent=1, default=asdict))
    return path


def _number(value: float | None, width: int, digits: int = 1) -> str:
    return " " * width if value is None else f"{value:>{width}.{digits}f}"
