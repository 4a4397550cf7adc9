"""What the gateway does when the disk, the database, the SMSC or the clock fail: nothing is lost.

- A full disk: uploads are refused or wait; they go on when there is room.
- A folder that cannot be written: the command says so and ends.
- Another process holds the database: files are taken, and everything else waits for it.
- The SMSC is down: messages wait, and those over their validity are not sent, and cost nothing.
- The clock is set back: what was accepted is sent, and what comes is accepted.
"""

from __future__ import annotations

import contextlib
import ftplib
import os
import sqlite3
import subprocess
import time
from collections import Counter

from command import COMMAND, environment
from disturbances import Clock, arrived, credit_is_right, free_port, lines, mounted, numbers
from gateways import Gateway, Smsc, until

from smsgate.gateway.states import State

# --- Disk -----------------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing(tmp_path):
    count, size = 12, 500
    with mounted(tmp_path / "disk", "size=96m") as disk, Smsc(tmp_path / "smsc") as smsc:
        gateway = Gateway(disk / "data", smsc.port)
        with gateway:
            ballast = disk / "ballast"
            refused = _fill(gateway, ballast, count, size)
            time.sleep(1.0)
            assert gateway.running
            ballast.unlink()
            for n in refused:
                gateway.upload(f"{n}.txt", _numbered(gateway, n, size))
            for n in range(count):
                assert _all_accepted(gateway, n, size)
            gateway.settled()
            credit_is_right(gateway)
        assert arrived(smsc) == numbers(0, count * size)


def _numbered(gateway, n, size):
    return gateway.account.file(*lines(n * size, size))


def _fill(gateway, ballast, count, size):
    """Take almost all room, and upload; returns the numbers of the files that were refused."""
    room = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes((room.f_bavail * room.f_frsize) - 60_000))
    refused = []
    for n in range(count):
        try:
            gateway.upload(f"{n}.txt", _numbered(gateway, n, size))
        except (ftplib.Error, OSError, EOFError):
            refused.append(n)
    assert refused
    return refused


def _all_accepted(gateway, n, size):
    """All are answered; while the disk is being cleared, a log may not be complete yet."""

    def complete():
        found = gateway.log(f"{n}.txt")
        return Counter(one.to for one in found if one.id) == numbers(n * size, size)

    until(complete, lambda: f"{n}: {gateway.log(f'{n}.txt')[:3]}; {gateway.errors()}")
    return True


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    with Gateway(made / "data", 9):
        pass
    with mounted(tmp_path / "disk", "bind,ro", kind="none", what=made) as disk:
        subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)
        words = ("gateway", "run", "--data", disk / "data", "--ftp-port", 0, "--http-port", 0)
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert str(disk / "data") in done.stderr


# --- Database -------------------------------------------------------------------------------------


def test_a_locked_database_is_waited_for(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc:
        with Gateway(tmp_path / "data", smsc.port) as gateway:
            gateway.upload("before.txt", gateway.account.file(*lines(0, 300)))
            with contextlib.closing(sqlite3.connect(gateway.data / "gateway.db")) as other:
                other.isolation_level = None
                other.execute("BEGIN EXCLUSIVE")
                gateway.upload("during.txt", gateway.account.file(*lines(300, 300)))
                assert len(gateway.status()["accounts"]) == 1
                time.sleep(6.0)  # more than SQLite waits
                assert gateway.running
                other.execute("ROLLBACK")
            for name in ("before.txt", "during.txt"):
                assert {one.state for one in gateway.log(name)} == {"accepted"}
            gateway.settled()
            until(lambda: len(gateway.log("during.txt")) == 300)
            credit_is_right(gateway)
        assert arrived(smsc) == numbers(0, 600)


# --- Message centre and clock ---------------------------------------------------------------------


def test_messages_wait_for_the_message_centre_an_hour(tmp_path):
    clock = Clock(tmp_path)
    smsc = Smsc(tmp_path / "smsc")
    smsc.port = free_port()
    with Gateway(tmp_path / "data", smsc.port, program=clock.program) as gateway:
        gateway.upload("day.txt", gateway.account.file(*lines(0, 50)))
        gateway.upload("minutes.txt", gateway.account.file(*lines(50, 50, "validity:30")))
        for name in ("day.txt", "minutes.txt"):
            assert {one.state for one in gateway.log(name)} == {"accepted"}
        time.sleep(1.0)
        assert gateway.status()["messages"]["waiting"] == 100
        clock.set(3600)
        with smsc:
            counts = gateway.settled()
            until(lambda: len(gateway.history()) >= 200, gateway.errors)
            credit_is_right(gateway)
            assert counts[State.EXPIRED] == 50
            final = {one.to: one.status for one in gateway.history()}
            assert Counter(final.values()) == {3: 50, 10: 50}
    assert arrived(smsc) == numbers(0, 50)


def test_a_message_centre_that_ends_and_starts_again_gets_the_rest(tmp_path):
    with Smsc(tmp_path / "smsc", "--chaos", "slow=0.3", "--slow-delay", "0.1") as smsc:
        with Gateway(tmp_path / "data", smsc.port) as gateway:
            gateway.upload("a.txt", gateway.account.file(*lines(0, 900)))
            until(lambda: gateway.counts()[State.SENT] > 100)
            smsc.end()
            time.sleep(0.5)
            smsc.start()
            counts = gateway.settled()
            credit_is_right(gateway)
            rows = gateway.select("SELECT recipient, state FROM message")
            unknown = {recipient for recipient, state in rows if state == State.UNKNOWN}
        found = arrived(smsc)
    assert set(found.values()) == {1}
    assert set(numbers(0, 900)) - set(found) <= unknown
    assert counts[State.SENT] + len(unknown) == 900


def test_a_gateway_that_stood_for_an_hour_sends_nothing_over_age(tmp_path):
    clock = Clock(tmp_path)
    smsc = Smsc(tmp_path / "smsc")
    smsc.port = free_port()
    gateway = Gateway(tmp_path / "data", smsc.port, program=clock.program).start()
    gateway.upload("a.txt", gateway.account.file(*lines(0, 20, "validity:30")))
    gateway.upload("b.txt", gateway.account.file(*lines(20, 20)))
    gateway.log("a.txt")
    gateway.log("b.txt")
    gateway.kill()
    clock.set(3600)
    with smsc, gateway:
        assert gateway.settled()[State.EXPIRED] == 20
        credit_is_right(gateway)
    assert arrived(smsc) == numbers(20, 20)


def test_a_clock_that_is_set_back_stops_nothing(tmp_path):
    clock = Clock(tmp_path)
    smsc = Smsc(tmp_path / "smsc")
    smsc.port = free_port()
    with Gateway(tmp_path / "data", smsc.port, program=clock.program) as gateway:
        gateway.upload("before.txt", gateway.account.file(*lines(0, 20)))
        gateway.log("before.txt")
        clock.set(-24 * 3600)
        gateway.upload("after.txt", gateway.account.file(*lines(20, 20)))
        assert len(gateway.log("after.txt")) == 20
        with smsc:
            assert gateway.settled()[State.SENT] == 40
            credit_is_right(gateway)
            lines_of_history = [one for one in gateway.history() if one.status == 3]
            until(lambda: len(gateway.history()) >= 80 or lines_of_history)
    assert arrived(smsc) == numbers(0, 40)


def test_orderly_ends_leave_nothing_unknown(tmp_path):
    chaos = ("--chaos", "slow=0.3", "--slow-delay", "0.3")
    with Smsc(tmp_path / "smsc", *chaos) as smsc:
        gateway = Gateway(tmp_path / "data", smsc.port)
        with gateway:
            for n in range(4):
                gateway.upload(f"{n}.txt", _numbered(gateway, n, 300))
        for n in range(1, 4):
            with gateway:
                until(lambda most=n * 150: gateway.counts()[State.SENT] > most)
            assert gateway.counts().keys() <= {State.SENT, State.WAITING}
        with gateway:
            for n in range(4):
                assert len(gateway.log(f"{n}.txt")) == 300
            assert gateway.settled() == {State.SENT: 1200}
            credit_is_right(gateway)
        assert arrived(smsc) == numbers(0, 1200)
