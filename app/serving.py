"""``portico web``: hashing processes, the web server and metrics, as children of one parent."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from app import hashing
from app.settings import Settings

HASH_SOCKET = "hash.sock"
_GRACE_S = 20
_log = structlog.get_logger()


def serve(settings: Settings, environ: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT. Returns the web server's exit code; 0 after a clean end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="portico-metrics-") as metrics_dir:
        children_environ = {**environ, "PROMETHEUS_MULTIPROC_DIR": metrics_dir}
        line = hashing.listen(settings.data_dir / HASH_SOCKET)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        hashers = [_hasher(settings, line) for _ in range(settings.hash_processes)]
        server = subprocess.Popen(_server_command(settings), env=children_environ, process_group=0)  # noqa: S603 - ours
        exporter = _exporter(settings, children_environ)
        try:
            return _watch(settings, server=server, hashers=hashers, line=line, stop=stop, metrics_dir=Path(metrics_dir))
        finally:
            for child in (*hashers, *([exporter] if exporter else [])):
                child.kill()
                child.wait()
            line.close()


def _watch(
    settings: Settings,
    *,
    server: "subprocess.Popen[bytes]",
    hashers: "list[subprocess.Popen[bytes]]",
    line: socket.socket,
    stop: threading.Event,
    metrics_dir: Path,
) -> int:
    """Until told to stop, or the server ends. A hashing process that dies is replaced."""
    while not stop.wait(0.5):
        _forget_gauges_of_the_dead(metrics_dir)
        if (code := server.poll()) is not None:
            _log.error("web server ended", code=code)
            return code or 1
        for place, child in enumerate(hashers):
            if child.poll() is not None:
                _log.warning("hashing process ended", code=child.returncode)
                hashers[place] = _hasher(settings, line)
    server.terminate()
    deadline = time.monotonic() + _GRACE_S
    try:
        server.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    return 0


def _forget_gauges_of_the_dead(metrics_dir: Path) -> None:
    """A web process that died in the middle of something must not be counted as doing it for ever."""
    for gauge in metrics_dir.glob("gauge_live*_*.db"):
        if not Path("/proc", gauge.stem.rpartition("_")[2]).exists():
            gauge.unlink(missing_ok=True)


def _hasher(settings: Settings, line: socket.socket) -> "subprocess.Popen[bytes]":
    parameters = (settings.argon2_memory_kib, settings.argon2_time, settings.argon2_parallelism)
    # By its path and alone: the package around it would cost each of them 60 MB.
    command = [sys.executable, "-P", hashing.__file__, str(line.fileno()), *map(str, parameters)]
    # It needs nothing of the environment, so it gets none of its secrets. It ignores Ctrl-C: its parent ends it.
    return subprocess.Popen(command, env={}, pass_fds=[line.fileno()], process_group=0)  # noqa: S603 - ours


def _server_command(settings: Settings) -> list[str]:
    workers, threads, address = str(settings.web_workers), str(settings.web_threads), f"{settings.host}:{settings.port}"
    if settings.web_server == "gunicorn":
        return [
            *(sys.executable, "-m", "gunicorn", "wsgi:app", "--chdir", _root(), "--bind", address),
            *("--workers", workers, "--threads", threads, "--worker-class", "gthread", "--keep-alive", "30"),
            *("--graceful-timeout", "15", "--log-level", "warning", "--no-control-socket"),
        ]
    return [
        *(sys.executable, "-m", "granian", "wsgi:app", "--interface", "wsgi", "--working-dir", _root()),
        *("--host", settings.host, "--port", str(settings.port), "--workers", workers),
        # "error": at "warning" it only says that there are more threads than cores, which is meant (see WEB_THREADS).
        *("--blocking-threads", threads, "--backlog", "1024", "--http", "1", "--no-ws", "--log-level", "error"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "15"),
    ]


def _exporter(settings: Settings, environ: Mapping[str, str]) -> "subprocess.Popen[bytes] | None":
    if not settings.metrics_port:
        return None
    return subprocess.Popen([sys.executable, "-m", "app.cli", "metrics"], env=dict(environ), process_group=0)


def _root() -> str:
    return str(Path(__file__).parents[1])
