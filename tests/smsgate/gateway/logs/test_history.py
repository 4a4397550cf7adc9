"""history.log: what it says, to whom, and what becomes of a log that its client touches."""

from __future__ import annotations

import asyncio
import os
import stat
import string
import tempfile
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from historyrows import NOW, NUMBER, event_row, file_row, made, message_row, put, remark_row, uid
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from smsenc.messagefile.logs import Answer, answer, read_answers
from smsgate.gateway import tables
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.settings import Limits

FILE = "000001-note.txt"
LIMITS = Limits()


@contextmanager
def gateway(root, limits=LIMITS, accounts=(1,), database=None):
    """A database, one of SQLite if none is given, and a writer with a folder for each account."""
    folders = {one: root / f"account{one}" for one in accounts}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    with (
        nullcontext(database) if database else closing(made(root / "data")) as base,
        closing(HistoryWriter(base, folders.get, limits)) as writer,
    ):
        yield base, writer


@pytest.fixture
def ready(tmp_path, database):
    with gateway(tmp_path, database=database) as (_, writer):
        put(database, file=[file_row(1)], message=[message_row(1)])
        yield database, writer, tmp_path / "account1" / "history.log"


def write(writer, now=NOW):
    return asyncio.run(writer.write(now))


def count(database, table):
    return database.transact(
        lambda conn: conn.execute(select(func.count()).select_from(table)).scalar()
    )


def test_a_line_says_what_happened(ready):
    database, writer, log = ready
    put(database, event=[event_row(1), event_row(1, status=3, time=NOW + 61.9, charge=1_500_000)])
    assert write(writer) == 2
    assert log.read_text() == (
        f"2026-11-28 10:00:00\t{FILE}\tID: {uid(1)} To: {NUMBER} status: 002\n"
        f"2026-11-28 10:01:01\t{FILE}\tID: {uid(1)} To: {NUMBER} status: 003 charge: 1.500000\n"
    )
    assert write(writer) == 0


def test_our_own_reader_reads_each_field(tmp_path):
    with gateway(tmp_path) as (database, writer):
        put(database, file=[file_row(1, client="Order17")], message=[message_row(1)])
        put(database, event=[event_row(1, status=4, charge=333_333)])
        write(writer)
    assert read_answers((tmp_path / "account1" / "history.log").read_bytes()) == (
        Answer(
            line=1, id=uid(1), to=NUMBER, status=4, client_id="Order17",
            charge=Decimal("0.333333"), time="2026-11-28 10:00:00", file=FILE,
        ),
    )  # fmt: skip


def test_remarks_are_written_between_events_by_time_and_deleted(ready):
    database, writer, log = ready
    put(database, event=[event_row(1), event_row(1, time=NOW + 2)])
    put(database, remark=[remark_row("ERR: 105, invalid destination address To: 07", time=NOW + 1)])
    assert write(writer) == 3
    first, refused, last = read_answers(log.read_bytes())
    assert (first.status, refused.error, refused.to, last.status) == (2, 105, "07", 2)
    assert count(database, tables.remark) == 0


def test_an_account_sees_only_its_own_lines(tmp_path):
    with gateway(tmp_path, accounts=(1, 2)) as (database, writer):
        put(database, file=[file_row(1), file_row(2, account=2, name="other.txt")])
        put(database, message=[message_row(1), message_row(2, file=2, account=2)])
        put(database, event=[event_row(1), event_row(2, account=2), event_row(3, account=3)])
        put(database, remark=[remark_row("ERR: 901", account=3)])
        assert write(writer) == 2
        assert count(database, tables.remark) == 0  # of an account without a folder
    for one, name in ((1, FILE), (2, "other.txt")):
        (row,) = read_answers((tmp_path / f"account{one}" / "history.log").read_bytes())
        assert (row.file, row.id) == (name, uid(one))


def test_many_events_take_several_lots(ready):
    database, writer, log = ready
    put(database, event=[event_row(1, time=NOW + n) for n in range(4500)])
    assert write(writer) == 4500
    times = [row.time for row in read_answers(log.read_bytes())]
    assert len(times) == 4500
    assert times == sorted(times)


# --- A log that its client touches ---------------------------------------------------------------


def one_more(ready, at):
    database, writer, _ = ready
    put(database, event=[event_row(1, status=3, time=NOW + at)])
    return write(writer)


TOUCHES = {
    "deleted": lambda log: log.unlink(),
    "emptied": lambda log: os.truncate(log, 0),
    "cut": lambda log: os.truncate(log, 30),
    "overwritten": lambda log: log.write_text("x" * 1000),
    "shorter": lambda log: log.write_text("x" * 50 + "\n"),
    "replaced": lambda log: (log.rename(log.with_name("mine")), log.write_text("other\n" * 99)),
    "folder": lambda log: (log.unlink(), log.mkdir()),
    "link": lambda log: (log.unlink(), log.symlink_to(log.with_name("target"))),
    "pipe": lambda log: (log.unlink(), os.mkfifo(log)),
    "hard link": lambda log: os.link(log, log.with_name("second name")),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_log_that_was_touched_is_begun_anew(ready, touch):
    log = ready[2]
    one_more(ready, 0)
    target = log.with_name("target")
    target.write_text("not yours\n")
    touch(log)
    assert one_more(ready, 1) == one_more(ready, 2) == 1
    times = [row.time for row in read_answers(log.read_bytes())]
    assert times == ["2026-11-28 10:00:01", "2026-11-28 10:00:02"]
    assert target.read_text() == "not yours\n"


def test_what_stands_in_the_way_of_a_log_is_moved(ready):
    log = ready[2]
    log.mkdir()
    one_more(ready, 0)
    assert log.with_name("history.log.1").is_dir()
    assert log.is_file()


def test_a_log_that_cannot_be_written_holds_up_no_other(tmp_path):
    with gateway(tmp_path, accounts=(1, 2)) as (database, writer):
        put(database, file=[file_row(1), file_row(2, account=2)])
        put(database, message=[message_row(1), message_row(2, file=2, account=2)])
        folder = tmp_path / "account1"
        folder.rmdir()
        for n in range(3):
            put(database, event=[event_row(1, time=NOW + n), event_row(2, account=2)])
            put(database, remark=[remark_row("ERR: 901", time=NOW + n)])
            assert write(writer, NOW + n) == 1
        assert writer.problem.startswith("cannot write ")
        folder.mkdir()
        assert write(writer, NOW + 3) == 0  # it rests
        put(database, event=[event_row(1, time=NOW + 9), event_row(2, account=2)])
        assert write(writer, NOW + 9) == 1 + 7
        assert writer.problem == ""
        put(database, event=[event_row(1, time=NOW + 10)])
        assert write(writer, NOW + 10) == 1
    rows = read_answers((folder / "history.log").read_bytes())
    assert [row.time[-2:] for row in rows if row.id] == ["00", "01", "02", "09", "10"]
    assert sum(row.error == 901 for row in rows) == 3
    assert len(read_answers((tmp_path / "account2" / "history.log").read_bytes())) == 4


@pytest.mark.parametrize(("folder", "log"), [(0o700, 0o600), (0o750, 0o640), (0o755, 0o640)])
def test_who_can_read_the_folder_can_read_the_log_but_not_everybody(ready, folder, log):
    path = ready[2]
    path.parent.chmod(folder)
    one_more(ready, 0)
    assert stat.S_IMODE(path.stat().st_mode) == log


# --- Injection -----------------------------------------------------------------------------------

NASTY = st.text(max_size=300) | st.text("\t\r\n\x00\x85\u2028: IDTostatus0a" + string.digits)


@given(NASTY, NASTY, NASTY)
def test_no_name_remark_or_id_makes_a_line_or_a_field(name, text, client):
    with tempfile.TemporaryDirectory() as root, gateway(Path(root)) as (database, writer):
        name, text, client = (one.encode(errors="replace").decode() for one in (name, text, client))
        put(database, file=[file_row(1, name=name, client=client)], message=[message_row(1)])
        put(
            database, event=[event_row(1, status=4, charge=1)], remark=[remark_row(text, file=name)]
        )
        write(writer)
        octets = (Path(root) / "account1" / "history.log").read_bytes()
    first, second = octets.decode().removesuffix("\n").split("\n")
    said = answer(1, first)
    assert (said.id, said.to, said.status, said.charge) == (uid(1), NUMBER, 4, Decimal("0.000001"))
    assert first.count("\t") == second.count("\t") == 2
    assert not any(one < " " and one != "\t" for one in first + second)
    assert len(octets) < 8192


def test_a_time_that_no_calendar_has_is_written(ready):
    database, writer, log = ready
    put(database, event=[event_row(1, time=-1e12), event_row(1, time=1e15)])
    write(writer)
    assert [row.time[:4] for row in read_answers(log.read_bytes())] == ["1970", "9999"]


def test_a_call_writes_what_its_lots_hold(ready, monkeypatch):
    database, writer, log = ready
    monkeypatch.setattr("smsgate.gateway.logs.history._LOTS", 2)
    monkeypatch.setattr("smsgate.gateway.logs.lots.LOT", 10)
    put(database, event=[event_row(1) for _ in range(35)])
    assert [write(writer) for _ in range(3)] == [20, 15, 0]
    assert len(read_answers(log.read_bytes())) == 35


def test_an_account_that_is_far_behind_catches_up_in_lots(tmp_path, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.logs.lots.LOT", 10)
    monkeypatch.setattr("smsgate.gateway.logs.lots._SCANNED", 15)
    with gateway(tmp_path, accounts=(1, 2)) as (database, writer):
        put(database, file=[file_row(1), file_row(2, account=2)])
        put(database, message=[message_row(1), message_row(2, file=2, account=2)])
        (tmp_path / "account1").rmdir()
        several = [event_row(1 + n % 2, account=1 + n % 2, time=NOW + n) for n in range(200)]
        put(database, event=several, remark=[remark_row(f"ERR: 901, {n}") for n in range(25)])
        assert write(writer) == 100
        (tmp_path / "account1").mkdir()
        assert write(writer, NOW + 60) == 125
    rows = read_answers((tmp_path / "account1" / "history.log").read_bytes())
    times = [row.time for row in rows if row.id]
    assert len(times) == 100
    assert times == sorted(times)
    assert [row.text for row in rows if row.error] == [str(n) for n in range(25)]


def test_limits_of_rotation_are_those_of_the_gateway(tmp_path):
    limits = replace(LIMITS, history_size=300, history_files=2)
    with gateway(tmp_path, limits) as (database, writer):
        put(database, file=[file_row(1)], message=[message_row(1)])
        for n in range(12):
            put(database, event=[event_row(1, time=NOW + n)])
            write(writer)
    logs = [
        tmp_path / "account1" / name for name in ("history.log.2", "history.log.1", "history.log")
    ]
    assert sorted(logs) == sorted((tmp_path / "account1").iterdir())
    assert all(log.stat().st_size <= 300 for log in logs)
    times = [row.time[-2:] for log in logs for row in read_answers(log.read_bytes())]
    assert times == [f"{n:02}" for n in range(12 - len(times), 12)]
