"""What the embedded servers and their supervisor share: locks, private files, and whether a process lives."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class StartError(Exception):
    """Something ``make run`` needs cannot be had. The message is one line and says what to do about it."""


def alive(pid: int) -> bool:
    """Whether ``pid`` runs. A zombie does not: in a container nobody may ever collect it."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # no /proc on this system, or it ended just now
        return not Path("/proc/self/stat").exists()
    return state not in {"Z", "X"}


def runs(pid: int, *names: str) -> bool:
    """Whether ``pid`` lives and is one of these programs: after a crash its number may belong to anybody."""
    if not alive(pid):
        return False
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in names
    except OSError:  # no /proc: believe the pid file
        return alive(pid)


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for ``condition``. False when ``seconds`` have passed without it."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock ``path``; the kernel lets go of it even when we are killed. Raises ``BlockingIOError``."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> Path:
    """``path``, absolute, made for us alone where it did not exist."""
    path = path.expanduser().resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` in one step by a file that only its owner can read."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def last_line(path: Path, *, having: str = "") -> str:
    """Quote, for a message, the last line of a log that contains ``having``."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if having in line and line.strip()), "")
