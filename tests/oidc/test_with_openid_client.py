"""Client libraries that we did not write (openid-client, oauth4webapi) come to a live portal, over HTTP.

The cases are in ``node/*.mjs``: one function each, which throws when something is not as it should be. Those of a file
run in one process, so that it stays quick; what fails is named.
"""

import os

import pytest

from tests.oidc.live import a_worker, live, node_path, run, world

__all__ = ["live", "node_path", "run", "world"]

# For those who look for a fault: the cases that they want.
ONLY = os.environ.get("PORTICO_NODE_CASES", "").split()


def test_grants_and_endpoints(run):
    run("flows", *ONLY)


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_the_modules_of_the_basic_plan(run, mode):
    run("basic", *ONLY, mode=mode)


def test_the_modules_of_the_logout_plans(run):
    run("logout", *ONLY)


def test_the_modules_of_the_back_channel_plan(run, live):
    with a_worker(live):
        run("backchannel", *ONLY)


def test_modules_of_the_fapi_2_plan(run):
    run("fapi", *ONLY)


def test_devices_without_a_keyboard(run):
    run("devices", *ONLY)


def test_what_must_not_work_and_what_happens_once(run):
    run("attacks", *ONLY)
