"""Exit codes are part of the contract with scripts."""

from __future__ import annotations

import errno
import os

import pytest
from command import smsenc

from converters.errors import GuardError, SourceError
from smsenc import OptionError
from smsgate.cli import exits
from smsgate.cli.exits import Exit
from smsgate.cli.faults import rule_of
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError, OutboxError


def test_the_codes_are_those_that_scripts_know():
    assert {one.name: one.value for one in Exit} == {
        "OK": 0,
        "BUG": 1,
        "USAGE": 2,
        "ALL_REJECTED": 3,
        "SOME_REJECTED": 4,
        "UNKNOWN": 5,
        "UNFINISHED": 6,
        "REFUSED": 7,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


def test_the_help_explains_every_code():
    for one in Exit:
        assert f" {one.value} " in exits.EXPLAINED.replace("\n", " ")


@pytest.mark.parametrize(
    ("done", "rejected", "guarded", "code"),
    [
        (0, 0, 0, Exit.OK),
        (3, 0, 0, Exit.OK),
        (3, 1, 0, Exit.SOME_REJECTED),
        (0, 1, 0, Exit.ALL_REJECTED),
        (0, 2, 2, Exit.REFUSED),
        (3, 2, 2, Exit.REFUSED),
        (3, 2, 1, Exit.SOME_REJECTED),
        (0, 2, 1, Exit.ALL_REJECTED),
    ],
)
def test_the_code_of_a_run(done, rejected, guarded, code):
    assert exits.of_run(done, rejected, guarded) is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OptionError("x"), Exit.USAGE),
        (SourceError("x"), Exit.ALL_REJECTED),
        (GuardError("x"), Exit.REFUSED),
        (OutboxError("x"), Exit.ALL_REJECTED),
        (GatewayError("x"), Exit.ALL_REJECTED),
        (GatewayBusyError("x"), Exit.UNFINISHED),
        (GatewayLostError("x"), Exit.UNFINISHED),
        (ValueError("x"), None),
    ],
)
def test_the_code_of_an_error(error, code):
    rule = rule_of(error)
    assert (rule and rule.code) is code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Exit.UNFINISHED),
        (errno.EDQUOT, Exit.UNFINISHED),
        (errno.EMFILE, Exit.UNFINISHED),
        (errno.EACCES, Exit.ALL_REJECTED),
        (errno.EROFS, Exit.ALL_REJECTED),
    ],
)
def test_a_full_disk_passes_and_a_missing_right_does_not(tmp_path, monkeypatch, number, code):
    def full(_):
        raise OSError(number, os.strerror(number))

    (tmp_path / "t.csv").write_text("number,name\n+447400123456,Ann\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        patched.setattr(os, "sync", lambda: full(0))
        done = smsenc("batch", "t.csv", "--text", "Hi #name#", cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert f": {os.strerror(number).lower()}\n" in done.stderr
    again = smsenc("batch", "t.csv", "--text", "Hi #name#", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


#: Commands that fail, their code, and how the line on standard error begins that says why.
SAID = {
    "convert": (2, "Error: "),
    "batch --nope": (2, "Error: "),
    "batch t.csv --text Hi --jobs 0": (2, "Error: "),
    "nope": (2, "Error: "),
    "convert a.txt --to 1": (2, "smsenc: "),
    "batch none.csv --text Hi": (3, "smsenc: "),
    "batch t.csv --text Hi --out a.txt": (3, "smsenc: "),
    "upload none --host 127.0.0.1": (3, "smsenc: "),
    "convert none.txt --to 447700900123": (3, "none.txt: "),
    "inspect none.txt": (3, "none.txt: "),
    "lint none.txt": (3, "none.txt: "),
    "decode none.txt x.vcf": (3, "none.txt: "),
    "batch t.csv --text Hi --max-parts 1": (7, "t.csv:2: "),
}


@pytest.mark.parametrize("words", SAID)
def test_standard_error_says_why_as_documented(words, tmp_path):
    (tmp_path / "t.csv").write_text(f"to,name\n447700900123,{'x' * 200}\n")
    (tmp_path / "a.txt").write_text("Hello")
    code, begins = SAID[words]
    given = [word.replace("Hi", "#name#") for word in words.split()]
    done = smsenc(*given, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert any(line.startswith(begins) for line in done.stderr.splitlines()), done.stderr
