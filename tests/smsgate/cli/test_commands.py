"""The table of commands says what the commands themselves say."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from command import smsenc

from smsgate.cli import app
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.wording import WIDTH

ROWS = {row.name: row for row in COMMANDS}
WAYS_IN = ("smsenc", "converters", "smsgate", "smsgate.cli")


@pytest.mark.parametrize("row", COMMANDS + SUBCOMMANDS, ids=lambda row: row.name)
def test_a_summary_is_the_first_line_of_the_command_s_help(row):
    module = row.name.replace(" ", "_")
    function = getattr(import_module(f"smsgate.cli.{module}"), module)
    assert function.__doc__.partition("\n")[0] == row.summary


def test_every_command_module_is_in_the_table():
    folder = Path(app.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "\n@command\n" in path.read_text("utf-8")}
    assert found == set(ROWS) | {row.name.replace(" ", "_") for row in SUBCOMMANDS}


def test_summaries_fit_a_line_of_the_command_list():
    indent = 2 + max(map(len, ROWS)) + 2
    assert max(len(row.summary) for row in COMMANDS) + indent <= WIDTH


def test_the_help_lists_every_command_uncut():
    shown = smsenc("--help").stdout.splitlines()
    for row in COMMANDS:
        (line,) = [line for line in shown if line.startswith(f"  {row.name} ")]
        assert line.split(maxsplit=1) == [row.name, row.summary]
        assert f"{row.heading}:" in shown
    assert max(map(len, shown)) <= WIDTH


@pytest.mark.parametrize("name", ROWS)
def test_the_help_of_a_command_starts_with_summary_and_examples(name):
    shown = smsenc(name, "--help").stdout
    assert shown.index(ROWS[name].summary) < shown.index("Examples:") < shown.index("Options:")
    assert f"smsenc {name}" in shown.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lint", "{FILE|FOLDER|-}..."),
        ("decode", "{PARTS}... {OUT}"),
        ("profiles", "[NAME|FILE]..."),
    ],
)
def test_usage_shows_which_arguments_may_be_repeated(name, arguments):
    first = smsenc(name, "--help").stdout.partition("\n")[0]
    assert first == f"Usage: smsenc {name} [OPTIONS] {arguments}"


def test_an_unknown_command_is_refused_with_a_suggestion():
    done = smsenc("convrt")
    assert done.returncode == 2
    assert "No such command 'convrt'. Did you mean 'convert', 'count'?" in done.stderr


@pytest.mark.parametrize("package", WAYS_IN)
def test_every_package_can_be_run_as_the_command(package):
    done = subprocess.run(
        [sys.executable, "-m", package, "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"smsenc {version('smsenc')}\n"


def test_the_script_runs_the_command():
    script = Path(sys.executable).with_name("smsenc")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"smsenc {version('smsenc')}\n"
