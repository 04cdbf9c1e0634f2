"""The live portal as tests see it: where everything is, its operator's commands, and the mail that it sent."""

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from e2e.live import ROOT, environ_of

_MAIL_WITHIN = 30  # seconds


@dataclass(frozen=True)
class Portal:
    """Where everything is."""

    base: str
    acme: str
    globex: str
    port: int
    database: str
    said: Path
    demo: str

    def cli(self, *words: str, say: str = "") -> str:
        """``portico`` on this portal: what only its operator can do. What it said."""
        environ = environ_of(self.said.parent)
        command = [sys.executable, "-m", "app.cli", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environ, input=say, text=True, check=True, capture_output=True
        ).stdout

    def feed(self, path: str):
        """JSON from ``path``, asked for at 127.0.0.1: not every resolver knows *.localhost."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)


class Mailbox:
    """Reads what the console provider kept."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def all(self, to: str) -> list[dict]:
        return self._portal.feed(f"/dev/mailbox.json?to={urllib.parse.quote(to)}")

    def newest(self, to: str, *, at_least: int = 1) -> dict:
        """The newest mail to an address, once there are ``at_least`` so many."""
        deadline = time.monotonic() + _MAIL_WITHIN
        while len(mails := self.all(to)) < at_least:
            assert time.monotonic() < deadline, f"{len(mails)} mails to {to} after {_MAIL_WITHIN} s, not {at_least}"
            time.sleep(0.1)
        return mails[0]

    def about(self, to: str, subject: str, *, at_least: int = 1) -> dict:
        """The newest mail with these words in its subject, once there are ``at_least`` so many."""
        deadline = time.monotonic() + _MAIL_WITHIN
        while len(found := [mail for mail in self.all(to) if subject in mail["subject"]]) < at_least:
            said = [mail["subject"] for mail in self.all(to)]
            assert time.monotonic() < deadline, f"{len(found)} mails about {subject!r} to {to}: {said}"
            time.sleep(0.1)
        return found[0]

    def link(self, to: str, *, at_least: int = 1, house: str = "") -> str:
        """The link in the newest mail that asks to confirm an address, of the house with this name."""
        links = self.about(to, f"Confirm your email address for {house}", at_least=at_least)["links"]
        assert len(links) == 1, links
        return links[0]
