"""Generated documentation and tables are up to date."""

import subprocess
import sys

import pytest
from places import ROOT

from converters import installed
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.completion import PLACES

MADE = {
    "cli-reference": ROOT / "docs" / "cli.md",
    "man-page": ROOT / "docs" / "smsenc.1",
    "format-table": installed.TABLE,
    **{f"completion {shell}": path for shell, path in PLACES.items()},
}


@pytest.mark.parametrize("tool", MADE)
def test_what_is_made_is_up_to_date(tool):
    name, *arguments = tool.split()
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / name, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout == MADE[tool].read_text("utf-8"), f"run: tools/{tool} > {MADE[tool]}"


def test_the_page_for_man_has_every_command_and_only_ascii():
    page = MADE["man-page"].read_text("ascii")
    groups = {row.name.partition(" ")[0] for row in SUBCOMMANDS} - {"simulate"}
    names = [row.name for row in (*COMMANDS, *SUBCOMMANDS) if row.name not in groups]
    assert [name for name in names if f'.SH "SMSENC {name.upper()}"' not in page] == []
    assert not [line for line in page.splitlines() if line.startswith("'")]
