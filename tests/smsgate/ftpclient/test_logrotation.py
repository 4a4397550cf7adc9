"""A history that the gateway rotates: each line is read once, from whichever log it is in then."""

from __future__ import annotations

import random
import threading
from contextlib import closing

import pytest
from ftpservers import HOST, LOG_IN

from smsgate.ftpclient import logrotation
from smsgate.ftpclient.lognames import HISTORY
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.gateway.logs import rotation

FILE = "000001-note.txt"
KEPT = 5


class Log:
    """A history with numbered lines, and a reader of it."""

    def __init__(self, folder, port, records):
        self.path, self.port, self.records = folder / HISTORY, port, records
        self.count, self.kept = 0, KEPT

    def write(self, lines):
        with self.path.open("a") as log:
            for _ in range(lines):
                self.count += 1
                said = f"ID: {self.count:032x} To: 447700900123 status: 002"
                log.write(f"2026-11-28 10:00:00\t{FILE}\t{said}\n")

    def rotate(self):
        rotation.rotate(self.path, self.kept)
        self.path.touch()

    def read(self):
        server = Server(host=HOST, port=self.port, security=Security.NONE, timeout=10)
        gateway = RetryingSession(
            lambda: Session(server, LOG_IN), (), threading.Event(), lambda _: None
        )
        with closing(gateway):
            reader = LogReader(gateway, self.records, frozenset({FILE}))
            added = reader.read()
        assert reader.faults == []
        return added

    def check(self):
        heard = self.records.heard(FILE, HISTORY)
        assert [int(row.answer.id, 16) for row in heard] == list(range(1, self.count + 1))


@pytest.fixture
def log(ftpd, remote):
    with LogRecords(None, f"{HOST}:21/") as records:
        yield Log(remote, ftpd.port, records)


@pytest.mark.parametrize("between", [0, 3], ids=["nothing between", "lines between"])
@pytest.mark.parametrize("after", [0, 1, 30])
@pytest.mark.parametrize("rotations", [1, 2, 4])
def test_reading_goes_on_after_rotations(log, rotations, between, after):
    log.write(20)
    assert log.read()
    for _ in range(rotations):
        log.write(between)
        log.rotate()
    log.write(after)
    assert log.read() == bool(between or after)
    log.check()
    assert not log.read()
    log.write(2)
    log.rotate()
    assert log.read()
    log.check()


def test_the_first_reading_reads_older_logs_first(log):
    for _ in range(3):
        log.write(4)
        log.rotate()
    assert log.read()
    log.check()
    log.write(1)
    assert log.read()
    log.check()


def test_more_rotations_than_logs_are_kept_lose_only_what_is_gone(log):
    log.write(4)
    log.read()
    for _ in range(KEPT + 3):
        log.write(2)
        log.rotate()
    assert log.read()
    found = [int(row.answer.id, 16) for row in log.records.heard(FILE, HISTORY)]
    assert found == [1, 2, 3, 4, *range(log.count - 2 * KEPT + 1, log.count + 1)]


@pytest.mark.parametrize("at", range(1, 7))
@pytest.mark.parametrize("seen", [0, 5])
def test_a_rotation_between_two_commands_is_noticed(log, monkeypatch, seen, at):
    log.write(seen)
    if seen:
        log.read()
    log.write(3)
    log.rotate()
    log.write(3)
    log.rotate()
    log.write(3)
    calls = []

    def fetch(self, *args, **kwargs):
        calls.append(args)
        if len(calls) == at:
            log.rotate()
            log.write(3)
        return original(self, *args, **kwargs)

    original = Session.fetch
    monkeypatch.setattr(Session, "fetch", fetch)
    log.read()
    log.read()
    log.check()


def test_rotations_at_random_moments(log, monkeypatch):
    dice = random.Random(19)
    left = [0]

    def fetch(self, *args, **kwargs):
        if left[0] and dice.random() < 0.4:
            left[0] -= 1
            log.rotate()
            log.write(dice.randrange(1, 5))
        return original(self, *args, **kwargs)

    original = Session.fetch
    monkeypatch.setattr(Session, "fetch", fetch)
    log.kept = 12
    for _ in range(60):
        for _ in range(dice.randrange(3)):
            log.write(dice.randrange(9))
            log.rotate()
        left[0] = 2
        log.read()
    left[0] = 0
    log.read()
    log.check()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("history.log.1", "history.log"),
        ("HISTORY.LOG.12", "history.log"),
        ("mo.log.3", "mo.log"),
        ("history.log", None),
        ("history.log.0", None),
        ("history.log.1.gz", None),
        ("history.log.12345", None),
        ("xhistory.log.1", None),
    ],
)
def test_names_of_older_histories(name, expected):
    assert logrotation.rotated(name) == expected
