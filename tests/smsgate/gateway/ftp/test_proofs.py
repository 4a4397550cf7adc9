"""What proves that an upload is complete, and what does not."""

from __future__ import annotations

import ftplib
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest
from gatewayftp import MESSAGE, PASSWORDS

from smsgate.errors import OutboxError
from smsgate.gateway.ftp.protocols import Cut

PROVEN = [("stored", "3001", "a.txt"), ("prove", "3001", "a.txt")]


def store(client, name="a.txt", octets=MESSAGE):
    client.storbinary(f"STOR {name}", io.BytesIO(octets))


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


# Renamed to its final name -----------------------------------------------------------------------


@pytest.mark.parametrize("name", [".a.tmp", "a.part", "upload.dat"])
def test_a_renamed_file_is_taken_before_the_reply(gateway, client, name):
    store(client, name)
    assert client.rename(name, "a.txt").startswith("250")
    assert gateway.taker.taken == {"a.txt": MESSAGE}  # no wait: the reply came after it
    assert gateway.taker.events[-1] == ("take", "3001", "a.txt")
    assert not any(event[0] == "prove" for event in gateway.taker.events)


def test_a_file_that_cannot_be_taken_can_be_renamed_again(gateway, client):
    store(client, ".a.tmp")
    gateway.taker.failing = [OSError(28, "full")]
    with pytest.raises(ftplib.error_temp, match=r"^451 .* try again"):
        client.rename(".a.tmp", "a.txt")
    assert client.nlst() == [".a.tmp"]
    assert client.rename(".a.tmp", "a.txt").startswith("250")
    assert gateway.taker.taken == {"a.txt": MESSAGE}
    gateway.told.clear()  # it told of the full disk


def test_temporary_names_are_taken_by_nothing_else(gateway, client):
    for name in (".a", "a.TMP", "a.part", "a.filepart", "a.crdownload"):
        store(client, name)
        client.voidcmd("NOOP")
    client.rename(".a", "b.uploading")
    client.quit()
    time.sleep(0.05)
    assert gateway.taker.events == []
    assert gateway.taker.taken == {}


# The control connection goes on ------------------------------------------------------------------


@pytest.mark.parametrize("command", ["NOOP", "PWD", "SIZE b.txt", "nonsense", "QUIT"])
def test_a_further_command_proves_it(gateway, client, command):
    store(client)
    assert gateway.taker.wait_for("stored", "3001", "a.txt")
    assert gateway.taker.taken == {}
    try:
        client.sendcmd(command)
    except ftplib.error_perm:
        pass
    assert gateway.taker.taken == {"a.txt": MESSAGE}
    assert gateway.taker.events == PROVEN


def test_the_next_upload_proves_the_last(gateway, client):
    for n in range(20):
        store(client, f"{n}.txt")
    assert set(gateway.taker.taken) == {f"{n}.txt" for n in range(19)}
    client.quit()
    assert len(gateway.taker.taken) == 20


@pytest.mark.parametrize("command", ["SIZE a.txt", "TYPE I", "PASV", "REST 5", "MDTM a.txt"])
def test_what_may_come_before_more_of_the_file_proves_nothing(gateway, client, command):
    store(client)
    client.sendcmd(command)
    assert gateway.taker.taken == {}
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_what_is_stored_again_is_not_taken_before(gateway, client):
    store(client, octets=b"half\n")
    store(client)
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_what_is_deleted_is_not_taken(gateway, client):
    store(client)
    client.delete("a.txt")
    client.quit()
    assert gateway.taker.taken == {}


def test_a_file_that_looks_cut_stays_for_the_settle_time(gateway, client):
    store(client, octets=MESSAGE[:-1])
    client.quit()
    assert gateway.taker.events == [("stored", "3001", "a.txt"), ("odd", "3001", "a.txt")]
    assert (gateway.folder() / "a.txt").read_bytes() == MESSAGE[:-1]


def both_at_once(gateway, client, *steps):
    """Do this while the server is busy, so that it sees all of it at once."""
    gateway.listener.ioloop.call_later(0, time.sleep, 0.3)
    time.sleep(0.2)
    for step in steps:
        step()
    assert {client.getresp()[:3] for _ in range(2)} <= {"200", "221", "226"}
    assert gateway.taker.taken == {}


@pytest.mark.parametrize("closed_first", [True, False])
def test_commands_sent_before_the_end_prove_nothing(gateway, client, closed_first):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE)
    steps = data.close, lambda: client.putcmd("NOOP")
    both_at_once(gateway, client, *(steps if closed_first else reversed(steps)))
    client.close()
    check_incomplete(gateway, MESSAGE, Cut.UNPROVEN)


@pytest.mark.parametrize("closed_first", [True, False])
def test_a_quit_before_the_end_leaves_it_to_the_settle_time(gateway, client, closed_first):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE)
    steps = data.close, lambda: client.putcmd("QUIT")
    both_at_once(gateway, client, *(steps if closed_first else reversed(steps)))
    gateway.wait_until(lambda: not gateway.listener.ip_map)
    assert gateway.taker.events == [("stored", "3001", "a.txt")]
    assert (gateway.folder() / "a.txt").exists()


# The client is lost ------------------------------------------------------------------------------


def check_incomplete(gateway, octets, *hows):
    gateway.taker.wait_for_cut("3001", "a.txt", len(octets), *(hows or (Cut.LOST,)))
    assert not any(event[0] in ("take", "prove") for event in gateway.taker.events)
    assert list(gateway.folder().iterdir()) == []
    assert (gateway.incoming() / "a.txt").read_bytes() == octets
    assert gateway.taker.taken == {}


def test_control_lost_after_the_reply(gateway, client):
    store(client)
    client.close()
    check_incomplete(gateway, MESSAGE, Cut.UNPROVEN)


def test_control_reset_after_the_reply(gateway, client):
    store(client)
    client.file.close()  # it would keep the socket open
    reset(client.sock)
    check_incomplete(gateway, MESSAGE, Cut.UNPROVEN)


def test_a_file_that_looked_cut_is_withdrawn_with_the_client(gateway, client):
    store(client, octets=MESSAGE[:-1])
    client.voidcmd("NOOP")
    client.close()
    check_incomplete(gateway, MESSAGE[:-1], Cut.UNPROVEN)


def test_control_lost_first(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    client.close()
    gateway.taker.wait_for("incomplete", "3001", "a.txt", 20, Cut.LOST)
    data.close()
    check_incomplete(gateway, MESSAGE[:20])


def test_data_reset(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    reset(data)
    with pytest.raises(ftplib.error_temp, match=r"426"):
        client.voidresp()
    client.quit()
    check_incomplete(gateway, MESSAGE[:20])


def test_abort(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    assert client.abort().startswith("426")
    assert client.getresp().startswith("226")
    data.close()
    client.quit()
    check_incomplete(gateway, MESSAGE[:20], Cut.ABORTED)


def test_abort_after_the_data_connection_was_closed(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    data.close()
    assert client.voidresp().startswith("226")
    assert client.abort().startswith("225")
    client.quit()
    check_incomplete(gateway, MESSAGE[:20], Cut.ABORTED)


_KILLED = """
import ftplib, sys
client = ftplib.FTP(timeout=10, encoding="utf-8")
client.connect("127.0.0.1", int(sys.argv[1]))
client.login("3001", sys.stdin.readline().strip())
data = client.transfercmd("STOR a.txt")
data.sendall(sys.argv[2].encode())
print("sent", flush=True)
sys.stdin.readline()
"""


def test_killed(gateway):
    arguments = [sys.executable, "-c", _KILLED, str(gateway.port), MESSAGE[:20].decode()]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        client.stdin.write(f"{PASSWORDS['3001']}\n".encode())
        client.stdin.flush()
        assert client.stdout.readline() == b"sent\n"
        gateway.wait_until(lambda: gateway.uploaded("a.txt") == 20)
        os.kill(client.pid, signal.SIGKILL)
    check_incomplete(gateway, MESSAGE[:20], Cut.LOST, Cut.UNPROVEN)  # whichever is seen first


def test_a_silent_transfer_ends(start):
    gateway = start(idle=0.3)
    client = gateway.client()
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    check_incomplete(gateway, MESSAGE[:20])
    assert client.getline().startswith("421")
    data.close()
    client.close()


def test_an_idle_client_is_sent_away_and_its_file_may_settle(start):
    gateway = start(idle=0.3)
    client = gateway.client()
    store(client)
    assert client.getline().startswith("421")
    client.close()
    gateway.wait_until(lambda: not gateway.listener.ip_map)
    assert gateway.taker.events == [("stored", "3001", "a.txt")]
    assert (gateway.folder() / "a.txt").exists()


def test_the_end_of_the_server_leaves_stored_files(gateway, client):
    store(client)
    data = gateway.transfer(client, "STOR b.txt", b"half")
    began = time.monotonic()
    gateway.server.close()
    assert time.monotonic() - began < 20
    data.close()
    assert gateway.taker.events[-1] == ("incomplete", "3001", "b.txt", 4, Cut.LOST)
    assert set(gateway.taker.taken) == {"a.txt"}


# Continued ---------------------------------------------------------------------------------------


def cut(gateway, octets=MESSAGE[:20]):
    client = gateway.client()
    data = gateway.transfer(client, "STOR a.txt", octets)
    reset(data)
    client.close()
    gateway.taker.wait_for("incomplete", "3001", "a.txt", len(octets), Cut.LOST)


def test_continued_with_appe(gateway, client):
    cut(gateway)
    client.voidcmd("TYPE I")
    assert client.size("a.txt") == 20
    assert client.nlst() == ["a.txt"]
    client.storbinary("APPE a.txt", io.BytesIO(MESSAGE[20:]))
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_continued_with_rest(gateway, client):
    cut(gateway, MESSAGE[:20] + b"old octets that were wrong, and many more of them")
    client.storbinary("STOR a.txt", io.BytesIO(MESSAGE[20:]), rest=20)
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_a_finished_file_is_continued(gateway, client):
    store(client, octets=MESSAGE[:20])
    client.storbinary("APPE a.txt", io.BytesIO(MESSAGE[20:]))
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_a_finished_file_is_out_of_view_while_it_is_continued(gateway, client):
    store(client, "other.dat", MESSAGE[:20])
    client.rename("other.dat", "a.part")
    gateway.transfer(client, "APPE a.part", MESSAGE[20:30]).close()
    assert client.voidresp().startswith("226")
    assert (gateway.folder() / "a.part").read_bytes() == MESSAGE[:30]


def test_rest_beyond_the_end(gateway, client):
    cut(gateway)
    with pytest.raises(ftplib.error_perm, match=r"^554 Cannot begin at 21: the file has 20 octets"):
        client.storbinary("STOR a.txt", io.BytesIO(b"x"), rest=21)
    with pytest.raises(ftplib.error_perm, match=r"550"):
        client.storbinary("STOR none.txt", io.BytesIO(b"x"), rest=21)


@pytest.mark.parametrize("again", ["STOR", "APPE", "REST"])
def test_half_a_file_is_renamed_only_when_it_was_completed(gateway, client, again):
    cut(gateway)
    with pytest.raises(ftplib.error_perm, match=r"^550 The upload was cut: send it again or"):
        client.rename("a.txt", "b.txt")
    with pytest.raises(ftplib.error_perm, match=r"^503"):
        client.sendcmd("RNTO b.txt")
    assert gateway.taker.taken == {}
    start = {"STOR": 0, "APPE": 20, "REST": 20}[again]
    command = "APPE" if again == "APPE" else "STOR"
    rest = start if again == "REST" else None
    client.storbinary(f"{command} a.txt", io.BytesIO(MESSAGE[start:]), rest=rest)
    client.rename("a.txt", "b.txt")
    assert gateway.taker.taken == {"b.txt": MESSAGE}


def test_who_has_asked_for_the_size_may_rename(gateway, client):
    store(client, ".a.tmp")
    client.putcmd("RNFR .a.tmp")
    client.close()  # as our upload may be lost, which then compares sizes
    gateway.taker.wait_for_cut("3001", ".a.tmp", len(MESSAGE), Cut.UNPROVEN)
    first, second = gateway.client(), gateway.client()
    first.voidcmd("TYPE I")
    assert first.size(".a.tmp") == len(MESSAGE)
    with pytest.raises(ftplib.error_perm, match=r"^550 The upload was cut"):
        second.rename(".a.tmp", "b.txt")
    first.rename(".a.tmp", "a.txt")
    assert gateway.taker.taken == {"a.txt": MESSAGE}
    first.quit()
    second.quit()


def test_a_size_of_before_does_not_count(gateway, client):
    cut(gateway)
    client.voidcmd("TYPE I")
    assert client.size("a.txt") == 20
    cut(gateway, MESSAGE[:30])
    with pytest.raises(ftplib.error_perm, match=r"^550 The upload was cut"):
        client.rename("a.txt", "b.txt")


def test_the_half_hides_a_whole_file_of_its_name_from_renaming(gateway, client):
    store(client, "a.part")
    client.voidcmd("NOOP")
    with gateway.transfer(client, "STOR a.part", MESSAGE[:20]) as data:
        client.close()
        gateway.taker.wait_for("incomplete", "3001", "a.part", 20, Cut.LOST)
        data.close()
    other = gateway.client()
    with pytest.raises(ftplib.error_perm, match=r"^550 The upload was cut"):
        other.rename("a.part", "a.txt")
    other.quit()


def test_half_a_file_can_be_deleted_or_begun_again(gateway, client):
    cut(gateway)
    client.delete("a.txt")
    assert client.nlst() == []
    cut(gateway)
    store(client)
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


# Others ------------------------------------------------------------------------------------------


def test_two_connections_do_not_store_one_file(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    other = gateway.client()
    for command in ("STOR", "APPE"):
        with pytest.raises(ftplib.error_temp, match=r"^450 Another connection is storing"):
            other.storbinary(f"{command} a.txt", io.BytesIO(b"x"))
    with pytest.raises(ftplib.error_perm, match=r"550"):
        other.delete("a.txt")
    data.sendall(MESSAGE[20:])
    data.close()
    client.voidresp()
    client.quit()
    other.close()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_a_silent_connection_loses_its_file_to_another(gateway, client, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.ftp.folders._STALLED", 0)
    data = gateway.transfer(client, "STOR a.txt", b"half")
    other = gateway.client()
    store(other)
    data.sendall(b"more")
    data.close()
    with pytest.raises(ftplib.error_temp, match=r"451"):
        client.voidresp()
    other.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_no_second_transfer_at_the_same_time(gateway, client):
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    for command in ("STOR b.txt", "PASV", "RETR a.txt", "USER 3002", "REIN"):
        with pytest.raises(ftplib.error_temp, match=r"450"):
            client.sendcmd(command)
    data.sendall(MESSAGE[20:])
    data.close()
    client.voidresp()
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


@pytest.mark.parametrize("octets", [MESSAGE, MESSAGE.replace(b"\n", b"\r\n"), b"a\rb\r", b""])
def test_ascii_mode_changes_nothing(gateway, client, octets):
    client.voidcmd("TYPE A")
    with client.transfercmd("STOR a.part") as data:
        data.sendall(octets)
    client.voidresp()
    assert (gateway.folder() / "a.part").read_bytes() == octets


def test_a_file_that_cannot_be_taken_is_no_internal_error(gateway, client):
    gateway.taker.failing = [OutboxError("cannot take a.txt: Disk A is full")]
    store(client)
    client.voidcmd("NOOP")
    assert gateway.told == ["FTP: cannot take a.txt: Disk A is full"]


def test_a_taker_that_fails_ends_nothing(gateway, client):
    gateway.taker.failing = [ValueError("broken")]
    store(client)
    client.voidcmd("NOOP")
    assert gateway.told == ["FTP: internal error: ValueError('broken')"]
    gateway.told.clear()
    assert (gateway.folder() / "a.txt").exists()
    store(client, "b.txt")
    client.quit()
    assert set(gateway.taker.taken) == {"b.txt"}
