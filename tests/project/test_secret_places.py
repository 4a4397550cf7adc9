"""No password comes from formats of other packages, settings, servers' names or a keyring, and none
is in a temporary file; a file with a log-in is private in the moment in which it is made.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from command import NUMBER, smsenc
from ftpservers import PASSWORD, USER, Pyftpd
from secretworld import (
    GATEWAY,
    KNOWN,
    LINES,
    MESSAGE,
    MOBILE,
    NAMES,
    OWN,
    WRITERS,
    World,
    answer,
    leaks,
    log_ins,
    outbox_of,
)

from converters import plugins, registry


@pytest.fixture
def world(tmp_path):
    folder, remote = tmp_path / "here", tmp_path / "remote"
    folder.mkdir()
    remote.mkdir()
    with Pyftpd(remote) as server:
        yield World(folder, log_ins(tmp_path, "variables"), server)


@pytest.mark.parametrize("text", ["kW7VzQ2t", "T 2 q Z v 7 w K", "K%77\\u0037v\\x5aq2T"])
def test_what_is_searched_for(text):
    """The search finds disguises that no test uses, so it also finds the half of one."""
    assert leaks(f"x{text}y".encode())
    assert not leaks(text[:-1].encode())


# --- Formats of other packages ---------------------------------------------------------------

GOOD = """
from dataclasses import replace
from converters.api import Action, Converter, Item, Loss, Option, View, Viewer, Writer
from smsenc import encode_text
def fail(*_):
    raise ValueError(TEXT)
def convert(*_):
    loss = Loss(what=TEXT, action=Action.CUT, why=TEXT)
    yield Item(kind="fax", payload=encode_text("hi"), losses=(loss,))
    yield Item(kind=TEXT, error=SourceError(TEXT, name=TEXT))
from converters.errors import SourceError
FORMAT = Converter(name="fax", summary="Faxes", suffixes=(".fax",), sniff=lambda _: False,
                   convert=convert, options=(Option("size", TEXT, parse=int),))
VIEWER = Viewer(kind="fax", port=7, view=lambda _: View(content={TEXT: TEXT}, lines=(TEXT,)))
"""
#: Other things that such a package may do, all with passwords.
PLUGINS = {
    "all is well": "",
    "it cannot be loaded": "raise ImportError(TEXT)",
    "its name": "FORMAT = replace(FORMAT, name=TEXT, summary=TEXT, suffixes=(TEXT, '.fax'))",
    "its functions fail": (
        "FORMAT = replace(FORMAT, convert=fail, sniff=fail)\n"
        "VIEWER = replace(VIEWER, view=fail, accepts=fail)"
    ),
    "its options": "FORMAT = replace(FORMAT, options=(Option(TEXT, TEXT, parse=fail),))",
    "its kind": "VIEWER = replace(VIEWER, kind=TEXT, writers=(Writer('.fax', fail),))",
    "its types": "FORMAT = replace(FORMAT, summary=type(TEXT[:40], (), {})())",
}


@pytest.fixture
def install(tmp_path):
    """Installs a distribution whose module has this source."""
    place = tmp_path / "installed"
    info = place / "faxes-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faxes\nVersion: 1.0\n")
    points = (("converters", "FORMAT"), ("viewers", "VIEWER"))
    (info / "entry_points.txt").write_text(
        "".join(f"[smsenc.{group}]\nfax = fax_of_secrets:{row}\n" for group, row in points)
    )

    def clear():
        sys.modules.pop("fax_of_secrets", None)
        for cached in vars(registry).values():
            if forget := getattr(cached, "cache_clear", None):
                forget()
        plugins.forget()

    def write(source):
        text = f"TEXT = {' '.join(KNOWN)!r}\n{GOOD}{source}\n"
        (place / "fax_of_secrets.py").write_text(text)
        clear()

    sys.path.insert(0, str(place))
    yield write
    sys.path.remove(str(place))
    clear()


@pytest.mark.parametrize("source", PLUGINS.values(), ids=PLUGINS)
def test_formats_of_other_packages(install, world, source):
    install(source)
    world.write("a.fax", "x")
    world.write("drop/b.fax", "x")
    part = "06050400070000:41"
    for words in ((), ("--json",)):
        world.run("formats", *words)
        world.run("convert", "a.fax", "--to", NUMBER, *words)
        world.run("convert", "a.fax", "--to", NUMBER, "--as", "fax", "-O", "size=x", *words)
        world.run("inspect", part, "a.fax", *words)
    world.run("decode", part, "b.fax")
    world.run("transcode", "a.fax", "c.fax")
    world.run("preview", "a.fax")
    world.run("watch", "drop", "--to", NUMBER, "--once", "--settle", "0", *world.to())
    world.check()


# --- Settings, names and answers of a server, a keyring ------------------------------------------


def test_settings(world):
    for text in KNOWN:
        for key in ("host", "profile", "to", "tz", "nothing", text):
            world.write("smsenc.toml", f"{json.dumps(key)} = {json.dumps(text)}\n")
            world.run("config")
            world.run("convert", "a.txt")
    world.write("smsenc.toml", f"= {NAMES[0]}\n")
    world.run("config")
    world.check()


def test_names_of_files_and_folders(world):
    """Journals have the names of folders as they are, so only what is shown is looked at."""
    remote = world.server.folder
    for text in NAMES:
        for name in (f"{text}.log", f".{text}.tmp", f"000001-{text}.txt", f".note.txt.{text}"):
            (remote / name).write_text(text)
        world.write(f"out {text}/000001-note.txt", MESSAGE)
        for command in (("lint",), ("inspect", "--json"), ("convert", "--to", NUMBER)):
            world.run(*command, f"out {text}")
        world.run("upload", f"out {text}", *world.to(), "--folder", text)
        world.run("upload", f"out {text}", "--host", text, "--retries", "0")
        world.run("log", f"out {text}", *world.to(), "--folder", text, "--json")
        words = ("--to", NUMBER, "--once", "--settle", "0")
        world.run("watch", f"out {text}", *words, "--out", f"of {text}")
        world.run("batch", f"out {text}", "--text", "x")
    shown = {name: leaks(text.encode("utf-8", "replace")) for name, text in world.shown.items()}
    assert {name: found for name, found in shown.items() if found} == {}


def test_every_answer_of_a_server(world):
    outbox = outbox_of(world)
    for text in LINES:
        # Answers with an address stay as they are: without one there is no connection.
        world.server.rewrite[:] = [
            lambda reply, text=text: reply if reply[:2] == "22" else f"{reply[:4]}{text}{reply[3:]}"
        ]
        world.run("upload", outbox, *world.to(), "--json")
        world.run("log", outbox, *world.to())
    world.check()


@pytest.fixture
def in_keyring():
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.credentials import SimpleCredential

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service, username):  # noqa: ARG002 - keyring's
            return PASSWORD

        set_password = delete_password = None

        def get_credential(self, service, username):  # noqa: ARG002 - keyring's
            return SimpleCredential(USER, PASSWORD)

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("in_keyring")
def test_a_password_in_the_keyring(world):
    for key in ("SMSENC_FTP_USER", "SMSENC_FTP_PASSWORD"):
        del world.environment[key]
    outbox = outbox_of(world)
    for command in ("PASS", "CWD", "STOR", "RNTO"):
        world.server.answers[command] = [f"553 no: {text}" for text in LINES]
        world.run("upload", outbox, *world.to())
    world.server.answers.clear()
    world.run("upload", outbox, *world.to(), "--json")
    answer(world.server.folder, world.folder / outbox)
    for words in ((), ("--json",), ("--csv",), ("--replies",)):
        world.run("log", outbox, *world.to(), *words)
    world.check()


# --- Temporary files -----------------------------------------------------------------------------


def test_temporary_files(world, monkeypatch):
    """Of a rehearsal too, whose journal is removed at its end: its octets are kept here."""
    kept = {}
    remove = os.unlink

    def unlink(path, **more):
        with suppress(OSError), closing(os.fdopen(os.open(path, os.O_RDONLY, **more), "rb")) as one:
            kept[len(kept), os.fspath(path)] = one.read()
        remove(path, **more)

    monkeypatch.setattr(os, "unlink", unlink)
    table = "".join(f'{n},"{text}",{text}\n{MOBILE},"{text}"\n' for n, text in enumerate(KNOWN))
    world.write("t.csv", f"to,text,x\n{table}")
    for words in (("--dry-run",), ("--dry-run", "--json"), ("--rejects", "rejects.csv")):
        world.run("batch", "t.csv", "--text", "hello", *words)
    world.run("upload", outbox_of(world), *world.to())
    world.check()
    assert any("journal" in path for _, path in kept)
    found = {path: leaks(octets) for path, octets in kept.items()}
    assert {path: names for path, names in found.items() if names} == {}


# --- Modes ---------------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch):
    """The mode that each file, by its number on the disk, had in the moment it was made."""
    modes = {}
    real = os.open

    def opened(path, flags, mode=0o777, **more):
        descriptor = real(path, flags, mode, **more)
        if flags & os.O_CREAT:
            status = os.fstat(descriptor)
            assert not flags & os.O_EXCL or status.st_size == 0
            modes[status.st_ino] = stat.S_IMODE(status.st_mode)
        return descriptor

    monkeypatch.setattr(os, "open", opened)
    return modes


@pytest.mark.parametrize("umask", [0, 0o022], ids=oct)
@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_the_first_mode_of_a_file_with_a_log_in(tmp_path, made, words, umask):
    folder = tmp_path / "here"
    (folder / "loose").mkdir(parents=True)
    (folder / "drop").mkdir()
    rows = "".join(f"{MOBILE[:-2]}{n:02},Hello {n}\n" for n in range(30))
    (folder / "t.csv").write_text(f"to,text\n{rows}")
    for name in ("a.txt", "drop/a.txt"):
        (folder / name).write_text("Hello")
    wrong = folder / "loose" / "1.txt"
    wrong.write_bytes(MESSAGE.replace("text", "TEXT").encode())
    wrong.chmod(0o600)
    given = {wrong.stat().st_ino}
    before = os.umask(umask)
    try:
        done = smsenc(*words, env=log_ins(tmp_path, "variables"), cwd=folder)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    numbers = {path: path.stat().st_ino for path in _with_log_in(folder)}
    found = {path: made.get(number) for path, number in numbers.items() if number not in given}
    assert found
    assert set(found.values()) == {0o600}, found


def _with_log_in(folder: Path):
    """Files that have a password in them; an archive has it compressed."""
    for path in filter(Path.is_file, folder.rglob("*")):
        octets = path.read_bytes()
        if path.suffix == ".zip" or GATEWAY.encode() in octets or OWN.encode() in octets:
            yield path
