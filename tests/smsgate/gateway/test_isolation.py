"""Two accounts of one gateway: neither sees, changes or guesses anything of the other.

Also what no client may do at all: names, links and sizes that are refused with a reason, and a
folder of very many files, beside which the others are served as before.
"""

from __future__ import annotations

import ftplib
import io
import json
import os
import re
import socket
import stat
import statistics
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from gateways import HOST, Gateway, Smsc, put, until

_SLOWER = 1.6  # between medians, where the machine is busy with other things
_TRIES = 15
_MANY = 100_000
_GIGABYTE = 1 << 30


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A gateway, and its second account; the first has a file with its answers."""
    folder = tmp_path_factory.mktemp("isolation")
    with Smsc(folder / "smsc") as smsc, Gateway(folder / "data", smsc.port) as gateway:
        other = gateway.add_account()
        gateway.upload("mine.txt", gateway.account.file("text:Private", "to:447700900200"))
        gateway.log("mine.txt")
        with gateway.session(other) as client:
            put(client, "theirs.tmp", b"half")
        gateway.settled()
        until(lambda: any(one.status == 3 for one in gateway.history()))
        yield gateway, other


def reply(client, command):
    """The reply to a command, also to one that is refused."""
    try:
        return client.sendcmd(command)
    except ftplib.Error as error:
        return str(error)


# What clients see ---------------------------------------------------------------------------------


def test_paths_of_another_account_are_answered_like_those_of_nobody(world):
    gateway, other = world
    mine, nobody = gateway.account.api_id, "9" * len(gateway.account.api_id)
    paths = ("{0}", "../{0}", "/{0}/mine.txt.log", "../{0}/history.log", "/accounts/{0}/mine.txt")
    absolute = str(gateway.folder()).replace(mine, "{0}")
    with gateway.session(other) as client:
        client.voidcmd("TYPE I")
        for path in (*paths, absolute, f"{absolute}/mine.txt.log", "..\\{0}\\mine.txt.log"):
            for word in (
                "CWD",
                "RETR",
                "SIZE",
                "MDTM",
                "RNFR",
                "DELE",
                "LIST",
                "NLST",
                "MLST",
                "STAT",
            ):
                found = reply(client, f"{word} {path.format(mine)}")
                assert re.fullmatch(r"5[05][0-9] .*", found), (word, path, found)
                assert found == reply(client, f"{word} {path.format(nobody)}").replace(nobody, mine)
        assert client.nlst() == ["theirs.tmp"]
        assert client.pwd() == "/"
        for name in ("mine.txt.log", "mine.txt", "history.log"):
            assert reply(client, f"SIZE {name}").startswith("550 ")
    assert len(gateway.log("mine.txt")) == 1


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (lambda one, own: (one.api_id, own.user, own.password), 108),
        (lambda one, _: (one.api_id, one.user, one.password), 108),
        (lambda one, own: (own.api_id, one.user, own.password), 2),
        (lambda one, own: (own.api_id, own.user, one.password), 2),
        (lambda one, own: (own.api_id, one.user, one.password), 2),
        (lambda _, own: ("9999999", own.user, own.password), 108),
        (lambda _, own: (own.api_id, own.ftp_user, own.ftp_password), 2),
    ],
)
def test_a_file_with_the_log_in_of_another_is_refused(world, lines, code, request):
    gateway, other = world
    api_id, user, password = lines(gateway.account, other)
    name = f"{request.node.callspec.indices['lines']}.log-in.txt"
    content = f"api_id:{api_id}\nuser:{user}\npassword:{password}\ntext:Hi\nto:447700900201\n"
    before = gateway.select("SELECT api_id, balance FROM account")
    gateway.upload(name, content.encode(), other)
    (found,) = gateway.log(name, other)
    assert (found.error, found.to) == (code, "447700900201")
    assert gateway.select("SELECT api_id, balance FROM account") == before
    assert not (gateway.folder() / f"{name}.log").exists()


def test_ids_tell_nothing_of_the_messages_of_others(world):
    """From one's own ids before and after, those between cannot be worked out."""
    gateway, other = world
    lines = ("text:Hi", *(f"to:4477009003{n:02}" for n in range(20)))
    gateway.upload("ids.txt", other.file(*lines), other)
    found = [one.id for one in gateway.log("ids.txt", other)]
    tails = [int(uid[16:], 16) & (1 << 62) - 1 for uid in found]
    steps = {b - a for a, b in pairwise(tails)}
    assert len(set(found)) == 20
    assert len({uid[20:] for uid in found}) == 20
    assert len(steps) == 19
    assert min(map(abs, steps)) > 1 << 32


# Log-ins ------------------------------------------------------------------------------------------


def _seconds(gateway, host, user, password):
    """How long a log-in is checked that comes from an address without a wrong one so far."""
    with socket.create_connection((HOST, gateway.ftp_port), 20, (host, 0)) as end:
        file = end.makefile("rb")
        file.readline()
        end.sendall(f"USER {user}\r\n".encode())
        file.readline()
        began = time.perf_counter()
        end.sendall(f"PASS {password}\r\n".encode())
        assert file.readline() == b"530 Log-in failed.\r\n"
        return time.perf_counter() - began


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_log_ins_that_fail_take_the_same_time_whatever_is_wrong(world):
    gateway, other = world
    closed, frozen = gateway.add_account(), gateway.add_account()
    gateway.command("account", "close", "--data", gateway.data, closed.api_id)
    kinds = {
        "unknown user": ("nobody", "x" * 16),
        "wrong password": (other.ftp_user, "x" * 16),
        "closed account": (closed.ftp_user, closed.ftp_password),
        "closed account, wrong password": (closed.ftp_user, "x" * 16),
        "message file's log-in": (frozen.user, frozen.password),
    }
    found = {kind: [] for kind in kinds}
    for n in range(_TRIES):
        for m, (kind, login) in enumerate(kinds.items()):
            found[kind].append(_seconds(gateway, f"127.{m + 2}.7.{n + 1}", *login))
    medians = {kind: statistics.median(times) for kind, times in found.items()}
    assert max(medians.values()) < _SLOWER * min(medians.values()), medians


# Secrets ------------------------------------------------------------------------------------------


def test_passwords_and_hashes_are_nowhere_but_in_the_database(world):
    gateway, other = world
    secrets = [one for a in (gateway.account, other) for one in (a.password, a.ftp_password)]
    wrong = gateway.account.file("text:Hi", "to:447700900205").replace(b"password:", b"password:x")
    gateway.upload("wrong.txt", wrong)
    assert gateway.log("wrong.txt")[0].error == 2
    with (
        suppress(ftplib.error_perm),
        gateway.session(
            other.__class__(**{**_fields(other), "ftp_password": gateway.account.ftp_password})
        ),
    ):
        pytest.fail("a password of another account is right")
    for n in range(3):
        gateway.upload(f"again-{n}.txt", other.file("text:Hi", "to:447700900206"), other)
        gateway.log(f"again-{n}.txt", other)
    until(lambda: not list((gateway.data / "spool").iterdir()), "files stay in the spool")
    ((uid,),) = gateway.select("SELECT uid FROM message LIMIT 1")
    said = [
        gateway.errors(),
        json.dumps(gateway.status()),
        *(
            str(gateway.command(*words, "--data", gateway.data))
            for words in (("account", "list"), ("message", "show", uid), ("status",), ("check",))
        ),
    ]
    octets = {"said": "\n".join(said).encode()}
    for place, _, names in os.walk(gateway.data):
        octets |= {
            path: Path(path).read_bytes() for path in (os.path.join(place, n) for n in names)
        }
    for name, content in octets.items():
        assert not [one for one in secrets if one.encode() in content], name
        if not os.path.basename(name).startswith("gateway.db"):
            assert b"argon2" not in content, name


def _fields(account):
    return {name: getattr(account, name) for name in account.__slots__}


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_folders_and_files_are_private(world):
    gateway, _ = world
    for place, _folders, names in os.walk(gateway.data):
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o700, place
        for name in names:
            mode = stat.S_IMODE(os.lstat(os.path.join(place, name)).st_mode)
            assert mode & 0o077 == 0, (place, name, oct(mode))


# Names, links and sizes ---------------------------------------------------------------------------


def test_what_is_refused_is_refused_with_a_reason(world):
    gateway, other = world
    outside = {path: path.stat().st_mtime_ns for path in gateway.folder().iterdir()}
    with gateway.session(other) as client:
        for name in (
            *("../mine.txt", "/../../x", "..", "a/b", "a\\b", "NUL", "com1.txt", "CON.log", "aux"),
            *("x" * 300, "x" * 201, "a:b", "history.log", "mine.txt.log", "a.", "a\x1b[2J"),
        ):
            with pytest.raises(ftplib.error_perm, match=r"^553 [a-zA-Z].{8,}\.$"):
                client.storbinary(f"STOR {name}", io.BytesIO(b"x"))
        assert client.nlst() == sorted(client.nlst())
    assert {path: path.stat().st_mtime_ns for path in outside} == outside


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")
def test_links_to_files_of_another_account_are_not_followed(world):
    """As somebody with rights on the folder may place them: for the answers, too."""
    gateway, other = world
    folder, secret = gateway.folder(other), gateway.folder() / "mine.txt.log"
    before = secret.read_bytes()
    (folder / "link.txt").symlink_to(secret)
    (folder / "twice.txt").hardlink_to(secret)
    (folder / "answered.txt.log").symlink_to(secret)
    (folder / "dir").symlink_to(gateway.folder())
    os.mkfifo(folder / "pipe.txt")
    with gateway.session(other) as client:
        client.voidcmd("TYPE I")
        for name in ("link.txt", "answered.txt.log", "dir", "dir/mine.txt.log", "pipe.txt"):
            for word in ("RETR", "SIZE", "RNFR", "DELE", "CWD"):
                assert reply(client, f"{word} {name}").startswith("550 "), (word, name)
        put(client, "answered.txt", other.file("text:Hi", "to:447700900207"))
    assert len(gateway.log("answered.txt", other)) == 1
    until(lambda: not (folder / "answered.txt.log").is_symlink())
    assert secret.read_bytes() == before
    until(lambda: _remarks(gateway) >= {"link.txt", "twice.txt", "pipe.txt"}, "no remarks", 20)
    assert (folder / "pipe.txt").exists()
    for name in ("link.txt", "twice.txt", "pipe.txt", "dir"):
        (folder / name).unlink()


def _remarks(gateway):
    return {name for (name,) in gateway.select("SELECT file FROM remark")}


def test_a_file_over_the_limit_is_cut_and_removed(world):
    """A client that would send 4 GB: it is stopped at the limit of 256 MB that nobody changed."""
    gateway, other = world
    sent, block = 0, bytes(1 << 20)
    with gateway.session(other, timeout=60) as client:
        client.voidcmd("TYPE I")
        with client.transfercmd("STOR huge.txt") as data, suppress(OSError):
            while sent < 4 * _GIGABYTE:
                data.sendall(block)
                sent += len(block)
        with pytest.raises(ftplib.Error, match=r"^55[0-9] .*larger"):
            client.voidresp()
        assert client.nlst() == [name for name in client.nlst() if name != "huge.txt"]
    assert sent < _GIGABYTE
    assert not list(gateway.data.rglob("huge.txt"))


def test_beside_a_folder_of_100_000_files_others_are_served(tmp_path):
    """As another server, or a copy, may fill it: more are refused, the gateway stays quick."""
    with Smsc(tmp_path / "smsc") as smsc, Gateway(tmp_path / "data", smsc.port) as gateway:
        other = gateway.add_account()
        with gateway.session(other):
            folder = gateway.folder(other)
        for n in range(_MANY):
            os.close(os.open(folder / f"{n}.txt", os.O_CREAT | os.O_WRONLY, 0o600))
        with gateway.session(other, timeout=30) as client:
            with pytest.raises(
                ftplib.Error, match="452 The folder is full: it may have 10000 files"
            ):
                client.storbinary("STOR more.txt", io.BytesIO(b"x"))
            assert len(client.nlst()) >= _MANY
            longest = 0.0
            end = time.monotonic() + 12  # the settle time passes, all of them are looked at
            while time.monotonic() < end:
                began = time.monotonic()
                name = f"{began:.3f}.txt"
                gateway.upload(name, gateway.account.file("text:Hi", "to:447700900208"))
                gateway.log(name)
                longest = max(longest, time.monotonic() - began)
        assert longest < 10
        assert "internal error" not in gateway.errors()
