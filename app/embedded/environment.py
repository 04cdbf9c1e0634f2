"""What ``make run`` keeps between its runs, and how every other command finds what it started."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.embedded._process import StartError, alive, locked, make_directory, write_private

LOGIN_PASSWORD = "login_role_password"  # noqa: S105 - its name among the kept secrets


def data_dir_of(environ: Mapping[str, str]) -> Path:
    """Where the embedded servers live."""
    return Path(environ.get("PORTICO_DATA_DIR") or "var")


def given(environ: Mapping[str, str], name: str) -> str | None:
    """Look up a variable, or read the file that ``NAME_FILE`` names. Raises ``StartError`` where it cannot."""
    if value := environ.get(name):
        return value
    if not (file := environ.get(f"{name}_FILE")):
        return None
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise StartError(f"{name}_FILE: {error.strerror}") from None


def secrets_for(data_dir: Path) -> dict[str, str]:
    """Return this installation's secrets by variable, and ``LOGIN_PASSWORD``: made once, kept where only we can read.

    Raises ``StartError`` when the file is damaged: new keys would not open what the old ones have closed.
    """
    data_dir = make_directory(data_dir)
    path = data_dir / "secrets.json"
    with locked(data_dir / "secrets.lock"):
        kept = _read(path) if path.exists() else {}
        if kept is None:
            raise StartError(f"{path} is damaged: restore it, or remove {data_dir} to start afresh")
        every = {name: kept.get(name) or make() for name, make in _MAKERS.items()}
        if every != kept:
            write_private(path, json.dumps(every, indent=2) + "\n")
    return every


def secret_variables(environ: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Return the kept secrets for those variables that ``environ`` does not give, by value or by file."""
    kept = secrets_for(data_dir)
    return {name: kept[name] for name in kept if name != LOGIN_PASSWORD and not _names(environ, name)}


def complete(environ: Mapping[str, str]) -> dict[str, str]:
    """Add to ``environ`` what it lacks to reach the servers that ``make run`` keeps running.

    Unchanged where a database is given, where the environment is not development (a production process without its
    database refuses to start; it must not find a developer's), or where nothing runs.
    """
    unchanged = dict(environ)
    if _names(environ, "DATABASE_URL") or environ.get("PORTICO_ENV", "development") != "development":
        return unchanged
    data_dir = data_dir_of(environ)
    running = _read(data_dir / "run.json") if (data_dir / "secrets.json").exists() else None
    if running is None or not alive(int(running.get("pid", 0))):
        return unchanged
    port = urlsplit(running["base_url"]).port
    found = {
        "PORTICO_ENV": "development",
        "PORTICO_BASE_URL": running["base_url"],
        "DATABASE_URL": running["database_url"],
        "DATABASE_MIGRATION_URL": running["database_migration_url"],
        "REDIS_URL": running["redis_url"],
        "PORT": str(running.get("port") or port or 80),
    }
    missing = {name: value for name, value in found.items() if not _names(environ, name)}
    return {**unchanged, **missing, **secret_variables(environ, data_dir)}


def _names(environ: Mapping[str, str], name: str) -> bool:
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "PORTICO_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "PORTICO_ENCRYPTION_KEYS": _encryption_key,
    "METRICS_TOKEN": lambda: secrets.token_urlsafe(32),
    LOGIN_PASSWORD: lambda: secrets.token_urlsafe(32),
}
