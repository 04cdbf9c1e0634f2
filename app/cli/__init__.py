"""``portico``: one line of delegation each. Every command takes ``--json`` and exits non-zero on failure."""

from app.cli import applications, installation, risk, tenants, users  # noqa: F401 - importing a module adds its commands
from app.cli._frame import main
from app.cli.processes import run_worker

__all__ = ["main", "run_worker"]
