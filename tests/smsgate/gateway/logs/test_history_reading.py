"""``smsenc log`` reads what the gateway writes, over rotations and while it is written."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from command import records, smsenc
from ftpservers import HOST, LOG_IN, PASSWORD, USER, fill_outbox
from historyrows import NOW, event_row, file_row, made, message_row, put, uid

from smsgate.ftpclient.lognames import HISTORY
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.settings import Limits

SECRETS = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
FILES = 12
LATER = NOW + 400 * 86_400  # later than the upload, whatever the clock of the machine


@pytest.fixture
def gateway(tmp_path, remote):
    limits = replace(Limits(), history_size=1000, history_files=20)
    with (
        closing(made(tmp_path / "data")) as database,
        closing(HistoryWriter(database, lambda _: remote, limits)) as writer,
    ):
        yield database, writer


def test_the_command_reads_on_after_rotations(gateway, tmp_path, ftpd, remote):
    database, writer = gateway
    names = list(fill_outbox(tmp_path / "outbox", FILES))
    options = (tmp_path / "outbox", "--host", HOST, "--port", ftpd.port, "--tls", "none")
    assert smsenc("upload", *options, env=SECRETS).returncode == 0
    put(database, file=[file_row(n, name=name) for n, name in enumerate(names, 1)])
    put(database, message=[message_row(n, file=n) for n in range(1, FILES + 1)])
    for status, state in ((2, "accepted"), (3, "accepted"), (4, "delivered")):
        for n in range(1, FILES + 1):
            put(database, event=[event_row(n, status=status, time=LATER + n, charge=1_000_000)])
            asyncio.run(writer.write(NOW))
        rows = records(smsenc("log", *options, "--json", env=SECRETS))
        found = [(row["file"], row["id"], row["status"], row["state"]) for row in rows]
        assert found == [(name, uid(n), status, state) for n, name in enumerate(names, 1)]
        assert {row["charge"] for row in rows} == {"1.000000"}
    assert (remote / "history.log.3").exists()


def look(port, found):
    server = Server(host=HOST, port=port, security=Security.NONE, timeout=10)
    gateway = RetryingSession(
        lambda: Session(server, LOG_IN), (), threading.Event(), lambda _: None
    )
    with closing(gateway):
        LogReader(gateway, found, frozenset({"000001-note.txt"})).read()


def test_a_reader_that_looks_while_logs_are_written_reads_each_line_once(gateway, ftpd):
    database, writer = gateway
    put(database, file=[file_row(1)], message=[message_row(1)])
    ends, count = threading.Event(), 200

    def write():
        for n in range(count):
            put(database, event=[event_row(1, time=NOW + n)])
            asyncio.run(writer.write(NOW))
            ends.wait(0.02)
        ends.set()

    thread = threading.Thread(target=write)
    with LogRecords(None, f"{HOST}:21/") as found:
        thread.start()
        while not ends.is_set():
            look(ftpd.port, found)
        thread.join()
        look(ftpd.port, found)
        times = [row.answer.time for row in found.heard("000001-note.txt", HISTORY)]
    assert len(times) == count
    assert times == sorted(set(times))
