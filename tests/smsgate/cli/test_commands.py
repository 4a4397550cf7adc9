"""The table of commands says what the commands themselves say."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from command import smsenc

from converters.loading import found
from smsgate.cli import app
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.wording import WIDTH

ROWS = {row.name: row for row in COMMANDS}
WAYS_IN = ("smsenc", "converters", "smsgate", "smsgate.cli")


@pytest.mark.parametrize("row", COMMANDS + SUBCOMMANDS, ids=lambda row: row.name)
def test_a_summary_is_the_first_line_of_the_command_s_help(row):
    assert found(row.place).__doc__.partition("\n")[0] == row.summary


def test_every_command_is_in_the_table():
    folder = Path(app.__file__).parent
    texts = {path: path.read_text("utf-8") for path in folder.rglob("*.py")}
    names = [
        name for text in texts.values() for name in re.findall(r"(?m)^@command\ndef (\w+)", text)
    ]
    assert sorted(names) == sorted(row.place.partition(":")[2] for row in COMMANDS + SUBCOMMANDS)


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


@pytest.mark.parametrize("name", [row.name for row in SUBCOMMANDS])
def test_a_command_of_several_words_is_found_and_listed(name):
    shown = smsenc(*name.split(), "--help").stdout
    assert shown.startswith(f"Usage: smsenc {name} [OPTIONS]")
    assert f"smsenc {name}" in shown.partition("Examples:")[2]
    first, _, rest = name.partition(" ")
    listed = (
        smsenc(first, "--help").stdout.partition(f"Commands of smsenc {first}:")[2].splitlines()
    )
    assert any(line.strip().startswith(f"{rest} ") for line in listed)
    assert max(map(len, listed)) <= WIDTH


GROUPS = sorted({row.name.rpartition(" ")[0] for row in SUBCOMMANDS if row.name.count(" ") > 1})


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("words", ["{} --help", "{} -h", "help {}", "{} nothing --help"])
def test_the_first_words_of_commands_have_a_help_of_their_own(group, words):
    done = smsenc(*words.format(group).split())
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == f"Usage: smsenc {group} COMMAND [OPTIONS]"
    listed = done.stdout.partition(f"Commands of smsenc {group}:\n")[2].splitlines()
    rows = [row for row in SUBCOMMANDS if row.name.startswith(f"{group} ")]
    assert [line.split(maxsplit=1) for line in listed if line] == [
        [row.name.removeprefix(f"{group} "), row.summary] for row in rows
    ]
    assert max(map(len, lines)) <= WIDTH


def test_there_are_such_groups():
    assert {"gateway account", "gateway message", "gateway user"} <= set(GROUPS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("gateway", "run, check, status"),
        ("gateway account", "account add, account list"),
        ("gateway acount add", "account add"),
    ],
)
def test_part_of_a_name_is_answered_with_the_commands(words, said):
    done = smsenc(*words.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"smsenc: expected a command: {said}")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lint", "[FILE|FOLDER|-]..."),
        ("inspect", "{WHAT}..."),
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
