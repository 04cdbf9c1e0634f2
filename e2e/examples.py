"""The examples as tests meet them: registered at a tenant of the live portal, running, and signed in to."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from app.embedded import node
from e2e.journeys import give_password, press
from e2e.live import ROOT, free_port

EXAMPLES = ROOT / "examples"
_STARTS_WITHIN, _ENDS_WITHIN = 30, 10  # seconds
PYTHON = (sys.executable, str(EXAMPLES / "localhost.py"))


def javascript() -> tuple[str, ...]:
    """Node, which finds ``*.localhost``. Fails where `make node` has not run."""
    found = node.find(os.environ)
    assert found, "no Node: run `make node`"
    return (found.path, "--import", str(EXAMPLES / "localhost.mjs"))


@contextmanager
def running(portal, *command: str, kind: str, name: str):
    """An example, registered in acme as an application of this kind and started. Its address."""
    url = f"http://127.0.0.1:{free_port()}"
    places = ("--redirect-uri", f"{url}/callback", "--post-logout-redirect-uri", f"{url}/")
    said = portal.cli("application", "create", "--tenant", "acme", "--name", name, "--type", kind, *places, "--json")
    registered = json.loads(said)
    environ = {
        "PATH": os.environ["PATH"],
        "ISSUER": portal.acme,
        "APP_URL": url,
        "CLIENT_ID": registered["client_id"],
        "CLIENT_SECRET": registered.get("client_secret", ""),
    }
    process = subprocess.Popen([*command], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL)
    try:
        await_listener(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(_ENDS_WITHIN)


def await_listener(url: str, process: subprocess.Popen | None = None) -> None:
    """Until somebody answers there."""
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        assert process is None or process.poll() is None, f"it ended with {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing listens at {url}")


def go_to_portal(page: Page, url: str, acme: str) -> None:
    """From the application's first page to the portal's."""
    page.goto(url)
    page.locator("#sign-in").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(acme)}/login"))


def give_address(page: Page, email: str) -> None:
    page.get_by_label("Email address").fill(email)
    press(page, page.get_by_role("button", name="Continue"))


def sign_in_from(page: Page, url: str, acme: str, email: str) -> None:
    """All the way to the question whether the application may."""
    go_to_portal(page, url, acme)
    give_address(page, email)
    give_password(page)
    expect(page.locator("#allow")).to_be_visible()


def cell(page: Page, table: str, name: str) -> str:
    """What a table of claims says."""
    return (
        page.locator(f"#{table} tr", has=page.get_by_role("rowheader", name=name, exact=True))
        .locator("td")
        .inner_text()
    )
