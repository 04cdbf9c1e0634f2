"""One live portal for the whole run, browsers that are watched, and a mailbox to read."""

import json
import os
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.embedded import chromium
from e2e.applications import registered
from e2e.live import DidNotStartError, LivePortal, ending_of
from e2e.office import Office
from e2e.people import People
from e2e.portal import Mailbox, Portal
from e2e.strict import Strict
from e2e.visiting import Visits

_FACTS = "PORTICO_E2E_FACTS"

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


@pytest.fixture(scope="session")
def portal():
    facts = json.loads(os.environ[_FACTS])
    return Portal(
        base=facts["base_url"],
        port=facts["port"],
        database=facts["database_url"],
        said=Path(facts["said"]),
        demo=facts["demo_app"],
        **facts["tenants"],
    )


@pytest.fixture(scope="session")
def acme(portal):
    return portal.acme


@pytest.fixture(scope="session")
def globex(portal):
    return portal.globex


@pytest.fixture(scope="session")
def mailbox(portal):
    return Mailbox(portal)


@pytest.fixture(scope="session")
def people(portal):
    """Who a test needs and is not about."""
    found = People(portal)
    yield found
    found.close()


@pytest.fixture(scope="session")
def strict(portal, people):
    """A tenant of one's own for each process that tests: whoever changes its settings disturbs nobody else."""
    return Strict(portal, people, f"strict-{os.getpid()}").found()


_numbers = count(1)


@pytest.fixture(scope="session")
def office(portal, people):
    """An owner of acme for each process that tests."""
    return Office(portal, people, "acme", f"keeper.{os.getpid()}@e2e.example").opened()


@pytest.fixture(scope="session")
def apps(office):
    with registered(office) as found:
        yield found


@pytest.fixture(scope="session")
def known(browser, acme, people):
    """What the browser of somebody who is signed in holds: ``visit(storage_state=known)``. Nobody signs it out."""
    email = f"known.{os.getpid()}@e2e.example"
    with Visits(browser).for_a_while() as page:
        people.arrive(page, acme, email)
        return page.context.storage_state()


@pytest.fixture(scope="session")
def keeping(browser, office, people):
    """The same of acme's owner, who signs in once: nobody has more than five sessions. See ``passing.no_time``."""
    with Visits(browser).for_a_while() as page:
        people.enter(page, office.origin, office.owner)
        return page.context.storage_state()


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
