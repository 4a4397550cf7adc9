"""What is too old goes, and nothing else: files in folders, the spool, rows of the database."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing

import pytest
from historyrows import NOW, event_row, file_row, made, message_row, put, uid
from sqlalchemy import func, insert, select

from smsgate.gateway import tables
from smsgate.gateway.logs import lots, retention
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.logs.retention import Clock, Pruned
from smsgate.gateway.settings import Limits
from smsgate.gateway.states import State

HOUR, DAY = 3600.0, 86_400.0
KEEP = 48 * HOUR


def age_of(path):
    return path.lstat().st_ctime


def test_old_files_and_logs_go_and_new_ones_stay(tmp_path):
    for name in ("note.txt", "note.txt.log", "history.log", "history.log.1", ".hidden"):
        (tmp_path / name).write_text("x")
    now = age_of(tmp_path / "note.txt")
    assert retention.sweep(tmp_path, now + KEEP - 60, KEEP) == 0
    assert retention.sweep(tmp_path, now + KEEP + 60, KEEP) == 5
    assert list(tmp_path.iterdir()) == []


def test_a_time_that_a_client_sets_does_not_make_a_file_old(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("x")
    os.utime(path, (0, 0))  # as MFMT does
    assert retention.sweep(tmp_path, age_of(path) + HOUR, KEEP) == 0


def test_links_folders_and_pipes_stay(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (target / "secret").write_text("x")
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / "link").symlink_to(target / "secret")
    (folder / "linked folder").symlink_to(target)
    (folder / "folder").mkdir()
    (folder / "folder" / "file").write_text("x")
    os.mkfifo(folder / "pipe")
    assert retention.sweep(folder, age_of(folder) + 9 * KEEP, KEEP) == 0
    assert (target / "secret").exists()


def test_a_folder_that_is_gone_is_no_error(tmp_path):
    assert retention.sweep(tmp_path / "none", NOW, KEEP) == 0


def test_a_call_removes_a_bounded_number(tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "_MOST_REMOVED", 4)
    for n in range(10):
        (tmp_path / str(n)).write_text("x")
    late = age_of(tmp_path / "9") + 9 * KEEP
    assert [retention.sweep(tmp_path, late, KEEP) for _ in range(4)] == [4, 4, 2, 0]


@pytest.mark.parametrize(("jump", "removed"), [(DAY, 0), (9 * DAY, 0), (-DAY, 0)])
def test_a_clock_that_is_set_removes_nothing_new(tmp_path, jump, removed):
    path = tmp_path / "note.txt"
    path.write_text("x")
    start, passed = age_of(path), [0.0]
    clock = Clock(start, lambda: passed[0])
    passed[0] = KEEP - HOUR
    assert retention.sweep(tmp_path, clock(start + passed[0] + jump), KEEP) == removed
    passed[0] = KEEP + 2 * HOUR + DAY
    assert retention.sweep(tmp_path, clock(start + passed[0] + jump), KEEP) == 1


def test_a_history_that_was_swept_begins_anew(tmp_path):
    folder = tmp_path / "account1"
    folder.mkdir()
    with (
        closing(made(tmp_path / "data")) as database,
        closing(HistoryWriter(database, lambda _: folder, Limits())) as writer,
    ):
        put(database, file=[file_row(1)], message=[message_row(1)], event=[event_row(1)])
        assert asyncio.run(writer.write(NOW)) == 1
        late = age_of(folder / "history.log") + KEEP + 60
        assert asyncio.run(writer.sweep([folder, tmp_path / "none"], late)) == 1
        assert list(folder.iterdir()) == []
        put(database, event=[event_row(1)])
        assert asyncio.run(writer.write(NOW)) == 1
        assert (folder / "history.log").read_text().count("\n") == 1


# --- Spool ---------------------------------------------------------------------------------------


def test_only_leftovers_of_files_that_are_read_leave_the_spool(tmp_path):
    spool = tmp_path / "spool"
    for n in (1, 2, 3):
        (spool / uid(n)).mkdir(parents=True)
        (spool / uid(n) / "note.txt").write_text("x")
        (spool / f"{uid(n)}.log").write_text("x")
    (spool / "notes").write_text("x")
    late = age_of(spool / "notes") + KEEP + 60
    with closing(made(tmp_path / "data")) as database:
        put(database, file=[file_row(1), file_row(2, state="reading")])
        assert asyncio.run(retention.sweep_spool(database, spool, late - 120, KEEP)) == 0
        assert asyncio.run(retention.sweep_spool(database, spool, late, KEEP)) == 2
    left = {path.name for path in spool.iterdir()}
    assert left == {uid(2), f"{uid(2)}.log", uid(3), f"{uid(3)}.log", "notes"}


# --- Database ------------------------------------------------------------------------------------


def rows(database):
    def counted(conn):
        return {
            one.name: conn.execute(select(func.count()).select_from(one)).scalar()
            for one in (tables.file, tables.message, tables.event, tables.part, tables.ledger)
        }

    return database.transact(counted)


def prune(database, now, after=0):
    return database.transact(lambda conn: retention.prune(conn, now, after=after))


def part_row(message):
    return {"message": message, "number": 1, "route": "r", "smsc_id": "1", "key": "1"}


def written(database):
    """Record that all events are in history.log."""
    last = select(func.max(tables.event.c.id)).scalar_subquery()
    query = insert(tables.setting).values(key="history", value=last)
    database.transact(lambda conn: conn.execute(query))


def test_messages_that_are_over_go_and_their_ledger_stays(database):
    put(database, file=[file_row(1)], message=[message_row(n) for n in (1, 2)])
    put(database, event=[event_row(1), event_row(2)], part=[part_row(1), part_row(2)])
    put(
        database,
        ledger=[{"account": 1, "time": NOW, "kind": "reserve", "amount": -1, "message": 1}],
    )
    written(database)
    assert prune(database, NOW + 29 * DAY) == Pruned(0, 0)
    assert prune(database, NOW + 31 * DAY) == Pruned(7, 0)
    assert rows(database) == {"file": 0, "message": 0, "event": 0, "part": 0, "ledger": 1}


@pytest.mark.parametrize("state", [State.WAITING, State.DELAYED, State.ANNOUNCED, State.UNKNOWN])
def test_messages_that_are_not_over_stay(database, state):
    put(database, file=[file_row(1)], message=[message_row(1, state=state)], event=[event_row(1)])
    written(database)
    assert prune(database, NOW + 31 * DAY) == Pruned(0, 0)
    assert rows(database)["file"] == 1


def test_events_that_no_log_has_stay(database):
    put(database, file=[file_row(1)], message=[message_row(1)], event=[event_row(1)])
    assert prune(database, NOW + 31 * DAY) == Pruned(0, 0)
    put(database, event=[event_row(1)])
    written(database)
    lag = insert(tables.setting).values(key="history.1", value="1")
    database.transact(lambda conn: conn.execute(lag))
    assert database.transact(lots.written) == 1
    assert prune(database, NOW + 31 * DAY) == Pruned(0, 0)


def test_a_file_that_is_read_stays_and_so_do_new_changes(database):
    put(database, file=[file_row(1, state="reading"), file_row(2), file_row(3, state="refused")])
    put(database, message=[message_row(1), message_row(2, file=2, changed=NOW + 5 * DAY)])
    assert prune(database, NOW + 31 * DAY) == Pruned(1, 0)
    assert rows(database)["message"] == 2


def test_many_rows_go_in_lots(database, monkeypatch):
    monkeypatch.setattr(retention, "_LOT", 10)
    monkeypatch.setattr(retention, "_FILES", 3)
    put(database, file=[file_row(n) for n in range(1, 9)])
    put(database, message=[message_row(n, file=1) for n in range(1, 36)])
    after, calls, gone = 0, 0, 0
    while calls == 0 or after:
        count, after = prune(database, NOW + 31 * DAY, after)
        assert count <= 14
        calls, gone = calls + 1, gone + count
    assert gone == 35 + 8
    assert rows(database)["file"] == 0


def test_early_receipts_go_too(database):
    receipt = {"route": "r", "key": "1", "smsc_id": "1", "state": 2}
    put(database, early_receipt=[receipt | {"time": NOW}, receipt | {"time": NOW + 9 * DAY}])
    assert prune(database, NOW + 31 * DAY) == Pruned(1, 0)
