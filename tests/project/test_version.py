"""The version is in one place, and everything else says the same."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from command import smsenc
from places import ROOT

import converters
import smsenc as core
import smsgate

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_what_is_installed_says_it():
    assert metadata.version("smsenc") == VERSION, "install it again: make test"
    assert smsenc("--version").stdout == f"smsenc {VERSION}\n"


def test_the_page_for_man_says_it():
    head = (ROOT / "docs" / "smsenc.1").read_text("ascii").partition("\n")[0]
    assert head == f'.TH SMSENC 1 "" "smsenc {VERSION}" "User commands"'


def test_the_changelog_begins_with_it():
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert re.fullmatch(rf"{re.escape(VERSION)} \((unreleased|\d{{4}}-\d\d-\d\d)\)", headings[0])


@pytest.mark.parametrize("package", [core, converters, smsgate])
def test_no_source_has_it(package):
    for path in Path(package.__file__).parent.rglob("*.py"):
        assert f'"{VERSION}"' not in path.read_text("utf-8"), path


def test_a_version_has_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
