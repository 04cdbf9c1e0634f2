"""docs/conformance.md: every test that it names exists, and the plans are there whole."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "docs" / "conformance.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/.]+)::(\w+)`", TEXT)))
PLANS = {
    "oidcc-basic-certification-test-plan": 38,
    "oidcc-config-certification-test-plan": 1,
    "oidcc-rp-initiated-logout-certification-test-plan": 11,
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": 2,
}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_what_is_named_exists(file, name):
    assert re.search(rf"^(export async function|def) {name}\(", (TESTS / file).read_text(), re.MULTILINE)


@pytest.mark.parametrize(("plan", "modules"), PLANS.items())
def test_a_plan_has_a_row_for_each_module_and_a_test_in_each_row(plan, modules):
    (section,) = (part for part in TEXT.split("\n## ") if part.startswith(f"`{plan}`\n"))
    rows = [line for line in section.splitlines() if line.startswith("| oidcc-")]
    assert len({line.split("|")[1] for line in rows}) == len(rows) == modules
    assert all("::" in line for line in rows)
