"""Faults of servers and networks, each made real: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from command import smsenc
from ftpservers import (
    HOST,
    LOG_IN,
    PASSWORD,
    USER,
    Proxy,
    Pyftpd,
    Watcher,
    contents,
    fill_outbox,
    message,
    visible,
    wait_for_octets,
)
from outboxes import forget

from converters.errors import GuardError
from smsgate.errors import GatewayLostError
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import Hooks, Options, upload
from smsgate.outbox.files import State

IMPATIENT = Options(pauses=())
QUICK = Options(pauses=(0, 0, 0))
SECRETS = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}


def plain(port, **more):
    return Server(host=HOST, port=port, security=Security.NONE, **more)


def states(result):
    return [file.state for file in result.files]


def reasons(result):
    return [file.reason for file in result.files]


class Sleeps(list):
    """Pauses that are written down and not made."""

    def __call__(self, seconds):
        self.append(seconds)


# The network -----------------------------------------------------------------------------------


def octets_of_a_run(tmp_path, remote):
    with Pyftpd(remote) as server, Proxy(server.port) as proxy:
        upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
        return proxy.passed


STEP = 31  # octets between two cuts


def test_a_connection_cut_anywhere_costs_nothing(tmp_path):
    files = fill_outbox(tmp_path / "outbox", 3)
    first, remote = tmp_path / "first", tmp_path / "remote"
    first.mkdir()
    remote.mkdir()
    whole = octets_of_a_run(tmp_path, first)
    assert whole > 1000
    with Pyftpd(remote) as server:
        for limit in range(0, whole, STEP):
            server.renamed.clear()
            for path in remote.iterdir():
                path.unlink()
            forget(tmp_path / "outbox")
            with Proxy(server.port, limit) as proxy:
                result = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
            assert proxy.cuts, limit
            assert states(result) == [State.DONE] * 3, (limit, result)
            assert server.renamed == list(files), limit
            assert visible(remote) == files, limit


def test_half_a_file_is_continued(tmp_path, ftpd, remote):
    files = fill_outbox(
        tmp_path / "outbox", 1, lambda n: message(n) + b"to:447700900124\n" * 40_000
    )
    with Proxy(ftpd.port, 400_000, before_cut=lambda: wait_for_octets(remote, 300_000)) as proxy:
        result = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
        assert proxy.cuts == 1
        assert proxy.passed < 1_030_000  # 400 000 before the cut; the whole again would be 640 000
    assert states(result) == [State.DONE]
    assert contents(remote) == files
    assert (ftpd.asked.count("REST"), ftpd.asked.count("STOR")) == (1, 2)


def test_a_server_that_cannot_continue_gets_the_whole_again(tmp_path, ftpd, remote):
    files = fill_outbox(
        tmp_path / "outbox", 1, lambda n: message(n) + b"to:447700900124\n" * 40_000
    )
    ftpd.answers["REST"] = ["502 Command not implemented."]
    with Proxy(ftpd.port, 400_000) as proxy:
        result = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
    assert states(result) == [State.DONE]
    assert contents(remote) == files


def test_a_rename_whose_answer_was_lost_is_found_done(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 3)
    with Proxy(ftpd.port, lose=lambda chunk: b"250 Renaming" in chunk) as proxy:
        result = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
    assert proxy.cuts == 1
    assert states(result) == [State.DONE] * 3
    assert ftpd.renamed == list(files)
    assert contents(remote) == files


class Eager:
    """A gateway that takes each file in the moment when it gets its final name."""

    taken: list[str]

    def ftp_RNTO(self, path):  # noqa: N802 - pyftpdlib's
        done = super().ftp_RNTO(path)
        self.taken.append(Path(path).name)
        Path(path).unlink()
        return done


def test_a_file_under_neither_name_is_unknown_and_not_sent_again(tmp_path, remote):
    files = fill_outbox(tmp_path / "outbox", 3)
    with Pyftpd(remote, mixins=(Eager,), taken=[]) as server:
        with Proxy(server.port, lose=lambda chunk: b"250 Renaming" in chunk) as proxy:
            result = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
            again = upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
        assert server.handler.taken == list(files)
    for run in (result, again):
        assert states(run) == [State.UNKNOWN, State.DONE, State.DONE]
        assert "neither name" in reasons(run)[0]
    assert (result.sent, again.sent) == (2, 0)


def test_an_unknown_file_that_the_log_has_settled_is_done(tmp_path, remote):
    name, other = fill_outbox(tmp_path / "outbox", 2)
    with (
        Pyftpd(remote, mixins=(Eager,), taken=[]) as server,
        Proxy(server.port, lose=lambda chunk: b"250 Renaming" in chunk) as proxy,
    ):
        upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
        options = (tmp_path / "outbox", "--host", HOST, "--port", proxy.port, "--tls", "none")
        assert smsenc("upload", *options, env=SECRETS).returncode == 5
        said = f"ID: {'0' * 32} To: 447700900123 status: 004"
        late = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        (remote / "history.log").write_text(f"{late}\t{name}\t{said}\n")
        assert "1 delivered" in smsenc("log", *options, env=SECRETS).stderr
        done = smsenc("upload", *options, env=SECRETS)
        resent = upload(
            tmp_path / "outbox", plain(proxy.port), LOG_IN, Options(pauses=(), resend=True)
        )
    assert done.returncode == 0
    assert f"{name}: done: the gateway has answered it (smsenc log)" in done.stderr
    assert states(resent) == [State.DONE] * 2
    assert server.handler.taken == [name, other]


def test_an_answer_about_an_earlier_file_of_the_name_settles_nothing(tmp_path, remote):
    (name,) = fill_outbox(tmp_path / "outbox", 1)
    with (
        Pyftpd(remote, mixins=(Eager,), taken=[]) as server,
        Proxy(server.port, lose=lambda chunk: b"250 Renaming" in chunk) as proxy,
    ):
        upload(tmp_path / "outbox", plain(proxy.port), LOG_IN, QUICK)
        options = (tmp_path / "outbox", "--host", HOST, "--port", proxy.port, "--tls", "none")
        said = f"ID: {'0' * 32} To: 447700900123 status: 004"
        (remote / "history.log").write_text(f"2007-01-01 00:00:00\t{name}\t{said}\n")
        smsenc("log", *options, env=SECRETS)
        assert smsenc("upload", *options, env=SECRETS).returncode == 5


def test_a_data_channel_that_is_refused_is_tried_again(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    ftpd.answers["PASV"] = [f"227 Entering passive mode (127,0,0,1,{port >> 8},{port & 255})."] * 2
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, QUICK)
    assert states(result) == [State.DONE] * 2
    assert contents(remote) == files


def test_nobody_at_the_port(tmp_path):
    fill_outbox(tmp_path / "outbox", 2)
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    sleeps = Sleeps()
    result = upload(tmp_path / "outbox", plain(port), LOG_IN, Options(), Hooks(sleep=sleeps))
    assert sleeps == [1, 2, 4, 8, 16]
    assert isinstance(result.stopped, GatewayLostError)
    assert f"cannot connect to 127.0.0.1:{port}/: " in str(result.stopped)
    assert states(result) == [State.PLANNED] * 2


# The server ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "answer", "pauses"),
    [
        ("STOR", "421 Going down.", [1, 2]),
        ("STOR", "425 No data connection.", [1, 2]),
        ("STOR", "450 Busy.", [1, 2]),
        ("STOR", "452 Not enough space.", [1, 2]),
        ("SIZE", "450 Busy.", [1]),  # two answers to one lot of questions
        ("RNFR", "450 Busy.", [1, 2]),
        ("RNTO", "451 Local trouble.", [1, 2]),
        ("RNTO", "", [1, 2]),
        ("STOR", "", [1, 2]),
        ("PASS", "421 Too many connections.", [1, 2]),
        ("STOR", "nonsense", [1, 2]),
    ],
)
def test_trouble_that_passes_costs_nothing(tmp_path, ftpd, remote, *, command, answer, pauses):
    files = fill_outbox(tmp_path / "outbox", 3)
    ftpd.answers[command] = [answer] * 2
    sleeps = Sleeps()
    where = plain(ftpd.port, timeout=0.4)
    result = upload(tmp_path / "outbox", where, LOG_IN, Options(), Hooks(sleep=sleeps))
    assert sleeps == pauses
    assert states(result) == [State.DONE] * 3
    assert ftpd.renamed == list(files)
    assert visible(remote) == files


@pytest.mark.parametrize(
    ("command", "answer", "times"),
    [
        ("STOR", "552 Quota.", 1),
        ("STOR", "553 No.", 2),  # the hidden name, and the one with a suffix
        ("RNTO", "553 No.", 1),
    ],
)
def test_a_file_that_is_refused_stops_no_other(tmp_path, ftpd, remote, *, command, answer, times):
    files = fill_outbox(tmp_path / "outbox", 3)
    ftpd.answers[command] = [answer] * times
    sleeps = Sleeps()
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, Options(), Hooks(sleep=sleeps))
    assert (sleeps, result.stopped) == ([], None)
    assert states(result) == [State.REFUSED, State.DONE, State.DONE]
    assert answer in reasons(result)[0]
    assert sorted(contents(remote)) == list(files)[1:]
    again = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, IMPATIENT)
    assert (again.sent, states(again)) == (1, [State.DONE] * 3)
    assert contents(remote) == files
    assert sorted(ftpd.renamed) == sorted(files)


def test_a_file_that_stays_busy_is_left_and_stops_no_other(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 3)
    ftpd.answers["STOR"] = ["450 Busy."] * 3
    sleeps = Sleeps()
    result = upload(
        tmp_path / "outbox", plain(ftpd.port), LOG_IN, Options(pauses=(1, 2)), Hooks(sleep=sleeps)
    )
    assert sleeps == [1, 2]
    assert states(result) == [State.SENDING, State.DONE, State.DONE]
    assert [file.name for file in result.left] == list(files)[:1]
    assert upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, IMPATIENT).sent == 1
    assert visible(remote) == files


def test_a_log_in_that_is_refused_is_tried_once(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 2)
    wrong = LogIn(user="fleet", password="wr0ng-password")
    ftpd.answers["PASS"] = ["530 No log-in with wr0ng-password."]
    result = upload(tmp_path / "outbox", plain(ftpd.port), wrong, Options(connections=4))
    assert str(result.stopped) == ("cannot log in: 530 No log-in with ***.")
    assert result.stopped.reply == 530
    assert ftpd.asked.count("PASS") == 1
    assert states(result) == [State.PLANNED] * 2


def test_a_server_that_ends_for_each_file_is_left(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 60)
    ftpd.answers["STOR"] = ["421 Going down."] * 1000
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, QUICK)
    assert result.stopped is not None
    assert len(result.left) == 60
    assert ftpd.asked.count("STOR") <= 10


def test_a_slow_server_is_left_after_the_time_limit(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 5)
    ftpd.answers["STOR"] = [""] * 1000
    start = time.monotonic()
    result = upload(tmp_path / "outbox", plain(ftpd.port, timeout=0.2), LOG_IN, IMPATIENT)
    assert time.monotonic() - start < 5
    assert "no answer in 0.2 s" in str(result.stopped)


def test_a_server_that_is_restarted(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 200)

    def restart(file):
        if file.name == list(files)[100] and file.state is State.DONE:
            ftpd.stop()
            ftpd.start()

    result = upload(
        tmp_path / "outbox",
        plain(ftpd.port),
        LOG_IN,
        Options(connections=2, pauses=(0.05,) * 20),
        Hooks(progress=restart),
    )
    assert states(result) == [State.DONE] * 200
    assert sorted(ftpd.renamed) == sorted(files)
    assert visible(remote) == files


def test_a_disk_that_is_full(tmp_path, remote):
    tool = shutil.which("mount")
    made = tool and subprocess.run(
        [tool, "-t", "tmpfs", "-o", "size=64k", "smsenc-test", remote], check=False
    )
    if not made or made.returncode:
        pytest.skip("a small file system cannot be mounted here (mount -t tmpfs)")
    try:
        files = fill_outbox(
            tmp_path / "outbox", 8, lambda n: message(n) + b"to:447700900124\n" * 1000
        )
        with Pyftpd(remote) as server:
            where = plain(server.port)
            result = upload(tmp_path / "outbox", where, LOG_IN, QUICK)
            some = visible(remote)
            assert 0 < len(some) < 8
            assert some.items() <= files.items()
            assert len(result.of(State.DONE)) == len(some)
            for _ in range(5):
                for path in remote.iterdir():  # the gateway takes what is ready
                    if path.name[0] != ".":
                        path.unlink()
                result = upload(tmp_path / "outbox", where, LOG_IN, QUICK)
            assert states(result) == [State.DONE] * 8
            assert sorted(server.renamed) == sorted(files)
    finally:
        subprocess.run(["umount", remote], check=True)


# Commands written together ---------------------------------------------------------------------


class Swallowing:
    """Takes the first of the lines that arrive together, and loses the others."""

    def recv(self, size):
        octets = super().recv(size)
        return octets[: octets.find(b"\n") + 1]


class Closing:
    """Hangs up on whoever does not wait for an answer."""

    def recv(self, size):
        octets = super().recv(size)
        if octets.count(b"\n") < 2:
            return octets
        self.close()
        return b""


class Disordered:
    """Takes the last of the lines that arrive together first."""

    def recv(self, size):
        return b"".join(reversed(super().recv(size).splitlines(keepends=True)))


@pytest.mark.parametrize("trait", [Swallowing, Closing, Disordered])
@pytest.mark.parametrize("connections", [1, 2])
def test_a_server_that_wants_one_command_at_a_time(tmp_path, remote, trait, connections):
    files = fill_outbox(tmp_path / "outbox", 80)
    sleeps = Sleeps()
    options = Options(connections=connections)
    with Pyftpd(remote, mixins=(trait,)) as server:
        where = plain(server.port, timeout=1)
        result = upload(tmp_path / "outbox", where, LOG_IN, options, Hooks(sleep=sleeps))
    assert states(result) == [State.DONE] * 80
    assert sleeps == [1] * connections  # once each, and never again
    assert sorted(server.renamed) == list(files)
    assert server.asked.count("STOR") == 80
    assert contents(remote) == files


def test_a_connection_cut_within_a_lot_costs_nothing(tmp_path, remote):
    """Parts and lots: each answer to commands written together is the last one that arrives."""
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    files = {f"00000{n}-card.p{part}-2.txt": message(n) for n in (1, 2) for part in (1, 2)}
    for name, octets in files.items():
        (outbox / name).write_bytes(octets)
    answers = [b"213 ", b"550 ", b"350 ", b"250 Renaming"]
    with Pyftpd(remote) as server:
        for answer in answers:
            for count in range(1, 5):
                server.renamed.clear()
                seen = iter(range(count, 0, -1))

                def lose(chunk, answer=answer, seen=seen):
                    return any(next(seen, 0) == 1 for _ in range(chunk.count(answer)))

                with Proxy(server.port, lose=lose) as proxy:
                    result = upload(outbox, plain(proxy.port), LOG_IN, QUICK)
                assert proxy.cuts == 1, (answer, count)
                assert states(result) == [State.DONE] * 4, (answer, count, result)
                assert server.renamed == list(files), (answer, count)
                assert visible(remote) == files
                for path in remote.iterdir():
                    path.unlink()
                forget(outbox)


# Certificates ----------------------------------------------------------------------------------


def served(certificate, remote):
    return Pyftpd(remote, security="explicit", certificate=str(certificate))


def certificate(folder, names=(HOST,), **more):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "own-ca.pem")
    issued = authority.issue_cert(*names, **more)
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "own.pem")
    return folder / "own-ca.pem", folder / "own.pem"


@pytest.mark.parametrize(
    ("names", "more", "trusted", "found"),
    [
        ((HOST,), {}, False, "certificate unable to get local issuer certificate"),
        (("gateway.example",), {}, True, "certificate ip address mismatch"),
        ((HOST,), {"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, True, "certificate has expired"),
    ],
    ids=["of an unknown authority", "for another host", "expired"],
)
def test_a_certificate_that_does_not_hold(tmp_path, remote, *, names, more, trusted, found):
    fill_outbox(tmp_path / "outbox", 1)
    authority, pem = certificate(tmp_path, names, **more)
    with served(pem, remote) as server:
        where = Server(host=HOST, port=server.port, ca_file=authority if trusted else None)
        result = upload(tmp_path / "outbox", where, LOG_IN)
        assert found in str(result.stopped).lower()
        assert ("with --ca-file" in str(result.stopped)) is not trusted
        assert not {"USER", "PASS"} & set(server.asked)
        unchecked = Server(host=HOST, port=server.port, verify=False)
        result = upload(tmp_path / "outbox", unchecked, LOG_IN)
    assert states(result) == [State.DONE]
    assert "not checked" in result.warnings[0]


# The client ------------------------------------------------------------------------------------

CLIENT = """\
import sys
from smsgate.ftpclient import login
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import Options, upload
import os
from pathlib import Path
outbox, port = sys.argv[1:]
server = Server(host="127.0.0.1", port=int(port), security=Security.NONE)
log_in = login.find(os.environ, server.host)
print("ready", flush=True)
# So slowly that no moment at which it is killed comes after its end.
result = upload(Path(outbox), server, log_in, Options(connections=2, limit_rate=10_000))
print(log_in, server, result, flush=True)
"""


def client(outbox, port):
    environment = os.environ | {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(outbox), str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_client_that_is_killed_at_any_moment_sends_everything_once(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 400)
    moments = random.Random(20)
    killed = 0
    with Watcher(remote, files) as watcher:
        for _ in range(20):
            with client(tmp_path / "outbox", ftpd.port) as process:
                assert process.stdout.readline() == "ready\n"
                time.sleep(moments.uniform(0, 0.12))
                process.kill()
            killed += process.returncode == -signal.SIGKILL
        result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, QUICK)
    assert killed == 20
    assert states(result) == [State.DONE] * 400
    assert sorted(ftpd.renamed) == sorted(files)
    assert visible(remote) == files
    assert watcher.incomplete == []


def test_the_password_is_nowhere(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 50)
    with client(tmp_path / "outbox", ftpd.port) as process:
        process.stdout.readline()
        arguments = Path(f"/proc/{process.pid}/cmdline")
        listed = arguments.read_bytes() if arguments.exists() else b""
        printed = process.stdout.read()
    assert "state=<State.DONE: 'done'>" in printed
    kept = b"".join(path.read_bytes() for path in (tmp_path / "outbox/.smsenc").iterdir())
    assert b"000001-note.txt" in kept
    assert PASSWORD not in printed
    for octets in (kept, listed):
        assert PASSWORD.encode() not in octets


def test_two_uploads_at_once(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1)
    held = []

    def second(_):
        try:
            upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
        except GuardError as error:
            held.append(str(error))

    upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, IMPATIENT, Hooks(progress=second))
    assert "another run is using this outbox" in held[0]
    assert ftpd.renamed == ["000001-note.txt"]
