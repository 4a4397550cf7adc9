"""Nothing needs POSIX: a process that has only what Windows has loads every module and works.

What Windows itself would say nobody has seen here: ``windowslike`` imitates it.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import files, smsenc
from ftpservers import HOST, PASSWORD, USER, Pyftpd, visible
from places import SAMPLES, TESTS

from smsgate import filelocks, userfolders
from smsgate.outbox import writing

TO = ("--to", "448311234567")
SOURCES = [
    SAMPLES / name for name in ("order.txt", "logo.png", "contacts-21.vcf", "ode-to-joy.mid")
]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc says which files are open")


def surroundings(folder: Path) -> dict[str, str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "SMSENC_"))}
    known = (*sys.path, TESTS, TESTS / "support")
    own = {"APPDATA": folder / "roaming", "LOCALAPPDATA": folder / "local", "TEMP": folder}
    return (
        environ
        | {k: str(v) for k, v in own.items()}
        | {"PYTHONPATH": os.pathsep.join(map(str, known))}
    )


def python(script: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a script in a process like that of Windows."""
    return subprocess.run(
        [sys.executable, "-c", script],
        input=stdin,
        cwd=folder,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def windows(
    folder: Path, *commands: tuple[object, ...], **environ: str
) -> list[tuple[int, str, str]]:
    """Exit code and output of each command."""
    asked = json.dumps([[str(word) for word in words] for words in commands])
    script = f"import os, windowslike; os.environ.update({environ}); windowslike.run_all()"
    done = python(script, folder, asked)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_every_module_can_be_loaded(tmp_path):
    script = (
        "import windowslike; windowslike.pretend(servers=True)\n"
        "import importlib, pkgutil, converters, smsenc, smsgate\n"
        "count = 0\n"
        "for package in (smsenc, converters, smsgate):\n"
        "    for one in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not one.name.endswith('__main__') and '.migrations.' not in one.name:\n"
        "            importlib.import_module(one.name)\n"
        "            count += 1\n"
        "print(count)\n"
    )
    done = python(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 500


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("import fcntl", "ModuleNotFoundError"),
        ("os.geteuid()", "AttributeError"),
        ("signal.SIGHUP", "AttributeError"),
        ("os.open('.', os.O_RDONLY)", "PermissionError"),
        ("file = open('x', 'w'); os.replace('x', 'y')", "PermissionError"),
        ("file = open('x', 'w'); os.unlink('x')", "PermissionError"),
        ("open('x', 'w'); open('y', 'w'); os.rename('x', 'y')", "FileExistsError"),
        ("open('x', 'w'); os.fsync(os.open('x', os.O_RDONLY))", "Bad file descriptor"),
    ],
)
def test_what_needs_posix_would_be_seen(tmp_path, statement, error):
    script = f"import os, signal, windowslike; windowslike.pretend()\n{statement}"
    done = python(script, tmp_path)
    assert done.returncode == 1
    assert error in done.stderr.splitlines()[-1]


def test_the_same_files_are_made_as_elsewhere(tmp_path):
    ours = tmp_path / "ours"
    assert smsenc("convert", *SOURCES, *TO, "--out", ours).returncode == 0
    theirs = tmp_path / "theirs"
    runs = windows(
        tmp_path,
        ("convert", *SOURCES, *TO, "--out", theirs),
        ("convert", *SOURCES, *TO, "--out", theirs),  # the same files, in the place of themselves
        ("inspect", theirs),
        ("lint", theirs),
        ("count", "Your order is ready…"),
        ("batch", SAMPLES / "recipients.csv", "--text", "Dear #name#", "--out", "many"),
        ("batch", SAMPLES / "recipients.csv", "--text", "Dear #name#", "--out", "many.zip"),
        ("preview", SAMPLES / "logo.png", "-o", "screen.png"),
        ("config",),
    )
    assert [code for code, _, _ in runs] == [0] * len(runs), runs
    assert files(theirs) == files(ours)
    assert runs[2][1].replace("theirs", "ours") == smsenc("inspect", ours).stdout
    assert str(tmp_path / "roaming" / "smsenc" / "config.toml") in runs[-1][1] + runs[-1][2]
    assert (tmp_path / "local" / "smsenc" / "outboxes").is_dir()


def test_an_outbox_is_sent_once(tmp_path):
    (tmp_path / "in").mkdir()
    log_in = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
    log_in |= {"SMSENC_API_ID": "1", "SMSENC_USER": "u", "SMSENC_PASSWORD": "pw"}
    with Pyftpd(tmp_path / "in") as server:
        upload = ("upload", "out", "--host", HOST, "--port", server.port, "--tls", "none")
        runs = windows(
            tmp_path, ("convert", SOURCES[0], *TO, "--out", "out"), upload, upload, **log_in
        )
    assert [code for code, _, _ in runs] == [0, 0, 0], runs
    assert "1 file sent" in runs[1][1] + runs[1][2]
    assert "0 files sent" in runs[2][1] + runs[2][2]
    assert len(visible(tmp_path / "in")) == 1
    (announced,) = (tmp_path / "local").rglob("announced")
    assert announced.read_bytes().count(b"\n") == 1


def test_a_folder_is_watched_by_one_run(tmp_path):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "order.txt").write_text("Hello")
    watch = ("watch", "drop", *TO, "--out", "out", "--once", "--settle", "0")
    ((code, _, _),) = windows(tmp_path, watch)
    assert (code, len(files(tmp_path / "out"))) == (0, 1)
    assert (tmp_path / "drop" / "done" / "order.txt").read_text() == "Hello"
    script = (
        "import windowslike; windowslike.pretend()\n"
        "from pathlib import Path\n"
        "from smsgate.outbox.lock import BusyError, is_held, lock\n"
        "place = Path('drop')\n"
        "print(is_held(place), is_held(Path('none')))\n"
        "with lock(place, 'busy'):\n"
        "    print(is_held(place))\n"
        "    try:\n"
        "        with lock(place, 'busy'): pass\n"
        "    except BusyError as error: print(error)\n"
        "print(is_held(place))\n"
    )
    done = python(script, tmp_path)
    assert done.stdout == "False False\nTrue\ndrop: busy\nFalse\n", done.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGBREAK", 143), ("SIGINT", 130)])
def test_a_server_ends_at_a_signal(tmp_path, name, code):
    script = (
        "import os, signal, sys, windowslike; windowslike.pretend(servers=True)\n"
        "from smsgate.cli import output\n"
        "from smsgate.cli import studio\n"
        "said = studio.say\n"
        "def say(line):\n"
        f"    said(line); signal.raise_signal(signal.{name})\n"
        "studio.say = say\n"
        "sys.argv[1:] = ['studio', '--port', '0', '--json']\n"
        "from smsgate.cli.__main__ import main\n"
        "main()\n"
    )
    done = python(script, tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    assert json.loads(done.stdout)


def test_ctrl_break_ends_a_command(tmp_path):
    script = (
        "import signal, windowslike; windowslike.pretend()\n"
        "from smsgate.cli import stopping\n"
        "stopping.prepare()\n"
        "try:\n"
        "    signal.raise_signal(signal.SIGBREAK)\n"
        "except SystemExit as ended:\n"
        "    print(ended.code, stopping.asked())\n"
    )
    assert python(script, tmp_path).stdout == "143 15\n"


@pytest.mark.parametrize("failures", [0, 1, 5])
def test_a_rename_is_tried_again_on_windows(tmp_path, monkeypatch, failures):
    (tmp_path / "new").write_text("new")
    left, pauses, real = [failures], [], os.replace

    def replace(source, target):
        left[0] -= 1
        if left[0] >= 0:
            raise PermissionError(errno.EACCES, "in use")
        real(source, target)

    monkeypatch.setattr(writing.os, "replace", replace)
    monkeypatch.setattr(writing.time, "sleep", pauses.append)
    monkeypatch.setattr(writing, "_IS_WINDOWS", True)
    writing.replace(str(tmp_path / "new"), str(tmp_path / "old"))
    assert ((tmp_path / "old").read_text(), len(pauses)) == ("new", failures)


def test_a_rename_that_stays_impossible_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(writing.time, "sleep", lambda _: None)
    monkeypatch.setattr(writing, "_IS_WINDOWS", True)
    with pytest.raises(FileNotFoundError):
        writing.replace(str(tmp_path / "new"), str(tmp_path / "old"))


def test_folders_of_the_user(monkeypatch):
    assert userfolders.config({"XDG_CONFIG_HOME": "/x"}) == Path("/x/smsenc")
    assert userfolders.config({"HOME": "/h", "APPDATA": "/a"}) == Path("/h/.config/smsenc")
    assert userfolders.state({"XDG_STATE_HOME": "/x"}) == Path("/x/smsenc")
    monkeypatch.setenv("HOME", "/h")
    state = userfolders.state({"XDG_STATE_HOME": "relative", "LOCALAPPDATA": "/a"})
    assert state == Path("/h/.local/state/smsenc")


def test_a_lock_leaves_the_place_in_the_file(tmp_path):
    script = (
        "import os, windowslike; windowslike.pretend()\n"
        "from smsgate import filelocks\n"
        "files = [os.open('x', os.O_RDWR | os.O_CREAT) for _ in range(2)]\n"
        "os.write(files[0], b'abc')\n"
        "print([filelocks.take(one) for one in files], os.lseek(files[0], 0, os.SEEK_CUR))\n"
    )
    assert python(script, tmp_path).stdout == "[True, False] 3\n"


def test_a_shared_lock_lets_others_ask(tmp_path):
    (tmp_path / "x").touch()
    descriptors = [os.open(tmp_path / "x", os.O_RDONLY) for _ in range(3)]
    try:
        assert [filelocks.take(one, shared=True) for one in descriptors[:2]] == [True, True]
        assert not filelocks.take(descriptors[2])
    finally:
        for one in descriptors:
            os.close(one)


def test_there_are_these_signals_here():
    from smsgate.cli.stopping import SIGNALS, meant

    assert SIGNALS == (signal.SIGINT, signal.SIGTERM)
    assert [meant(one) for one in (signal.SIGINT, signal.SIGTERM, 21)] == [2, 15, 15]
