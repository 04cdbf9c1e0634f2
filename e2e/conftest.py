"""One live portal for the whole run, browsers that are watched, and a mailbox to read."""

import json
import os
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.embedded import chromium
from e2e.live import DidNotStartError, LivePortal, ending_of
from e2e.visiting import Visits

_FACTS = "PORTICO_E2E_FACTS"
_MAIL_WITHIN = 30  # seconds

expect.set_options(timeout=15_000)


def pytest_configure(config):
    """The first process starts the portal; xdist's workers find it by the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    portal = LivePortal()
    try:
        os.environ[_FACTS] = json.dumps(portal.start())
    except DidNotStartError as error:
        pytest.exit(str(error), returncode=3)
    config.portico_live = portal


def pytest_unconfigure(config):
    if portal := getattr(config, "portico_live", None):
        os.environ.pop(_FACTS, None)
        words, code = portal.words(), portal.stop()
        if code != 0:
            raise pytest.UsageError(f"`portico dev` ended with {code}. It said:\n\n{words}")


@dataclass(frozen=True)
class Portal:
    """Where everything is."""

    base: str
    acme: str
    globex: str
    port: int
    said: Path

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


@pytest.fixture(scope="session")
def portal():
    facts = json.loads(os.environ[_FACTS])
    return Portal(base=facts["base_url"], port=facts["port"], said=Path(facts["said"]), **facts["tenants"])


@pytest.fixture(scope="session")
def acme(portal):
    return portal.acme


@pytest.fixture(scope="session")
def globex(portal):
    return portal.globex


@pytest.fixture(scope="session")
def mailbox(portal):
    return Mailbox(portal)


_numbers = count(1)


@pytest.fixture
def fresh():
    """An address that nobody has used."""
    return lambda who="eve": f"{who}.{os.getpid()}.{next(_numbers)}@e2e.example"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    alone = ["--no-first-run", "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server"]
    return {**browser_type_launch_args, "executable_path": chromium.find(os.environ), "args": [*quiet, *alone]}


@pytest.fixture
def visit(browser, portal):
    """Opens browsers: ``visit(javascript=False)``. What the console complains of fails the test."""
    visits = Visits(browser)
    yield visits
    visits.close()
    if visits.complaints:
        said = f"\n\nThe portal said:\n\n{ending_of(portal.said, last=50)}" if visits.saw_us_fail else ""
        pytest.fail("\n".join(visits.complaints) + said, pytrace=False)


@pytest.fixture
def page(visit):
    return visit()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page_either_way(visit, request):
    """For journeys that must work with both."""
    return visit(javascript=request.param)
