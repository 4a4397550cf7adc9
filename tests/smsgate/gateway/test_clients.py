"""Real FTP clients and servers before the gateway, pollers of its folder, and clients that die.

SMSENC_GATEWAY_CLIENTS is the number of clients that are killed in the middle of a transfer.
"""

from __future__ import annotations

import ftplib
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import daemons
import pytest
from command import smsenc
from ftpclients import CLIENTS
from ftpservers import PASSWORD, USER
from gateways import HOST, Gateway, Smsc, answers, by_number, put, until

from smsgate.gateway.states import State

KILLED = int(os.environ.get("SMSENC_GATEWAY_CLIENTS", "8"))
SETTLE = 1.0
WAYS = [(one, secure) for one in CLIENTS for secure in (False, True) if one.secure or not secure]


def config(folder, *more):
    """A gateway.toml with a short settle time."""
    path = folder / "given.toml"
    path.write_text("\n".join((f"[limits]\nsettle = {SETTLE}\n", *more)))
    return ("--config", path)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway; in the end its message centre has each message that it calls sent, once."""
    folder = tmp_path_factory.mktemp("gateway")
    with (
        Smsc(folder / "smsc") as smsc,
        Gateway(folder / "data", smsc.port, *config(folder)) as found,
    ):
        yield found
        found.settled()
    rows = found.select("SELECT recipient, state FROM message")
    assert {state for _, state in rows} <= {State.SENT, State.DELIVERED}
    arrived = Counter({to: len(parts) for to, parts in by_number(smsc.received()).items()})
    assert arrived == Counter(recipient for recipient, _ in rows)


@pytest.mark.parametrize(
    ("client", "secure"),
    WAYS,
    ids=[f"{one.name}-{'tls' if secure else 'plain'}" for one, secure in WAYS],
)
def test_a_client_uploads_and_its_file_is_answered(gateway, tmp_path, client, secure):
    name = f"{client.name}-{secure}.txt"
    path = tmp_path / name
    path.write_bytes(gateway.account.file("text:Hello", "to:447700900123"))
    client.put(gateway, path, secure=secure)
    (answer,) = gateway.log(name)
    assert (answer.to, answer.state) == ("447700900123", "accepted")


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("temporary", ["hidden", "suffix", "none"])
def test_our_upload_is_answered_and_our_log_reads_it(gateway, tmp_path, temporary, secure):
    account = gateway.account
    secrets = {
        "SMSENC_FTP_USER": account.ftp_user,
        "SMSENC_FTP_PASSWORD": account.ftp_password,
        "SMSENC_API_ID": account.api_id,
        "SMSENC_USER": account.user,
        "SMSENC_PASSWORD": account.password,
    }
    (tmp_path / "note.txt").write_text(f"Hello {temporary} {secure}")
    words = ("convert", "note.txt", "--to", "447700900123", "--to", "447700900124")
    assert smsenc(*words, cwd=tmp_path, env=secrets).returncode == 0
    to = ("--host", HOST, "--port", gateway.ftp_port, "--tls", "explicit" if secure else "none")
    ca = ("--ca-file", gateway.data / "ca.pem") if secure else ()
    sent = smsenc("upload", "outbox", *to, *ca, "--temporary", temporary, cwd=tmp_path, env=secrets)
    assert sent.returncode == 0, sent.stderr
    (name,) = (path.name for path in (tmp_path / "outbox").glob("*.txt"))
    assert [answer.state for answer in gateway.log(name)] == ["accepted"] * 2
    gateway.settled()
    read = smsenc("log", "outbox", *to, *ca, "--json", cwd=tmp_path, env=secrets)
    assert read.returncode == 0, read.stderr
    found = [json.loads(line) for line in read.stdout.splitlines()]
    assert {one.get("to") for one in found} >= {"447700900123", "447700900124"}


def test_the_same_upload_again_is_sent_once_and_other_content_again(gateway):
    octets = gateway.account.file("text:again", "to:447700900777")
    for _ in range(3):
        gateway.upload("again.txt", octets)
    gateway.upload("other.txt", octets)
    gateway.upload("again.txt", gateway.account.file("text:another", "to:447700900777"))
    gateway.log("other.txt")
    query = "SELECT count(*) FROM message WHERE recipient = '447700900777'"
    until(lambda: gateway.select(query) == [(3,)], lambda: str(gateway.select(query)))
    time.sleep(SETTLE)
    assert gateway.select(query) == [(3,)]


# --- Pollers --------------------------------------------------------------------------------------


class Poller(threading.Thread):
    """Copies all that is in a folder, again and again, as some other program might."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.ended = threading.Event()
        self.seen = {}

    def run(self):
        while not self.ended.is_set():
            for path in self.folder.iterdir():
                with suppress(OSError):
                    self.seen.setdefault(path.name, set()).add(path.read_bytes())
            time.sleep(0.001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


class Slow(io.BytesIO):
    """Octets that come in small pieces."""

    def read(self, size=-1):
        time.sleep(0.01)
        return super().read(min(size, 4096))


def test_a_poller_sees_whole_files_and_whole_lines(gateway):
    files = {f"slow{n}.txt": gateway.account.file(*wide_rows(8000 + n, 60)) for n in range(4)}
    with Poller(gateway.folder()) as poller:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda item: upload_slowly(gateway, *item), files.items()))
        for name in files:
            assert len(gateway.log(name)) == 60
    for name, contents in poller.seen.items():
        if name.endswith(".log"):
            assert all(octets.endswith(b"\n") or not octets for octets in contents), name
        elif name.startswith("slow"):
            assert contents <= {files[name]}, name


def upload_slowly(gateway, name, octets):
    with gateway.session() as client:
        client.storbinary(f"STOR {name}", Slow(octets), 4096)


def wide_rows(first, count):
    """Rows of about a kilobyte, most of it empty lines: few messages are many octets."""
    yield "text:#field1#"
    for n in range(count):
        yield "\n" * 1000 + f"csv:4475{first:05}{n:03},cell {n}"


# --- Clients that die -----------------------------------------------------------------------------

#: Says on stdout how far it is: "last" before its last octets, "done" after the answer to QUIT.
_DYING = """
import ftplib, sys, time
port, user, password, name, renamed = sys.argv[1:6]
octets = open(sys.argv[6], "rb").read()
client = ftplib.FTP()
client.connect("127.0.0.1", int(port), 20)
client.login(user, password)
target = "." + name + ".tmp" if renamed == "1" else name
client.voidcmd("TYPE I")
data = client.transfercmd("STOR " + target)
print("begun", flush=True)
for at in range(0, len(octets), 8192):
    if at + 8192 >= len(octets):
        print("last", flush=True)
    data.sendall(octets[at : at + 8192])
    time.sleep(0.01)
data.close()
client.voidresp()
if renamed == "1":
    client.rename(target, name)
    print("renamed", flush=True)
client.quit()
print("done", flush=True)
"""


def test_a_killed_client_sends_nothing_that_it_did_not_finish(gateway, tmp_path):
    account = gateway.account
    log_in = (gateway.ftp_port, account.ftp_user, account.ftp_password)
    ends = killed_clients(account, log_in, tmp_path, lambda n: n % 2)
    none_is_cut(gateway, ends)
    unfinished = [
        f"killed{n}.txt" for n, said in enumerate(ends) if "last" not in said and "begun" in said
    ]
    assert unfinished
    history = (gateway.folder() / "history.log").read_text("utf-8", "replace")
    assert [name for name in unfinished if name in history], history[-2000:]


ROWS = 200


def killed_clients(account, log_in, folder, renames):
    """Kill clients, each with a file of its own, at random moments; returns what they had said.

    ``log_in`` is a port, a user and a password; ``renames(n)`` says whether a client renames.
    """

    def killed(n):
        path = folder / f"killed{n}.txt"
        path.write_bytes(account.file(*wide_rows(n, ROWS)))
        return killed_client((*log_in, path.name, int(renames(n)), path), n)

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(killed, range(KILLED)))


def killed_client(words, n):
    process = subprocess.Popen(
        [sys.executable, "-c", _DYING, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    begun = process.stdout.readline()
    time.sleep(random.Random(f"client {n}").uniform(0, 0.45))
    process.kill()
    said = begun + process.communicate()[0]
    return said.split()


def none_is_cut(gateway, ends):
    """All or nothing of each file was sent, and nothing of those that their clients did not end."""
    ended = [n for n, said in enumerate(ends) if {"done", "renamed"} & set(said)]
    until(lambda: all(accepted(gateway)[n] for n in ended), gateway.errors)
    time.sleep(SETTLE + 1)  # by now a cut file would have been taken
    gateway.settled()
    count = accepted(gateway)
    for n, said in enumerate(ends):
        assert count[n] in (0, ROWS), (n, said, count[n])
        if "last" not in said:
            assert count[n] == 0, (n, said)
    assert [count[n] for n in ended] == [ROWS] * len(ended)


def accepted(gateway):
    """How many messages there are of the file of each client."""
    query = "SELECT substr(recipient, 5, 5), count(*) FROM message WHERE recipient LIKE '4475%'"
    return Counter({int(n): count for n, count in gateway.select(query + " GROUP BY 1")})


# --- Other FTP servers ----------------------------------------------------------------------------


SERVERS = pytest.mark.parametrize(
    "server", [daemons.vsftpd, daemons.proftpd], ids=["vsftpd", "proftpd"]
)


@contextmanager
def served_by(server, tmp_path):
    """A gateway, its folder, which another server serves, and the log-in of that."""
    served, spool = tmp_path / "served", tmp_path / "spool"
    for folder in (served, spool):
        folder.mkdir(mode=0o755)
    with Gateway(tmp_path / "data") as first:
        account = first.account
    table = f'[[account]]\napi-id = "{account.api_id}"\nfolder = "{served}"\nspool = "{spool}"\n'
    user = USER if server is daemons.proftpd else "anonymous"
    with (
        server(tmp_path, served) as port,
        Smsc(tmp_path / "smsc") as smsc,
        Gateway(tmp_path / "data", smsc.port, *config(tmp_path, table)) as gateway,
    ):
        gateway.account = account
        yield gateway, served, (port, user, PASSWORD)


@SERVERS
def test_another_server_serves_the_folder(tmp_path, server):
    with served_by(server, tmp_path) as (gateway, served, log_in):
        octets = gateway.account.file("text:Hello", *(f"to:44770090{n:04}" for n in range(50)))
        for renamed in (False, True):
            _upload(log_in, f"{renamed}.txt", octets, renamed=renamed)
        for renamed in (False, True):
            log = served / f"{renamed}.txt.log"
            until(log.exists, gateway.errors)
            until(lambda log=log: len(answers(log)) == 50)
            assert {one.state for one in answers(log)} == {"accepted"}
        assert gateway.settled()[State.SENT] == 100


@SERVERS
def test_before_another_server_a_killed_client_that_renames_sends_nothing_cut(tmp_path, server):
    """What does not end with a rename could be cut, and nobody could tell."""
    with served_by(server, tmp_path) as (gateway, _, log_in):
        ends = killed_clients(gateway.account, log_in, tmp_path, lambda _: True)
        none_is_cut(gateway, ends)
        assert [said for said in ends if "renamed" not in said]


def _upload(log_in, name, octets, *, renamed):
    port, user, password = log_in
    with ftplib.FTP() as client:  # noqa: S321 - on loopback
        client.connect(HOST, port, 20)
        client.login(user, password)
        if renamed:
            put(client, name, octets)
        else:
            client.storbinary(f"STOR {name}", io.BytesIO(octets))
