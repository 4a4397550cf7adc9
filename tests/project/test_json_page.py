"""The pages about output and JSON: their commands run in one folder and print what is shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from command import environment
from places import ROOT

from smsgate.cli import schemafiles
from smsgate.cli.codes import ErrorKind
from smsgate.cli.faults import RULES

FOLDER = ROOT / "docs" / "reference"
PAGE = (FOLDER / "json.md").read_text("utf-8")


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq (apt install jq)")
@pytest.mark.parametrize("name", ["json.md", "output.md"])
def test_the_commands_print_what_is_shown(name, tmp_path):
    page = (FOLDER / name).read_text("utf-8")
    commands = re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ |```).*\n)*)", page)
    assert commands
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    variables = environment(HOME=str(tmp_path))
    found = []
    for command, _ in commands:
        defined = f'smsenc() {{ "{sys.executable}" -P -m smsenc "$@"; }}; {command}'
        done = subprocess.run(
            ["bash", "-c", defined],
            cwd=tmp_path,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        found.append((command, done.stdout))
    assert found == commands


def test_there_are_eight_recipes():
    assert PAGE.partition("## Recipes")[2].count("| jq ") >= 8


def test_each_kind_of_error_is_explained_with_its_exit_codes():
    rows = dict(re.findall(r"(?m)^\| `([a-z]+)` \| .* \| ([0-9or ]+) \|$", PAGE))
    assert list(rows) == [kind.value for kind in ErrorKind]
    for rule in RULES:
        assert str(rule.code.value) in rows[rule.kind].split(" or "), rule


def test_each_property_of_an_error_is_explained():
    schema = schemafiles.load("error")["properties"]["error"]
    table = PAGE.partition("| property | meaning |")[2].partition("| kind |")[0]
    names = re.findall(r"(?m)^\| (`.*?) \|", table)
    assert re.findall(r"`([a-z]+)`", " ".join(names)) == list(schema["properties"])


def test_each_command_with_a_schema_is_in_the_table():
    table = PAGE.partition("| command | one object for |")[2].partition("## Schemas")[0]
    named = {name.replace(" ", "-") for name in re.findall("`([a-z ]+)`", table)}
    lists = {name for name in schemafiles.names() if name.endswith("-list")}
    assert set(schemafiles.names()) - set(schemafiles.SHARED) - lists <= named
    assert "`gateway … list`" in table
