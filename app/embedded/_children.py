"""The portal's processes as children: started, watched, mended, stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from app.embedded._process import StartError

_GRACE = 10  # seconds between SIGTERM and SIGKILL
_PAUSE = 1.0  # seconds before a child that died is started again
_PR_SET_PDEATHSIG = 1


class ToldToStopError(Exception):
    """Somebody asked us to stop while we were waiting for something."""


@dataclass(kw_only=True)
class Children:
    """Children by role. ``command`` and the role make their command line, ``stopping`` says that we should end."""

    command: Sequence[str]
    environ: Mapping[str, str]
    say: Callable[[str], None]
    stopping: Callable[[], bool]
    # Roles that are programs of their own: their command lines, and their environments.
    programs: dict[str, tuple[Sequence[str], Mapping[str, str]]] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def complete(self, role: str) -> None:
        """Run ``role`` to its end. Raises ``StartError`` when it fails, ``ToldToStopError`` when we should end."""
        self.start(role)
        while (code := self._running[role].poll()) is None:
            self.pause()
        del self._running[role]
        if code:
            raise StartError(f"`portico {role}` failed ({_ending(code)}): see above")

    def start(self, role: str) -> None:
        command, environ = self.programs.get(role, ([*self.command, role], self.environ))
        # A group of its own, so that Ctrl-C reaches the supervisor alone and the order of ending is ours.
        self._running[role] = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - we have one thread
        )

    def pause(self, seconds: float = 0.1) -> None:
        """Wait a moment. Raises ``ToldToStopError`` when we should end."""
        if self.stopping():
            raise ToldToStopError
        time.sleep(seconds)

    def dead(self) -> dict[str, str]:
        """Those that ended, and how."""
        ended = {role: process.poll() for role, process in self._running.items()}
        return {role: _ending(code) for role, code in ended.items() if code is not None}

    def mend(self) -> None:
        """Start again, after a second, what ended."""
        for role, how in self.dead().items():
            self.say(f"{role} ended unexpectedly ({how}); starting it again in {_PAUSE:g} s")
            # What it has left behind would hold its port.
            _kill_group(self._running.pop(role))
            self._due[role] = time.monotonic() + _PAUSE
        for role in [role for role, due in self._due.items() if due <= time.monotonic()]:
            del self._due[role]
            self.start(role)

    def stop(self) -> None:
        """End all: SIGTERM, ten seconds, then SIGKILL to whatever is left of them."""
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + _GRACE
        for role, process in self._running.items():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{role} did not end within {_GRACE} s; killed")
            _kill_group(process)
        self._running.clear()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS answers so for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _end_with_parent() -> Callable[[], None] | None:
    """Make what a child does before it becomes itself: ask the kernel for SIGTERM when we die. None but on Linux."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec there should be no more than the call
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we died before it asked
            os._exit(1)

    return ask
