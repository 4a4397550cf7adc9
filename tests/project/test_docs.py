"""Generated documentation and tables are up to date."""

import subprocess
import sys

import pytest
from places import ROOT

from converters import registry

MADE = {"cli-reference": ROOT / "docs" / "cli.md", "format-table": registry.TABLE}


@pytest.mark.parametrize("tool", MADE)
def test_what_is_made_is_up_to_date(tool):
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / tool], capture_output=True, text=True, check=True
    )
    assert made.stdout == MADE[tool].read_text("utf-8"), f"run: tools/{tool} > {MADE[tool]}"
