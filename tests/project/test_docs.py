"""Generated documentation and tables are up to date."""

import subprocess
import sys

import pytest
from places import ROOT

from converters import listing

MADE = {"cli-reference": ROOT / "docs" / "cli.md", "format-table": listing.TABLE}


@pytest.mark.parametrize("tool", MADE)
def test_what_is_made_is_up_to_date(tool):
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / tool], capture_output=True, text=True, check=True
    )
    assert made.stdout == MADE[tool].read_text("utf-8"), f"tools/{tool} renews it"


def test_formats_are_told_without_loading_them():
    assert list(listing.formats()) == list(listing.loaded())


def test_a_format_that_is_not_in_the_table_is_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(listing, "TABLE", tmp_path / "formats.json")
    listing.TABLE.write_text("{}")
    assert {said["name"] for said in listing.formats()} >= {"text", "vcard", "midi"}
