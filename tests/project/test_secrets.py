"""No command shows or keeps a password that is in what it reads, in whatever disguise.

Every command runs with two passwords known, against inputs and a server that repeat them in ten
disguises: sources, tables, lists, message files, logs, profiles, names of files, replies. None of
the disguises may be in the output, in the records of an outbox and of the machine, in reports and
in rejects. Message files themselves hold the gateway's log-in, and what ``decode``, ``transcode``
and ``preview`` write is the user's own data. A journal holds names of files as they are.
"""

from __future__ import annotations

import os
import re
import stat
import threading
from base64 import b64encode
from pathlib import Path
from typing import Self

import pytest
from command import NUMBER, smsenc
from ftpservers import HOST, PASSWORD, USER, Pyftpd

from smsenc.messagefile import PLACEHOLDER

GATEWAY = "Gate-way4711"
SECRETS = (PASSWORD, GATEWAY)
ENVIRONMENT = {
    "SMSENC_FTP_USER": USER,
    "SMSENC_FTP_PASSWORD": PASSWORD,
    "SMSENC_API_ID": "17",
    "SMSENC_USER": "bank",
    "SMSENC_PASSWORD": GATEWAY,
}
DISGUISES = {
    "plain": lambda one: one,
    "upper": str.upper,
    "swapped": str.swapcase,
    "reversed": lambda one: one[::-1],
    "control characters": "\x01".join,
    "terminal sequences": "\x1b[1m".join,
    "zero-width": "\u200b".join,
    "percent": lambda one: "".join(f"%{octet:02X}" for octet in one.encode()),
    "base64": lambda one: b64encode(one.encode()).decode(),
    "hex": lambda one: one.encode().hex(),
}
TEXT = " ; ".join(make(secret) for secret in SECRETS for make in DISGUISES.values())
#: What the passwords look like when nothing of the disguise but case and order is left.
_BARE = re.compile("(?:" + "|".join(
    re.escape(form)
    for secret in SECRETS
    for form in (
        *(secret.lower(), secret.lower()[::-1], secret.encode().hex()),
        *("".join(f"%{octet:02x}" for octet in secret.encode()),),
        b64encode(secret.encode()).decode().lower(),
    )
) + ")")  # fmt: skip
_BETWEEN = re.compile(r"\x1b\[[0-9;]*m|\\x1b\[1m|\\x01|\\u200b|[\x00-\x1f\u200b]")


def found_in(octets: bytes) -> list[str]:
    """The disguises of a password in octets, without what is between their characters."""
    views = (octets.decode("utf-8", "replace"), octets.decode("latin-1"))
    return [one for text in views for one in _BARE.findall(_BETWEEN.sub("", text).lower())]


def test_the_search_finds_every_disguise():
    for secret in SECRETS:
        for make in DISGUISES.values():
            shown = make(secret)
            assert found_in(shown.encode())
            assert found_in(repr(shown).encode())
    assert not found_in(b"nothing of the kind")


@pytest.fixture
def folder(tmp_path):
    """Inputs of all kinds that contain the disguises."""
    line = TEXT.replace("\x01", "").replace("\x1b", "")
    (tmp_path / "note.txt").write_text(TEXT)
    (tmp_path / "card.vcf").write_text(
        f"BEGIN:VCARD\nVERSION:2.1\nN:{line}\nTEL:+44770090{TEXT}\nX-{line}:x\nEND:VCARD\n"
    )
    (tmp_path / "tune.rtttl").write_text(f"{line}:d=4:{line},c")
    rows = "".join(f'{number},"{TEXT}"\n' for number in ("+447400123456", "x", GATEWAY))
    (tmp_path / "people.csv").write_text(f"number,{GATEWAY}\n{rows}")
    (tmp_path / "numbers.txt").write_text(f"{NUMBER}\n{TEXT}\n{PASSWORD}\n")
    log_in = f"api_id:17\nuser:bank\npassword:{GATEWAY}\n"
    (tmp_path / "000001-a.txt").write_text(f"{log_in}text:{line}\nto:{PASSWORD}\n{TEXT}\n")
    (tmp_path / "p.toml").write_text(f"summary = {TEXT!r}\n{PASSWORD} = '{GATEWAY}'\n")
    (tmp_path / f"{GATEWAY}.xyz").write_text("x")
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.txt").write_text(TEXT)
    (drop / "a.vcf").write_text(TEXT)
    (drop / "b.svg").write_text(TEXT)
    return tmp_path


class _Repeats:
    """A server that adds the disguises to its answers."""

    def respond(self, resp, logfun=None):
        line = TEXT.replace("\r", "").replace("\n", "")
        more = {} if logfun is None else {"logfun": logfun}
        super().respond(f"{resp} {line}" if resp[:3] in ("530", "553") else resp, **more)


COMMANDS = (
    ("convert", "note.txt", "card.vcf", "tune.rtttl", "--to", NUMBER, "--out", "box"),
    ("convert", ".", "--to-file", "numbers.txt", "--out", "box2", "--json"),
    ("convert", "note.txt", "--to", NUMBER, "--profile", "p.toml"),
    ("batch", "people.csv", "--text", f"#{GATEWAY}#", "--out", "b1", "--rejects", "r.csv"),
    ("batch", "people.csv", "--text", f"#{PASSWORD}#", "--opt-out", "numbers.txt"),
    ("count", TEXT.replace("\x01", "")),
    ("lint", "000001-a.txt", "note.txt", "box"),
    ("lint", "000001-a.txt", "--fix", "--json"),
    ("inspect", "000001-a.txt", "note.txt", "card.vcf", "box", GATEWAY),
    ("decode", "000001-a.txt", "note.txt", "out.vcf"),
    ("transcode", "tune.rtttl", "tune.mid"),
    ("preview", "note.txt", "-o", "screen.png"),
    ("profiles", "p.toml"),
    ("formats",),
)
SERVER = ("upload", "log", "log --replies", "log --csv", "log --json", "watch", "refused")


def check(done, folder, *names):
    assert not found_in((done.stdout + done.stderr).encode()), done.args
    kept = [
        folder.glob("*/.smsenc/*"),
        folder.glob("*.smsenc/*"),
        folder.glob("drop/rejected/*.txt"),
    ]
    state = Path(os.environ["XDG_STATE_HOME"]).rglob("*")
    for path in (*state, *(one for paths in kept for one in paths), *(folder / n for n in names)):
        if path.is_file() and "\u200b" not in path.name:
            assert not found_in(path.read_bytes()), path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:30])
def test_what_is_read_shows_no_password(folder, command):
    done = smsenc(*command, env=ENVIRONMENT, cwd=folder)
    names = ["r.csv"] if "r.csv" in command and (folder / "r.csv").exists() else []
    check(done, folder, *names)


@pytest.mark.parametrize("what", SERVER)
def test_what_a_server_says_shows_no_password(folder, what):
    remote = folder / "remote"
    remote.mkdir()
    line = TEXT.replace("\x01", "")
    with Pyftpd(remote, mixins=(_Repeats,)) as server:
        to = ("--host", HOST, "--port", server.port, "--tls", "none", "--retries", "0")
        smsenc("convert", "note.txt", "--to", NUMBER, "--out", "box", env=ENVIRONMENT, cwd=folder)
        if what == "refused":
            wrong = ENVIRONMENT | {"SMSENC_FTP_USER": GATEWAY}
            check(smsenc("upload", "box", *to, env=wrong, cwd=folder), folder)
            server.answers["STOR"] = [f"553 {line}"] * 4
        check(smsenc("upload", "box", *to, env=ENVIRONMENT, cwd=folder), folder)
        if what == "watch":
            words = ("watch", "drop", "--to", NUMBER, "--once", "--settle", "0", *to)
            check(smsenc(*words, env=ENVIRONMENT, cwd=folder), folder)
        for name in (*os.listdir(remote), "history", "mo"):
            said = f"ERR: 114, {line}\nID: {'a' * 32} {line}\n{line}\n"
            (remote / f"{name}.log").write_text(
                said + f"2026-11-28 10:00:00\t{NUMBER}\t1\t{line}\n"
            )
        if what.startswith("log"):
            check(
                smsenc(
                    *what.split()[:1], "box", *what.split()[1:], *to, env=ENVIRONMENT, cwd=folder
                ),
                folder,
            )


class Modes:
    """The modes of all files in a folder that hold a log-in, as soon as they can be seen."""

    def __init__(self, folder: Path) -> None:
        self.seen: set[int] = set()
        self.looks = 0
        self._folder = folder
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._end.is_set():
            self.looks += 1
            for root, _, names in os.walk(self._folder):
                for name in names:
                    if re.search(r"\.(txt|zip|tmp)$", name):
                        try:
                            self.seen.add(stat.S_IMODE(os.lstat(os.path.join(root, name)).st_mode))
                        except FileNotFoundError:
                            pass

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


@pytest.mark.parametrize("mask", [0, 0o022])
@pytest.mark.parametrize("command", ["convert", "batch", "zip", "jobs", "watch", "lint"])
def test_a_file_with_a_log_in_is_its_owner_s_from_its_first_octet(tmp_path, command, mask):
    out, source = tmp_path / "out", tmp_path / "in"
    out.mkdir()
    source.mkdir()
    for n in range(60):
        (source / f"{n}.txt").write_text("Hello " * 300)
    rows = "".join(f"+4474001{n:05},{'Ż' if n % 20 == 0 else 'Ann'}\n" for n in range(2000))
    (tmp_path / "people.csv").write_text(f"number,name\n{rows}")
    batch = ("batch", "people.csv", "--text", "Hello #name#", "--out")
    words = {
        "convert": ("convert", "in", "--to", NUMBER, "--out", "out/box"),
        "batch": (*batch, "out/box"),
        "zip": (*batch, "out/box.zip"),
        "jobs": (*batch, "out/box", "--jobs", "2"),
        "watch": ("watch", "in", "--to", NUMBER, "--once", "--settle", "0", "--out", "out/box"),
        "lint": ("lint", "out/box", "--fix"),
    }[command]
    if command == "lint":
        (out / "box").mkdir()
        for n in range(200):
            path = out / "box" / f"{n}.txt"
            path.touch(0o600)
            path.write_text(f"api_id:1\nuser:u\npassword:{GATEWAY}\ntext:x\nto:+{NUMBER}\n")
    before = os.umask(mask)
    try:
        with Modes(out) as modes:
            done = smsenc(*words, env=ENVIRONMENT, cwd=tmp_path)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert modes.seen == {0o600}
    assert modes.looks > 3
    assert PLACEHOLDER.password.encode() not in b"".join(
        path.read_bytes() for path in out.rglob("*.txt")
    )
