"""A live portal: ``portico dev`` as a process of its own, on data of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
_STARTS_WITHIN, _STOPS_WITHIN = 120, 60  # seconds
# What a developer has set for another portal is not for this one.
_OURS = ("DATABASE", "REDIS", "PORTICO", "EMAIL", "SMTP", "ARGON2", "METRICS", "WEB_", "HOST", "PORT", "DEMO")


class DidNotStartError(Exception):
    """The portal ended, or was not ready in time. The message ends with what it said."""


class LivePortal:
    """Starts, says where it is, stops."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pe2e-"))
        self._folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        self._said = self._folder / "said"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, object]:
        """Start it; return what run.json says. Raises ``DidNotStartError``."""
        environ = {**environ_of(self._folder), "PORT": str(free_port()), "DEMO_APP_PORT": str(free_port())}
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "dev"],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                process_group=0,
            )
        run_file, deadline = self._folder / "var" / "run.json", time.monotonic() + _STARTS_WITHIN
        while not run_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                words = self.words()
                self.stop()
                raise DidNotStartError(f"`portico dev` did not start. It said:\n\n{words}")
            time.sleep(0.1)
        facts: dict[str, object] = json.loads(run_file.read_text())
        return {**facts, "said": str(self._said)}

    def words(self, *, last: int = 60) -> str:
        """The end of what it has said."""
        return ending_of(self._said, last=last)

    def stop(self) -> int:
        """Stop it as Ctrl-C does. Its exit code; 0 after a clean end."""
        assert self._process
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            code = self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        return code


def environ_of(folder: Path) -> dict[str, str]:
    """The environment for ``portico`` on the data in ``folder``."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**environ, "PORTICO_DATA_DIR": str(folder / "var")}


def ending_of(file: Path, *, last: int) -> str:
    """The last lines of a file."""
    return "\n".join(file.read_text(errors="replace").splitlines()[-last:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
