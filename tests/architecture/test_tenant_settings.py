"""What tenants may set is written down: every setting, with its default and the weights of risk."""

import json
import re
from pathlib import Path

import app
from app.tenancy import RiskWeights, TenantSettings

PAGE = (Path(app.__file__).parents[1] / "docs" / "tenant-settings.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", PAGE, re.MULTILINE)


def test_every_setting_has_a_row_with_its_default():
    defaults = TenantSettings().model_dump(mode="json") | RiskWeights().model_dump()
    assert {name for name, _ in ROWS} == set(defaults)
    for name, written in ROWS:
        if name != "risk_weights":
            assert json.loads(written.strip("`")) == defaults[name], name
