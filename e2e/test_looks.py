"""Every page, in light and dark, in both directions of writing, on a phone and on a desk."""

import os
from itertools import product
from pathlib import Path

import pytest

from e2e import (
    states_of_account,
    states_of_admin,
    states_of_applications,
    states_of_care,
    states_of_entry,
    states_of_factors,
    states_of_own_factors,
    states_of_return,
)
from e2e.stage import STATES, Stage
from e2e.visiting import shoot

# Imported for the states that they name.
assert all((states_of_account, states_of_care, states_of_entry, states_of_return))
assert all((states_of_factors, states_of_own_factors, states_of_applications, states_of_admin))
AUDIT = (Path(__file__).parent / "audit.js").read_text()
EVERY_LOOK = list(product(("light", "dark"), ("ltr", "rtl"), (320, 1280)))
# Every two of them together: what goes wrong, goes wrong with one or two. With pictures (PORTICO_SCREENS), all of them.
EVERY_PAIR = [("light", "ltr", 320), ("light", "rtl", 1280), ("dark", "ltr", 1280), ("dark", "rtl", 320)]
LOOKS = EVERY_LOOK if os.environ.get("PORTICO_SCREENS") else EVERY_PAIR


@pytest.fixture
def stage(visit, portal, fresh, mailbox, people, request):
    return Stage(
        visit=visit,
        origin=portal.acme,
        fresh=fresh,
        mailbox=mailbox,
        people=people,
        portal=portal,
        strict=lambda: request.getfixturevalue("strict"),
        of_process=request.getfixturevalue,
    )


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_in_order_in_every_look(stage, name):
    page = STATES[name](stage)
    found = []
    for scheme, direction, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 800 if width > 320 else 640})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        found += [f"{scheme}, {direction}, {width}: {wrong}" for wrong in page.evaluate(AUDIT)]
        shoot(page, f"{name} {scheme} {direction} {width}")

    assert not found, "\n".join(found)


def test_at_twice_the_text_size_nothing_is_lost(stage):
    page = STATES["registration page with a weak password"](stage)
    page.set_viewport_size({"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    shoot(page, "registration at 200 percent")

    assert page.evaluate(AUDIT) == []


def test_in_forced_colours_every_edge_is_still_drawn(visit, acme):
    page = visit(forced_colors="active")
    page.goto(f"{acme}/register")
    shoot(page, "registration in forced colours")

    for selector in ("#submit", "#email"):
        assert page.locator(selector).evaluate("element => getComputedStyle(element).borderStyle") == "solid"
