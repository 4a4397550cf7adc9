"""With --json, errors are JSON objects on standard error, as the schema "error" says."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
from contextlib import contextmanager

import pytest
import typer
from command import COMMAND, NUMBER, environment, smsenc

from converters.errors import GuardError, SourceError
from smsenc import MessageFileError, OptionError, SmsencError
from smsgate.cli import errorlines, output, usage
from smsgate.cli.codes import ErrorKind
from smsgate.cli.exits import Exit
from smsgate.cli.faults import RULES
from smsgate.cli.schemafiles import load


def errors(done):
    """The errors that a command printed; other lines are remarks."""
    lines = done.stderr.splitlines()
    return [json.loads(line)["error"] for line in lines if line.startswith("{")]


def ended(*words, code, **more):
    """The error that ends a command, without its exit code; nothing is on standard output."""
    done = smsenc(*words, "--json", **more)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    found = errors(done)[-1]
    assert found.pop("exit") == code
    return found


@pytest.mark.parametrize(
    ("words", "message", "command"),
    [
        ("nope", "No such command 'nope'.", "smsenc"),
        ("convert", "Missing argument 'SOURCE'.", "smsenc convert"),
        ("count x --nope", "No such option: --nope", "smsenc count"),
        ("convert x --reference 0", "expected 1 to 255, found 0", "smsenc convert"),
        ("gateway account add --nope", "No such option: --nope", "smsenc gateway account add"),
        ("decode", "No such option: --json", "smsenc decode"),
    ],
)
def test_wrong_usage(words, message, command):
    found = ended(*words.split(), code=2)
    assert found["kind"] == "usage"
    assert message in found["message"]
    assert found["hint"] == f"{command} --help"


def test_wrong_usage_without_json_is_text():
    done = smsenc("convert")
    assert done.stderr.splitlines()[-1] == "Error: Missing argument 'SOURCE'."
    done = smsenc("count", "--", "--json")
    assert (done.returncode, done.stdout[:9]) == (0, "GSM 7-bit")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (
            "convert a.txt --to 1",
            2,
            {"kind": "usage", "message": "expected 7 to 15 digits, found '1'", "name": "--to"},
        ),
        (
            "upload none --host 127.0.0.1",
            3,
            {"kind": "outbox", "message": "no such folder or archive", "file": "none"},
        ),
        (
            "watch none --to 448311234567",
            3,
            {"kind": "input", "message": "no such folder", "file": "none"},
        ),
        (
            f"gateway message show {'0' * 32}",
            3,
            {"kind": "outbox", "message": "no gateway in gateway: expected gateway.db"},
        ),
    ],
)
def test_what_ends_a_command(words, code, expected, tmp_path):
    (tmp_path / "a.txt").write_text("Hello")
    assert ended(*words.split(), code=code, cwd=tmp_path) == expected


def test_what_is_rejected_is_in_the_data_and_among_the_errors(tmp_path):
    (tmp_path / "a.vcf").write_text("BEGIN:VCARD\nTEL:x\nEND:VCARD\n")
    (tmp_path / "numbers").write_text(f"{NUMBER}\nx\n")
    words = ("convert", "a.vcf", "none.txt", "--to-file", "numbers", "--json")
    done = smsenc(*words, cwd=tmp_path)
    data = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    found = errors(done)
    assert [one.pop("file") for one in found] == ["numbers", "a.vcf", "none.txt"]
    assert [one.pop("kind") for one in found] == ["input"] * 3
    assert found == data
    assert found[0]["line"] == 2
    assert not any("exit" in one for one in found)
    assert done.stderr.splitlines()[-1] == "3 rejected"


def test_rows_that_are_rejected(tmp_path):
    (tmp_path / "t.csv").write_text("to,name\n447400123456,Ann\n12,Bob\n")
    done = smsenc("batch", "t.csv", "--text", "Hi #name#", "--json", cwd=tmp_path)
    (found,) = errors(done)
    assert (found["kind"], found["file"], found["line"]) == ("input", "t.csv", 3)


def test_all_faults_of_settings_are_errors(tmp_path):
    (tmp_path / "gateway.toml").write_text("[ftp]\nport = 99999\n[http]\nport = 'x'\n")
    done = smsenc("gateway", "route", "list", "--data", tmp_path, "--json")
    if not (tmp_path / "gateway.db").exists():
        done = smsenc("gateway", "run", "--data", tmp_path, "--json")
    found = errors(done)
    assert [one["exit"] for one in found] == [2, 2]
    assert {one["file"] for one in found} == {str(tmp_path / "gateway.toml")}


def test_a_refused_log_in_has_a_hint(tmp_path, ftpd):
    (tmp_path / "a.txt").write_text("Hello")
    assert smsenc("convert", "a.txt", "--to", NUMBER, cwd=tmp_path).returncode == 0
    words = ("upload", "outbox", "--host", "127.0.0.1", "--port", ftpd.port, "--tls", "none")
    log_in = {"SMSENC_FTP_USER": "x", "SMSENC_FTP_PASSWORD": "wrong-password"}
    done = smsenc(*words, "--json", cwd=tmp_path, env=log_in)
    (found,) = errors(done)
    assert (found["kind"], found["exit"]) == ("server", done.returncode)
    assert found["hint"] == "check SMSENC_FTP_USER and SMSENC_FTP_PASSWORD"
    done = smsenc(*words, cwd=tmp_path, env=log_in)
    assert f"({found['hint']})" in done.stderr


def test_the_system_is_named(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "t.csv").write_text("number,name\n+447400123456,Ann\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        patched.setattr(os, "sync", lambda: full(0))
        words = ("batch", "t.csv", "--text", "Hi #name#")
        found = ended(*words, code=6, cwd=tmp_path)
    assert found["kind"] == "unfinished"


def test_an_internal_error_and_one_of_the_output(monkeypatch):
    from smsgate.cli import count

    with monkeypatch.context() as patched:
        patched.setattr(count.counting, "count", lambda *_, **__: 1 / 0)
        found = ended("count", "x", code=1)
    assert found == {
        "kind": "internal",
        "message": "internal error: ZeroDivisionError",
        "hint": "set SMSENC_DEBUG=1 for details",
    }
    line = f"{' '.join(COMMAND)} count x --json >/dev/full"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, env=environment()
    )
    (found,) = errors(done)
    assert (found["kind"], found["exit"], done.returncode) == ("output", 4, 4)


def test_an_interrupted_command(tmp_path):
    command = [*COMMAND, "watch", ".", "--to", NUMBER, "--out", "../box", "--json"]
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.txt").write_text("Hello")
    with subprocess.Popen(
        [*command, "--settle", "0"],
        cwd=drop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    found = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    assert found in (
        [],  # it asked for the signal itself, and ended in order
        [
            {
                "error": {
                    "kind": "interrupted",
                    "message": "interrupted",
                    "hint": "the same command continues",
                    "exit": 130,
                }
            }
        ],
    )


# Records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (SmsencError("x"), ErrorKind.INPUT),
        (OptionError("x"), ErrorKind.INPUT),
        (SourceError("x"), ErrorKind.INPUT),
        (GuardError("x"), ErrorKind.GUARD),
        (MessageFileError("x", line=3), ErrorKind.INPUT),
    ],
)
def test_an_input_is_at_fault_or_a_guard(capsys, error, kind):
    errorlines.rejected(error)
    assert capsys.readouterr().err == f"{error}\n"
    assert errorlines.rejected_kind(error) is kind


def test_an_error_that_is_not_ours_ends_as_internal(capsys):
    errorlines.ending(SmsencError("x"), Exit.USAGE, "do y")
    assert capsys.readouterr().err == "smsenc: x (do y)\n"
    found = errorlines.record(OSError(2, "No", "a.txt"), ErrorKind.SYSTEM, "it says no")
    assert found == {"kind": "system", "message": "it says no", "file": "a.txt"}
    assert "file" not in errorlines.record(ValueError(), ErrorKind.SYSTEM, "x")


def test_kinds_are_those_of_the_schema():
    schema = load("error")["properties"]["error"]["properties"]["kind"]
    assert schema["enum"] == [kind.value for kind in ErrorKind]
    assert {rule.kind for rule in RULES} < set(ErrorKind)


def test_wrong_usage_outside_of_any_command(capsys):
    with pytest.raises(SystemExit) as caught, json_output(), usage.usage_errors():
        raise typer.BadParameter("expected\n  x")
    assert caught.value.code == Exit.USAGE
    assert json.loads(capsys.readouterr().err) == {
        "error": {
            "kind": "usage",
            "message": "Invalid value: expected x",
            "hint": "smsenc --help",
            "exit": 2,
        }
    }


@contextmanager
def json_output():
    output.begin(["--json"])
    try:
        yield
    finally:
        output.begin([])


def test_an_error_that_is_no_wrong_usage_passes():
    with pytest.raises(ZeroDivisionError), json_output(), usage.usage_errors():
        raise ZeroDivisionError
