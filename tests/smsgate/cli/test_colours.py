"""Colours are printed on a terminal alone, unless NO_COLOR or FORCE_COLOR says otherwise."""

from __future__ import annotations

import io
import os
import pty
import subprocess
from contextlib import suppress

import pytest
from command import COMMAND, NUMBER, environment, smsenc

from smsgate.cli import colours
from smsgate.cli.colours import Colour, highlighted, painted

RED, YELLOW, END = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("variables", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm"}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "0"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_who_decides(variables, terminal, expected):
    stream = Terminal() if terminal else io.StringIO()
    assert colours.wanted(stream, variables) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Hello!", "Hello!"),
        ("      ! '€' is lost", f"      {YELLOW}!{END} '€' is lost"),
        ("! text: substituted", f"{YELLOW}!{END} text: substituted"),
        ("!x", "!x"),
        ("a.txt:3:1: D6 error: no", f"a.txt:3:1: D6 {RED}error{END}: no"),
        ("a: b.txt: R202 warning: no", f"a: b.txt: R202 {YELLOW}warning{END}: no"),
        ("an error: no", "an error: no"),
    ],
)
def test_what_needs_attention_is_coloured(line, expected):
    assert highlighted(line) == expected


FORCED = {"FORCE_COLOR": "1"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.txt").write_text("Hello [€]")
    (tmp_path / "bad.txt").write_text("api_id:1\nuser:u\npassword:p\nto:x\ntext:Hello\n")
    return tmp_path


COMMANDS = (
    ("convert", "a.txt", "none.txt", "--to", NUMBER, "--dry-run"),
    ("lint", "bad.txt"),
    ("convert", "a.txt", "--to", "1"),
    ("convert", "a.txt", "none.txt", "--to", NUMBER, "--dry-run", "--json"),
    ("inspect", "a.txt"),
    ("count", "Hello €"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_colours_change_nothing_else(folder, words):
    plain, coloured = smsenc(*words, cwd=folder), smsenc(*words, cwd=folder, env=FORCED)
    assert "\x1b" not in plain.stdout + plain.stderr
    for code in (RED, YELLOW, END):
        coloured.stdout = coloured.stdout.replace(code, "")
        coloured.stderr = coloured.stderr.replace(code, "")
    assert (coloured.stdout, coloured.stderr) == (plain.stdout, plain.stderr)


def test_losses_errors_and_findings_have_colours(folder):
    done = smsenc(*COMMANDS[0], cwd=folder, env=FORCED)
    assert f"      {YELLOW}!{END} " in done.stdout
    assert painted("none.txt: no such file", Colour.ERROR) in done.stderr.splitlines()
    done = smsenc(*COMMANDS[1], cwd=folder, env=FORCED)
    assert f" {RED}error{END}: " in done.stdout
    done = smsenc(*COMMANDS[2], cwd=folder, env=FORCED)
    assert done.stderr.startswith(f"{RED}smsenc: --to: ")


def test_json_has_none(folder):
    done = smsenc(*COMMANDS[3], cwd=folder, env=FORCED)
    assert "\x1b" not in done.stdout
    assert not [line for line in done.stderr.splitlines() if "{" in line and "\x1b" in line]


def read(terminal):
    """All that a program prints on a terminal until it ends."""
    found = b""
    with suppress(OSError), open(terminal, "rb", buffering=0) as file:  # EIO is its end
        while octets := file.read(1000):
            found += octets
    return found.decode()


@pytest.mark.parametrize(
    ("variables", "coloured"), [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_has_colours(folder, variables, coloured):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "inspect", "none.txt"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(**variables),
    ) as process:
        os.close(theirs)
        shown = read(ours)
        process.wait(60)
    assert shown == f"{RED if coloured else ''}none.txt: no such file{END if coloured else ''}\r\n"
