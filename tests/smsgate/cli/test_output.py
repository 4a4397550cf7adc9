"""Standard output and error that are full, closed or not read; the system's limits."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from command import COMMAND, NUMBER, environment, records, smsenc

from smsgate import masking


def shell(line, cwd):
    command = f'smsenc() {{ {shlex.join(COMMAND)} "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


FULL = "smsenc: cannot write to standard output: no space left on device\n"


@pytest.mark.parametrize("words", ["--help", "--version", "formats", "convert --help", "count hi"])
def test_a_full_standard_output_is_said_in_one_line(tmp_path, words):
    done = shell(f"smsenc {words} >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (4, FULL)


@pytest.mark.parametrize("words", ["--help", "formats", "convert --help"])
def test_a_reader_that_leaves_is_no_error(tmp_path, words):
    done = shell(f"smsenc {words} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("smsenc nonsense 2>/dev/full", 2),
        ("smsenc lint none 2>/dev/full", 4),
        ("smsenc count hi 2>&-", 0),
        ("smsenc count hi >&-", 0),
        ("smsenc count - <&-", 2),
        ("smsenc count hi >&- 2>&- <&-", 0),
    ],
)
def test_remarks_that_nobody_can_read_change_no_exit_code(tmp_path, line, code):
    assert shell(line, tmp_path).returncode == code


@pytest.mark.parametrize("handles", range(4, 14))
def test_too_few_file_handles_are_no_internal_error(tmp_path, handles):
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "t.csv").write_text(f"number,name\n+{NUMBER},Ann\n")
    for line in (
        f"smsenc convert a.txt --to {NUMBER} --out o{handles}",
        f"smsenc batch t.csv --text 'Hi #name#' --out b{handles}",
    ):
        # The interpreter itself is started with enough of them.
        script = (
            "import resource, sys\nfrom smsgate.cli import main\nimport smsgate.cli.app\n"
            f"resource.setrlimit(resource.RLIMIT_NOFILE, ({handles}, {handles}))\nmain()"
        )
        done = subprocess.run(
            [COMMAND[0], "-c", script, *shlex.split(line)[1:]],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in (0, 2, 3, 6), (line, done.stderr)
        assert "internal error" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr


def test_a_secret_and_a_control_sequence_reach_neither_stream(tmp_path):
    head = f"api_id:1\nuser:u\npassword:p\nto:{NUMBER}\ntext:"
    (tmp_path / "a.txt").write_text(f"{head}It is SwordFish or s\\u0077ordfish\n")
    done = smsenc(
        *("inspect", "a.txt", "sword\x1b[31mfish", "--json"),
        cwd=tmp_path,
        env={"SMSENC_PASSWORD": "swordfish"},
    )
    assert "ordfish" not in (done.stdout + done.stderr).lower()
    assert "\x1b" not in done.stdout + done.stderr
    shown, other = sorted(records(done), key=lambda one: one["error"] is not None)
    assert shown["content"]["text"].startswith("It is ********* or ")
    assert other["error"]


def test_the_mask_forgets_between_commands():
    assert smsenc("count", "x", env={"SMSENC_PASSWORD": "swordfish"}).returncode == 0
    assert masking.cleaned("swordfish") == "swordfish"
