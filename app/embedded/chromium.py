"""``python -m app.embedded.chromium``: print the path of a Chromium that works, installing one where there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.embedded._process import StartError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ANSWERS_WITHIN = 30  # seconds


def find(environ: Mapping[str, str]) -> str | None:
    """Find a Chromium that runs, or None. Raises ``StartError`` when ``PORTICO_CHROMIUM`` names one that does not."""
    if chosen := environ.get("PORTICO_CHROMIUM"):
        if _works(chosen):
            return chosen
        raise StartError(f"PORTICO_CHROMIUM: {chosen} does not run")
    return next((path for path in _candidates(environ) if _works(path)), None)


def install(environ: Mapping[str, str]) -> str:
    """Install a Chromium: Debian's as root, else Playwright's. Its path. Raises ``StartError``."""
    env = {**environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = shutil.which("apt-get") if os.geteuid() == 0 else None
    ways = [
        *([[[apt, "update", "-qq"], [apt, "install", "-y", "-qq", "chromium"]]] if apt else []),
        [[sys.executable, "-m", "playwright", "install", "chromium"]],
    ]
    for way in ways:
        if all(_succeeds(command, env=env) for command in way) and (path := find(environ)):
            return path
    raise StartError("no Chromium: install the package chromium, or set PORTICO_CHROMIUM to one that runs")


def _candidates(environ: Mapping[str, str]) -> Iterator[str]:
    yield "/usr/bin/chromium"
    for name in _NAMES:
        if found := shutil.which(name, path=environ.get("PATH")):
            yield found
    with suppress(ImportError):
        # Only the tests' environment has it.
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        with sync_playwright() as playwright:
            yield playwright.chromium.executable_path


def _succeeds(command: Sequence[str], *, env: Mapping[str, str]) -> bool:
    # What it says goes to stderr: stdout is for the path.
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)  # noqa: S603 - ours
    return done.returncode == 0


def _works(path: str) -> bool:
    """Whether it runs at all: Playwright's may lack its libraries, and Ubuntu's package is only a pointer."""
    if not Path(path).is_file():
        return False
    try:
        command = [path, "--version"]
        asked = subprocess.run(command, capture_output=True, timeout=_ANSWERS_WITHIN, check=False)  # noqa: S603 - found
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def main(environ: Mapping[str, str]) -> int:
    try:
        sys.stdout.write(f"{find(environ) or install(environ)}\n")
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
