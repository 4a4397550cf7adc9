"""Generated documentation and tables are up to date."""

import subprocess
import sys

import pytest
from places import ROOT

from converters import registry
from smsgate.cli.commands import COMMANDS

MADE = {
    "cli-reference": ROOT / "docs" / "cli.md",
    "man-page": ROOT / "docs" / "smsenc.1",
    "format-table": registry.TABLE,
}


@pytest.mark.parametrize("tool", MADE)
def test_what_is_made_is_up_to_date(tool):
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / tool], capture_output=True, text=True, check=True
    )
    assert made.stdout == MADE[tool].read_text("utf-8"), f"run: tools/{tool} > {MADE[tool]}"


def test_the_page_for_man_has_every_command_and_only_ascii():
    page = MADE["man-page"].read_text("ascii")
    assert [row.name for row in COMMANDS if f'.SH "SMSENC {row.name.upper()}"' not in page] == []
    assert not [line for line in page.splitlines() if line.startswith("'")]
