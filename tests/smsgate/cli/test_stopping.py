"""Signals that come twice: one exit code, nothing but one line, whenever they come."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest
from command import COMMAND, NUMBER, environment


@pytest.fixture
def many(tmp_path):
    """A source that takes the command a few seconds."""
    (tmp_path / "many.vcf").write_text(
        "".join(
            f"BEGIN:VCARD\nVERSION:2.1\nN:Doe{n}\nTEL:+447700900123\nEND:VCARD\n"
            for n in range(20_000)
        )
    )
    return tmp_path


def started(folder):
    process = subprocess.Popen(
        [*COMMAND, "convert", "many.vcf", "--to", NUMBER, "--out", "outbox"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline()
    return process


INTERRUPTED = "smsenc: interrupted: the same command continues\n"


@pytest.mark.parametrize(
    ("first", "second", "codes", "said"),
    [
        (signal.SIGTERM, signal.SIGTERM, {143}, {""}),
        (signal.SIGINT, signal.SIGINT, {130}, {INTERRUPTED, ""}),
        (signal.SIGINT, signal.SIGTERM, {130, 143}, {"", INTERRUPTED}),
    ],
)
def test_two_signals_are_one(many, first, second, codes, said):
    for pause in (0, *(random.uniform(0, 0.02) for _ in range(5))):
        process = started(many)
        process.send_signal(first)
        time.sleep(pause)
        process.send_signal(second)
        time.sleep(pause)
        process.send_signal(second)
        out, err = process.communicate(timeout=90)
        assert process.returncode in codes, err
        assert err in said
        assert "Traceback" not in out + err
        assert not [name for name in os.listdir(many / "outbox") if name.endswith(".tmp")]
        subprocess.run(["rm", "-r", many / "outbox"], check=True)


def test_a_later_signal_ends_what_does_not_end():
    """Clearing up that hangs, as on a network folder that is gone."""
    script = (
        "import time\nfrom smsgate.cli import stopping\nstopping.prepare()\n"
        "try:\n  print('ready', flush=True)\n  time.sleep(60)\nfinally:\n  time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [COMMAND[0], "-c", script], env=environment(), stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    time.sleep(2.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 143
    process.stdout.close()


def test_ctrl_c_that_is_ignored_stays_ignored():
    script = (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from smsgate.cli import stopping\nstopping.prepare()\n"
        "signal.raise_signal(signal.SIGINT)\nprint('on')"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", script], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "on\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_error_that_a_signal_becomes_ends_as_the_signal(number, code):
    """As in an import that is interrupted, which fails as one that cannot be loaded."""
    script = (
        "import signal, sys\nfrom smsgate.cli import main, stopping\n"
        "class Loader:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'smsgate.cli.convert':\n"
        "            try:\n"
        f"                signal.raise_signal({int(number)})\n"
        "            except BaseException as lost:\n"
        "                raise ImportError('a library') from lost\n"
        "sys.meta_path.insert(0, Loader())\n"
        "sys.argv = ['smsenc', 'convert', '-', '--to', '448311234567']\n"
        "main()\n"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", script], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert done.stderr == (
        "smsenc: interrupted; the last error was: "
        "a part of the installation cannot be loaded: a library\n"
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_whose_exception_was_lost_ends_the_work(tmp_path, number, code):
    """As in a finalizer, whose exceptions Python would only show."""
    script = (
        "import signal, sys\nfrom smsgate.cli import main, stopping\n"
        "class Lost:\n"
        "    def __del__(self):\n"
        f"        signal.raise_signal({int(number)})\n"
        "prepare = stopping.prepare\n"
        "def lose():\n    prepare()\n    Lost()\n"
        "stopping.prepare = lose\n"
        f"sys.argv = ['smsenc', 'convert', '-', '--to', '{NUMBER}', '--out', 'outbox']\n"
        "main()\n"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", script],
        cwd=tmp_path,
        env=environment(),
        input="Hello",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert "ignored" not in done.stderr
