"""The demo's relying application: ``examples/relying-app``, as a child of ``make run`` with an address of its own.

The seed registers it in acme and keeps here what it signs in with; the supervisor starts it with that, and with
nothing else of what the portal knows.
"""

import json
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from app.embedded._process import StartError, make_directory, write_private

NAME = "Acme Notes"
TENANT = "acme"
ROLE = "demo-app"
_FILE = "demo-app.json"
_EXAMPLES = Path(__file__).parents[2] / "examples"
_PROGRAM = _EXAMPLES / "relying-app" / "app.py"
_DEFAULT_PORT = 8080
_HIGHEST_PORT = 65535
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "VIRTUAL_ENV")


def url_of(environ: Mapping[str, str]) -> str | None:
    """Where it is to be; None where ``DEMO_APP_PORT`` is 0 or its program is not here. Raises ``StartError``."""
    said = environ.get("DEMO_APP_PORT") or str(_DEFAULT_PORT)
    if not said.isdecimal() or int(said) > _HIGHEST_PORT:
        raise StartError(f"DEMO_APP_PORT must be a number from 1 to {_HIGHEST_PORT}, or 0 for no demo application")
    return f"http://127.0.0.1:{int(said)}" if int(said) and _PROGRAM.exists() else None


def kept(data_dir: Path) -> dict[str, str] | None:
    """What it signs in with: ``client_id`` and ``client_secret``."""
    try:
        found = json.loads((data_dir / _FILE).read_text())
        return {name: str(found[name]) for name in ("client_id", "client_secret")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(data_dir: Path, *, client_id: str, client_secret: str) -> None:
    """Where only we can read it."""
    said = {"client_id": client_id, "client_secret": client_secret}
    write_private(make_directory(data_dir) / _FILE, json.dumps(said, indent=2) + "\n")


def program() -> tuple[str, ...]:
    """It runs as it would anywhere, only that ``*.localhost`` leads to this machine: not every resolver knows."""
    return (sys.executable, str(_EXAMPLES / "localhost.py"), str(_PROGRAM))


def environment(environ: Mapping[str, str], *, issuer: str, url: str, data_dir: Path) -> dict[str, str] | None:
    """Make its environment; None where nothing is registered. The portal's secrets are not in it."""
    if (credentials := kept(data_dir)) is None:
        return None
    return {
        **{name: environ[name] for name in _PASSED_ON if name in environ},
        "ISSUER": issuer,
        "APP_URL": url,
        "CLIENT_ID": credentials["client_id"],
        "CLIENT_SECRET": credentials["client_secret"],
        "PYTHONUNBUFFERED": "1",
    }


def is_free(url: str) -> bool:
    """Whether nothing listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(url.rpartition(":")[2])))
        except OSError:
            return False
        return True
