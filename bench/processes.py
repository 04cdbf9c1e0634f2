"""What trees of processes have cost: CPU seconds and memory, from /proc."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """A process now. ``cpu_s`` has what its ended children took, as far as it has collected them."""

    pid: int
    parent: int
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """MiB. ``rss`` counts shared pages in every process, ``pss`` shares them out: what the machine really gives."""

    rss: float
    pss: float


def tree(root: int) -> list[Process]:
    """``root`` and everything below it."""
    everything = [found for found in map(_read, _pids()) if found]
    below: dict[int, list[Process]] = {}
    for process in everything:
        below.setdefault(process.parent, []).append(process)
    found = [process for process in everything if process.pid == root]
    for process in found:  # grows while we walk it
        found.extend(below.get(process.pid, []))
    return found


def command_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return []


def is_hashing(command: list[str]) -> bool:
    return any(word.endswith("hashing.py") for word in command)


def is_not_hashing(command: list[str]) -> bool:
    return not is_hashing(command)


def is_server(command: list[str]) -> bool:
    return not is_hashing(command) and "app.cli" not in command


def cpu(roots: Iterable[int], *, only: Callable[[list[str]], bool] | None = None) -> float:
    """CPU seconds of these trees until now; with ``only``, of the processes whose command line it accepts."""
    found = (process for root in roots for process in tree(root))
    return sum(process.cpu_s for process in found if only is None or only(command_of(process.pid)))


def memory(root: int, *, only: Callable[[list[str]], bool]) -> Memory:
    """The memory of a tree, as far as ``only`` accepts its processes."""
    pages = [_pages(process.pid) for process in tree(root) if only(command_of(process.pid))]
    return Memory(rss=sum(rss for rss, _ in pages) / 1024, pss=sum(pss for _, pss in pages) / 1024)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _read(pid: int) -> Process | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # Fields 4 and 14 to 17 of proc(5): parent, then user and system time, own and of collected children.
    return Process(pid, int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)


def _pages(pid: int) -> tuple[int, int]:
    rss = pss = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                rss = int(line.split()[1])
            elif line.startswith("Pss:"):
                pss = int(line.split()[1])
    return rss, pss
