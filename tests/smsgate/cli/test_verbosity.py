"""--quiet prints data and errors only, --verbose also what is done; every command has both."""

from __future__ import annotations

import os
import re

import pytest
from command import NUMBER, smsenc
from ftpservers import HOST, PASSWORD, USER
from smppcentre import Centre, in_thread

from smsgate import tracing
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS

FTP = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
STEP = re.compile(r"\[[0-9]+\.[0-9]{3} s\] (.*)")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.txt").write_text("Hello [€]")
    return tmp_path


CONVERT = ("convert", "a.txt", "--to", NUMBER)


def steps(done):
    """What --verbose has added."""
    return [found[1] for found in map(STEP.fullmatch, done.stderr.splitlines()) if found]


@pytest.mark.parametrize("row", COMMANDS + SUBCOMMANDS, ids=lambda row: row.name)
def test_every_command_has_both(row):
    shown = smsenc(*row.name.split(), "--help").stdout
    assert re.search(r"  -q, --quiet +Print data and errors only\.\n", shown)
    assert re.search(r"  -v, --verbose +Print what is being done\.\n", shown)


def test_the_root_has_both():
    shown = smsenc("--help").stdout
    assert "-q, --quiet" in shown
    assert "-v, --verbose" in shown


@pytest.mark.parametrize("words", [("-q", *CONVERT), (*CONVERT, "--quiet")])
def test_quiet_leaves_the_data(folder, words):
    loud = smsenc(*CONVERT, cwd=folder)
    assert "1 message in 1 file written to outbox" in loud.stderr
    quiet = smsenc(*words, cwd=folder)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, loud.stdout, "")


def test_quiet_leaves_errors(folder):
    done = smsenc("-q", *CONVERT, "none.txt", cwd=folder)
    assert (done.returncode, done.stderr) == (4, "none.txt: no such file\n")
    done = smsenc("-q", "convert", "a.txt", "--to", "1", cwd=folder)
    assert done.stderr == "smsenc: --to: expected 7 to 15 digits, found '1'\n"


def test_quiet_leaves_only_json_with_json(folder):
    done = smsenc("-q", *CONVERT, "none.txt", "--json", cwd=folder)
    assert [line[:10] for line in done.stderr.splitlines()] == ['{"error": ']


def test_quiet_says_what_became_of_files(folder, ftpd):
    assert smsenc(*CONVERT, cwd=folder).returncode == 0
    server = ("--host", HOST, "--port", ftpd.port, "--tls", "none")
    done = smsenc("-q", "upload", "outbox", *server, cwd=folder, env=FTP)
    assert re.fullmatch(
        r"000001-a\.[a-z2-7]{8}\.txt: refused: no gateway log-in: set .*\n", done.stderr
    )


@pytest.mark.parametrize("words", [("-v", *CONVERT), (*CONVERT, "--verbose")])
def test_verbose_says_what_is_done(folder, words):
    loud = smsenc(*CONVERT, cwd=folder)
    done = smsenc(*words, "--name", "again", cwd=folder)
    assert len(done.stdout.splitlines()) == len(loud.stdout.splitlines())
    found = steps(done)
    assert found[0].startswith("smsenc ")
    assert "log-in of message files: none, so they get placeholders" in found
    assert "read a.txt" in found
    assert "a.txt: message 1 is a text" in found
    assert any(re.fullmatch("run [a-z2-7]{8} begins", one) for one in found)
    assert any(one.startswith("wrote outbox/000") for one in found)
    assert found[-1] == "exit code 0"
    again = steps(smsenc(*words, "--name", "again", cwd=folder))
    assert any(re.fullmatch("run [a-z2-7]{8} is continued", one) for one in again)


def test_verbose_says_how_a_command_ends(folder):
    assert steps(smsenc("-v", "convert", "a.txt", "--to", "1", cwd=folder))[-1] == "exit code 2"
    assert steps(smsenc("-v", "count", "-", stdin="x"))[1:] == [
        "read standard input",
        "exit code 0",
    ]


def test_verbose_names_where_a_log_in_is_from_and_shows_none(folder, ftpd):
    variables = {"SMSENC_API_ID": "1", "SMSENC_USER": "me", "SMSENC_PASSWORD": "geheim-17"}
    done = smsenc("-v", *CONVERT, cwd=folder, env=variables)
    assert "log-in of message files: from the environment" in steps(done)
    server = ("--host", HOST, "--port", ftpd.port, "--tls", "none")
    sent = smsenc("-v", "upload", "outbox", *server, cwd=folder, env=FTP | variables)
    found = steps(sent)
    assert f"FTP: connect to {HOST}:{ftpd.port}/" in found
    assert "FTP: log in" in found
    assert any(one.startswith("FTP: store ") for one in found)
    assert "geheim-17" not in done.stderr + sent.stderr
    assert PASSWORD not in sent.stderr


def test_verbose_names_the_message_centre(folder):
    with in_thread(Centre()) as centre:
        url = f"smpp://me@127.0.0.1:{centre.port}"
        words = ("send", "a.txt", "--to", NUMBER, "--smsc", url, "-v")
        done = smsenc(*words, cwd=folder, env={"SMSENC_SMPP_PASSWORD": "secret"})
    assert f"SMPP: bound to 127.0.0.1:{centre.port}" in steps(done)


@pytest.mark.parametrize("words", [("-q", "-v", "formats"), ("-q", "formats", "-v")])
def test_both_at_once_are_refused(words):
    done = smsenc(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected --quiet or --verbose, not both" in done.stderr


def test_steps_are_told_to_one_listener_and_formatted_only_for_it():
    class Value:
        def __format__(self, _spec):
            told.append("formatted")
            return "x"

    told = []
    tracing.step("a {}", Value())
    tracing.listen(print)
    tracing.listen(told.append)
    tracing.step("b {}", Value())
    tracing.forget()
    tracing.step("c {}", Value())
    assert told == ["formatted", "b x"]


def test_quiet_says_what_is_left_in_a_watched_folder(drop):
    (drop / "a.txt").write_text("Hello")
    os.mkfifo(drop / "pipe")
    words = ("watch", drop, "--to", NUMBER, "--once", "--settle", "0")
    done = smsenc("-q", *words)
    assert (done.returncode, done.stderr) == (0, "pipe: skipped: it is a named pipe\n")
    assert "a.txt" in done.stdout
