"""Texts of messages that are over are erased first; the rest of them stays usable."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from functools import partial

import pytest
from queued import ACCOUNT, Queue
from sqlalchemy import func, insert, select, update

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import content, database, tables
from smsgate.gateway.folders import AccountFolders
from smsgate.gateway.housekeeping import Housekeeping
from smsgate.gateway.logs import erasing, retention
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.queue import changes, outcomes, picking, receipts
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.queue.shown import show
from smsgate.gateway.replies import pruning
from smsgate.gateway.settings import Limits, Settings
from smsgate.gateway.states import State

DAY = 86_400.0
WORDS = "Zuckerwatte und Lakritz"


@pytest.fixture
def queue(tmp_path):
    made = Queue(tmp_path)
    yield made
    made.close()


def end(queue, ended, now, count=1):
    """Send so many messages, and record how that ended."""

    def work(conn):
        lot = picking.pick(conn, "main", count, now)
        assert len(lot) == count
        parts = lambda one: ((1, f"a{one.message}"),) if ended is Ended.SENT else ()  # noqa: E731
        outcomes.record(conn, "main", [Outcome(one.message, parts(one), ended) for one in lot], now)

    queue.database.transact(work)


def erase(queue, since):
    texts = after = 0
    while True:
        found = queue.database.transact(partial(erasing.erase, since=since, after=after))
        texts, after = texts + found.texts, found.file
        if not after:
            return texts


def contents(queue):
    return [json.loads(row["content"]) for row in queue.rows(tables.file)]


def octets(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.glob("gateway.db*")))


def test_a_text_is_gone_from_the_disk_and_its_message_is_still_all_there(queue, tmp_path):
    (uid,) = queue.add(text=WORDS, lasts=90 * DAY, client_id="c1")
    now = database.now()
    end(queue, Ended.SENT, now)
    assert erase(queue, now - 5) == 0
    assert contents(queue)[0]["text"] == WORDS
    before = queue.database.read(lambda conn: show(conn, uid))
    assert erase(queue, now + 5) == 1
    assert erase(queue, now + 5) == 0
    (found,) = contents(queue)
    assert "text" not in found
    assert found["cliMsgId"] == "c1"  # which history.log shows
    assert queue.database.read(lambda conn: show(conn, uid)) == before
    one = receipts.Received("a1", MessageState.DELIVERED)
    queue.database.transact(lambda conn: receipts.apply(conn, "main", [one], now))
    assert queue.states() == [State.DELIVERED]
    checkpoint = sqlite3.connect(tmp_path / "gateway.db")
    checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    checkpoint.close()
    assert WORDS.encode() not in octets(tmp_path)


def test_texts_of_rows_go_one_by_one_and_that_of_the_file_with_the_last(queue):
    uids = queue.add(3, text="Get #field1#", texts=[WORDS, "b", "c"], lasts=90 * DAY)
    now = database.now()
    end(queue, Ended.SENT, now)
    end(queue, Ended.UNKNOWN, now)
    assert erase(queue, now + 5) == 1
    assert [row["text"] for row in queue.rows()] == ["", "b", "c"]
    assert contents(queue)[0]["text"] == "Get #field1#"
    end(queue, Ended.SENT, now)
    queue.database.transact(lambda conn: changes.resend(conn, uids[1], now))
    end(queue, Ended.SENT, now)
    assert erase(queue, now + 5) == 3
    assert [row["text"] for row in queue.rows()] == ["", "", ""]
    assert "text" not in contents(queue)[0]


@pytest.mark.parametrize("texts", [None, [WORDS]])
def test_an_erased_message_is_not_sent_again_and_says_why(queue, texts):
    (uid,) = queue.add(text=WORDS, texts=texts, lasts=90 * DAY)
    now = database.now()
    end(queue, Ended.REFUSED, now)
    erase(queue, now + 5)
    why = queue.database.transact(lambda conn: changes.resend(conn, uid, now))
    assert why == "its text was erased when it became too old: send the file again"
    assert queue.states() == [State.FAILED]


def test_a_message_without_events_is_resent_at_its_price(queue):
    (uid,) = queue.add(text=WORDS, lasts=90 * DAY)
    now = database.now()
    end(queue, Ended.REFUSED, now)
    written(queue)
    while queue.database.transact(partial(retention.prune_events, since=now + 5)):
        break
    assert not queue.rows(tables.event)
    assert queue.database.transact(lambda conn: changes.resend(conn, uid, now)) == ""
    assert queue.rows()[0]["charge"] == 10
    assert [(row["kind"], row["amount"]) for row in queue.rows(tables.ledger)][1:] == [
        ("reserve", -10),
        ("return", 10),
        ("reserve", -10),
    ]


def written(queue):
    last = select(func.max(tables.event.c.id)).scalar_subquery()
    query = insert(tables.setting).values(key="history", value=last)
    queue.database.transact(lambda conn: conn.execute(query))


def test_events_of_messages_that_are_not_over_stay(queue):
    queue.add(2, text="x", lasts=90 * DAY)
    now = database.now()
    end(queue, Ended.SENT, now)
    assert queue.database.transact(partial(retention.prune_events, since=now + 5)) == 0
    written(queue)
    queue.database.transact(partial(retention.prune_events, since=now + 5))
    assert {row["message"] for row in queue.rows(tables.event)} == {2}


def test_many_texts_go_in_lots(queue, monkeypatch):
    monkeypatch.setattr(erasing, "_LOT", 10)
    monkeypatch.setattr(erasing, "_FILES", 3)
    for _ in range(4):
        queue.add(25, text="x", texts=["y"] * 25, lasts=90 * DAY)
    now = database.now()
    end(queue, Ended.SENT, now, 100)
    since, after, lots = now + 5, 0, []
    while True:
        found = queue.database.transact(partial(erasing.erase, since=since, after=after))
        lots.append(found.texts)
        if not (after := found.file):
            break
    assert sum(lots) == 104
    assert max(lots) <= 20
    assert all("text" not in one for one in contents(queue))


def test_what_phones_sent_is_erased_and_then_forgotten(queue):
    now = database.now()
    row = {"route": "main", "time": now, "digest": "d", "pdu": WORDS.encode(), "state": "done"}
    queue.database.transact(lambda conn: conn.execute(insert(tables.inbound).values(row)))
    assert queue.database.transact(partial(erasing.erase_replies, since=now - 5)) == 0
    assert queue.database.transact(partial(erasing.erase_replies, since=now + 5)) == 1
    assert [one["pdu"] for one in queue.rows(tables.inbound)] == [b""]
    queue.database.transact(partial(pruning.prune, now=now + 31 * DAY, reply_parts=3600.0))
    assert not queue.rows(tables.inbound)


def test_a_file_that_came_again_is_erased(queue):
    file = queue.file(text=WORDS)
    values = {"state": "repeated"}
    query = update(tables.file).where(tables.file.c.id == file).values(values)
    queue.database.transact(lambda conn: conn.execute(query))
    assert erase(queue, 5.0) == 1
    assert "text" not in contents(queue)[0]


def test_the_database_does_not_grow_when_as_much_goes_as_comes(tmp_path, monkeypatch):
    """Pages of what is deleted are used again."""
    moment = [1_700_000_000.0]
    monkeypatch.setattr(database, "now", lambda: moment[0])
    settings = Settings(data=tmp_path, limits=Limits(texts=60, events=90, messages=120, repeat=1))
    sizes = []
    with contextlib.closing(Queue(tmp_path)) as queue:
        folders = AccountFolders(queue.database, settings)
        history = HistoryWriter(queue.database, folders, settings.limits)
        seen = []
        keeping = Housekeeping(
            queue.database,
            history,
            folders,
            settings,
            wake=list,
            tell=seen.append,
            report=seen.append,
        )
        for _ in range(8):
            queue.add(500, text="x" * 100, texts=["y" * 300] * 500, lasts=90 * DAY)
            end(queue, Ended.SENT, moment[0], 500)
            asyncio.run(keeping._write())
            moment[0] += 200
            asyncio.run(keeping._sweep(moment[0]))
            pages = queue.database.read(
                lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar()
            )
            sizes.append(pages)
        assert not queue.rows()
        assert not queue.rows(tables.file)
        balance = queue.rows(tables.account)[0]["balance"]
        total = sum(row["amount"] for row in queue.rows(tables.ledger))
        assert balance == total
        history.close()
    ledger_alone = sizes[-1] - sizes[1]
    assert ledger_alone < sizes[1]  # six more rounds, of which only the ledger stays
    assert [one.texts for one in seen] == [501] * 8
    assert all(one.rows for one in seen)
    assert ACCOUNT == 1


def test_erased_content_is_recognised(queue):
    queue.file(text=WORDS)
    (row,) = queue.rows(tables.file)
    found = content.erased(row["content"])
    assert found.startswith(content.ERASED)
    assert content.erased(found) == found
