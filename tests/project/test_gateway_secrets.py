"""No password is in what the gateway and its commands print, record or answer, in any disguise.

That of a route is known to every command; one that is typed for an account, to the command that
reads it; those in message files are in the spool alone, which is private, as all of the folder is.
"""

from __future__ import annotations

import ftplib
import io
import json
import os
import re
import stat
from contextlib import suppress
from urllib.parse import quote

import httpx
import pytest
from command import NUMBER
from ftpservers import Pyftpd
from gateways import Gateway, until
from outboxes import message_files
from secretworld import (
    GATEWAY,
    KNOWN,
    NAMES,
    OWN,
    TEXTS,
    Looker,
    World,
    leaks,
    log_ins,
    outbox_of,
)

ROUTE = """
ftp.tls = "off"
[[route]]
name = "main"
smsc = "smpp://me@127.0.0.1:1"
"""
DATA = ("--data", "gw")


@pytest.fixture(params=["variables", "files"])
def world(tmp_path, request):
    """With the password of the route in a variable or a file, as those of the log-ins."""
    folder, remote = tmp_path / "here", tmp_path / "remote"
    folder.mkdir()
    remote.mkdir()
    settings = ROUTE
    environment = log_ins(tmp_path, request.param)
    if request.param == "variables":
        environment["SMSENC_SMPP_PASSWORD"] = GATEWAY
    else:
        (tmp_path / "route").write_text(f'user = "me"\npassword = "{GATEWAY}"\n')
        (tmp_path / "route").chmod(0o600)
        settings += 'password-file = "../route"\n'
    made = World(folder, environment, Pyftpd(remote))
    made.write("gateway.toml", settings)
    yield made
    made.check()


def process_of(world):
    """The gateway as a process, which reads gateway.toml."""
    config = ("--config", world.folder / "gateway.toml")
    return Gateway(world.folder / "gw", None, *config, **world.environment)


def test_settings_of_the_gateway(world):
    tables = ("ftp", "http", "limits", "callback", "node", "[route]", "[account]", "[number]")
    keys = ("host", "name", "smsc", "folder", "certificate", "password", "password-env", "x")
    keys += ("database", "callback", "callback-password-file", "roles", "numbers", "keyword")
    for n, text in enumerate(KNOWN):
        told = json.dumps(text)
        rows = [f"[{one}]\n{told} = {told}\n" for one in tables]
        rows += [f"{keys[(n + m) % len(keys)]} = {told}\n{row}" for m, row in enumerate(rows)]
        rows.append(
            f'[[route]]\nname = "a"\nsmsc = "smpp://me:{text}@127.0.0.1"\n'.replace("\0", "")
        )
        world.write("wrong.toml", "".join(rows) if n % 2 else rows[n % len(rows)])
        for command in ("check", "run"):
            world.run("gateway", command, *DATA, "--config", "wrong.toml", codes=[2, 3])
    for text in NAMES:
        for table, key, url in (
            ("", "database", "postgresql+asyncpg://me:{}@127.0.0.1:1/b"),
            ('[[account]]\napi-id = "1"\n', "callback", "https://me:{}@127.0.0.1:1/b"),
        ):
            world.write("wrong.toml", f"{table}{key} = {json.dumps(url.format(text))}\n")
            world.run("gateway", "check", *DATA, "--config", "wrong.toml", codes=[2, 3])
        world.write("wrong.toml", f"= {text}\n")
        world.run("gateway", "check", *DATA, "--config", "wrong.toml", codes=[3])
        world.run("gateway", "run", *DATA, "--config", "none", "--route", text, codes=[2])
        world.run("gateway", "run", "--data", text, "--route", f"smpp://me:{text}@x", codes=[2])


def test_commands_of_the_gateway(world):
    """Every argument is a password, and so are the texts that the database has."""
    with process_of(world):
        pass
    everything = " ".join(NAMES)
    for text in NAMES:
        for words in (
            ("account", "add", "--api-id", text),
            ("account", "credit", text, "5"),
            ("account", "close", text),
            ("account", "password", text, "--generate"),
            ("route", "pause", text),
            ("message", "show", text),
            ("message", "cancel", text),
            ("message", "resend", text),
            ("message", "delay", text, "--minutes", "5"),
            ("message", "delay", "x", "--until", text),
            ("message", "cancel", "--account", text, "--file", text, "--yes"),
            ("account", "pause", text),
            ("queue", "resume", "3", "--account", text),
            ("account", "freeze", text),
            ("route", "explain", text),
            ("route", "explain", NUMBER, "--features", text),
            ("callback", "retry", text),
            ("callback", "test", "--account", text),
            ("reply", "list", "--since", text),
            ("reply", "assign", text, "1"),
            ("optout", "add", text),
            ("optout", "remove", NUMBER, "--account", text),
            ("optout", "add", "--file", text),
            ("user", "add", text, "--role", "admin", "--account", text),
            ("user", "add", "anna", "--role", text),
            ("user", "add", "anna", "--role", "owner", "--account", text),
            ("user", "role", text, "--role", "reader"),
            ("user", "password", text, "--generate"),
            ("user", "disable", text),
            ("user", "enable", text),
            ("user", "remove", text),
        ):
            world.run("gateway", *words, *DATA, codes=[2, 3])
        for words in (("status",), ("drain",), ("account", "list")):
            world.run("gateway", *words, "--data", text, codes=[2, 3])
        world.run("gateway", "check", "--data", text, codes=[0, 2, 3])  # not started yet
        world.run("gateway", text, codes=[2])
    for n, text in enumerate(NAMES[::2], 100):
        added = world.run("gateway", "account", "add", "--api-id", n, "--user", text, *DATA)
        if added.returncode == 0:
            world.run("gateway", "account", "credit", n, "1", "--note", everything, *DATA)
    for n, text in enumerate(TEXTS[::3]):
        words = ("gateway", "account", "password", "100", *DATA, *("--ftp",) * (n % 2))
        world.run(*words, stdin=f"{text}\n", codes=[0, 2])
    for n, text in enumerate(TEXTS[::3]):
        words = ("user", "add", f"user{n}", "--role", "reader", "--type", *DATA)
        world.run("gateway", *words, stdin=f"{text}\n", codes=[0, 2])
        words = ("user", "password", "admin", *DATA)
        world.run("gateway", *words, stdin=f"{text}\n", codes=[0, 2])
    for words in (("account", "list"), ("user", "list"), ("route", "list"), ("status",)):
        world.run("gateway", *words, *DATA, codes=[0])
        world.run("gateway", *words, *DATA, "--json", codes=[0])
    world.run("gateway", "check", *DATA, "--config", "gateway.toml", codes=[0])
    assert not leaks(hashes(world))


def hashes(world):
    """What the database has in place of passwords."""
    tables = ("password_hash, ftp_password_hash FROM account", "password_hash FROM page_user")
    return repr([process_of(world).select(f"SELECT {one}") for one in tables]).encode()


def log_in_to_pages(gateway):
    """With passwords in each field, and at last with the right one; its session goes on."""
    base = f"http://127.0.0.1:{gateway.http_port}"
    with httpx.Client(base_url=base, timeout=30) as client:
        csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/login").text)[1]
        for text in TEXTS[::5]:
            given = {"name": text, "password": text, "next": text, "csrf": csrf}
            assert client.post("/login", data=given).status_code in {403, 429}
            client.post("/login", data=given | {"csrf": text})
            client.get("/none", params={"a": text}, headers={"Host": quote(text)})
        admin = gateway.ready["admin"]
        given = {"name": admin["user"], "password": admin["password"], "csrf": csrf}
        assert client.post("/login", data=given).is_redirect
        token = client.cookies["smsenc-session"]
    rows = gateway.select("SELECT digest FROM page_session")
    assert len(rows) == 1
    assert token not in repr(rows)


def test_a_gateway_that_runs(world):
    """Its answers and errors; and others can never read a file of its folder."""
    outbox = world.folder / outbox_of(world)
    before = os.umask(0)
    gateway = process_of(world)
    try:
        with gateway, Looker(world.folder / "gw") as looker:
            right = gateway.account.file(f"text:{OWN}", f"to:{NUMBER}", f"to:{GATEWAY}")
            gateway.upload("right.txt", right)
            for path in message_files(outbox)[::3]:
                gateway.upload(path.name, path.read_bytes())
            for text in NAMES[
                ::2
            ]:  # names are the user's own: only what is shown of them is looked at
                with suppress(ftplib.Error, EOFError, ValueError), gateway.session() as client:
                    client.storbinary(f"STOR {text}.txt", io.BytesIO(right))
            log_in_to_pages(gateway)
            until(gateway.counts)
            uid = gateway.select("SELECT uid FROM message")[0][0]
            gateway.log("000900-note.txt")
            for words in ((), ("--json",)):
                world.run("gateway", "message", "show", uid, *DATA, *words, codes=[0])
                world.run("gateway", "status", *DATA, *words, codes=[0])
    finally:
        os.umask(before)
    assert (looker.seen > 0, looker.open) == (True, set())
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (world.folder / "gw").rglob("*")}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    world.shown["stderr"] = gateway.errors()
    # What a client wrote comes back to it as it is: a mask would tell it that it guessed a secret.
    logs = list((world.folder / "gw" / "accounts").rglob("*.log"))
    assert "history.log" in {path.name for path in logs}
    own = (gateway.account.password, gateway.account.ftp_password)
    own += (gateway.ready["admin"]["password"],)
    for path in filter(os.path.isfile, (world.folder / "gw").rglob("*")):
        assert not any(one.encode() in path.read_bytes() for one in own), path
