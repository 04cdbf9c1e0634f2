"""The peer: panva's oidc-provider on the same PostgreSQL, installed when it is asked for."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.provider import REDIRECT_URI, RESOURCE, App, Provider, endpoints
from bench.stack import Server, Stack, serving

_FOLDER = Path(__file__).parent / "peers" / "oidc-provider"
_PATIENCE_S = 180
CONNECTIONS = 16


@contextmanager
def running(stack: Stack, *, workers: int, people: int, algorithm: str) -> Iterator[tuple[Provider, Server] | None]:
    """It serves, with as many processes as ours; ``None`` where it cannot be had, which it says in a line."""
    if missing := _install():
        print(f"the peer is left out: {missing}", file=sys.stderr)
        yield None
        return
    web, machine = (App(client_id=name, secret=secrets.token_urlsafe(32)) for name in ("web", "machine"))
    said = {
        "DATABASE_URL": stack.peer_url,
        "WORKERS": str(workers),
        "CONNECTIONS": str(CONNECTIONS),
        "PEOPLE": str(people),
        "ALGORITHM": algorithm,
        "RESOURCE": RESOURCE,
        "REDIRECT_URI": REDIRECT_URI,
        "WEB_SECRET": web.secret,
        "MACHINE_SECRET": machine.secret,
        "NODE_ENV": "production",
    }
    with serving([shutil.which("node") or "node", "server.mjs"], said, folder=_FOLDER) as server:
        host = f"localhost:{server.port}"
        yield (
            Provider(
                port=server.port,
                host=host,
                endpoints=endpoints(server.port, host),
                web=web,
                machine=machine,
                # OpenID Connect Core, section 11: it gives no refresh token without.
                offline={"prompt": "consent"},
            ),
            server,
        )


def _install() -> str | None:
    """What is in the way, in a few words. Nothing is fetched where what the lock file names is there."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no Node here"
    lock, laid = _FOLDER / "package-lock.json", _FOLDER / "node_modules" / ".package-lock.json"
    if laid.exists() and laid.stat().st_mtime >= lock.stat().st_mtime:
        return None
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=_FOLDER,
            env={**os.environ, "npm_config_fetch_retries": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return "npm ci takes too long"
    lines = done.stderr.strip().splitlines() or [""]
    return f"npm ci failed: {lines[0][:200]}" if done.returncode else None
