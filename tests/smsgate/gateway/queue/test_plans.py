"""No statement of the queue's daily work reads a whole table or sorts what an index orders."""

from __future__ import annotations

import pytest
from gatewayqueue import DAY, START, new
from sqlalchemy import event, insert

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import listing, pauses, statements
from smsgate.gateway.queue.listing import Wanted
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.states import State

OF_ACCOUNT = "SEARCH message USING INDEX message_waiting (way=? AND account=?)"


@pytest.fixture
def database(tmp_path):
    """SQLite alone says what it will do before it knows any sizes."""
    found = SqliteDatabase(tmp_path, make=True)
    yield found
    found.close()


@pytest.fixture
def plans(queue, monkeypatch):
    """Each statement that was run, with what SQLite says of how it finds its rows."""
    seen = {}

    def explain(cursor, statement, values):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) or "SELECT" in statement:
            found = cursor.execute("EXPLAIN QUERY PLAN " + statement, values)
            seen[" ".join(statement.split())] = [row[3] for row in found.fetchall()]

    def through_sqlalchemy(_conn, cursor, statement, parameters, _context, many):
        explain(cursor, statement, parameters[0] if many else parameters)

    def direct(conn, sql, values, execute=statements._execute, **named):
        explain(conn.connection.driver_connection.cursor(), sql, values)
        return execute(conn, sql, values, **named)

    event.listen(queue.database._engine, "before_cursor_execute", through_sqlalchemy)
    monkeypatch.setattr(statements, "_execute", direct)
    return seen


def daily(queue):
    """What a gateway does all day, with all kinds of outcomes."""
    queue.account(2)
    queue.run(lambda conn: conn.execute(insert(tables.route).values(name="r", state="open")))
    queue.accept(*[new(parts=2)] * 30, new(due=queue.now + 5))
    queue.accept(*[new()] * 3, account=2)
    for ended in Ended:
        for due in queue.pick(10, after=1):
            ids = [f"{due.message}0{number}" for number in range(2)]
            queue.receive((ids[0], Said.DELIVERED))
            queue.end(due, ended, *ids)
            queue.receive(*((one, Said.DELIVERED) for one in ids))
    queue.pick(3)
    queue.recover()
    queue.now += 10
    queue.promote()
    queue.now += DAY
    queue.expire()


def test_nothing_is_scanned_or_sorted(queue, plans):
    daily(queue)
    assert len(plans) > 15
    bad = {
        statement: plan
        for statement, plan in plans.items()
        for step in plan
        if step.startswith(("SCAN", "USE TEMP")) and not is_short(statement, step)
    }
    assert bad == {}


def is_short(statement: str, step: str) -> bool:
    """What is announced is no more than a window; of early receipts the first few are read."""
    if step == "SCAN message USING INDEX message_announced":
        return True
    return step == "SCAN early_receipt" and "LIMIT" in statement


@pytest.mark.parametrize(
    ("words", "index"),
    [
        (
            "message.account > ?",
            "SEARCH message USING INDEX message_waiting (way=? AND account>?)",
        ),
        ("message.account = ?", OF_ACCOUNT),
        ("message.expires <= ?", "SEARCH message USING INDEX message_expires (expires<?)"),
        ("message.due <= ?", "SEARCH message USING INDEX message_delayed (due<?)"),
        ("part.route = ?", "SEARCH part USING INDEX part_key (route=? AND key=?)"),
        (
            "early_receipt.route = ? AND",
            "SEARCH early_receipt USING INDEX early_receipt_key (route=? AND key=?)",
        ),
    ],
)
def test_partial_indexes_are_used(queue, plans, words, index):
    daily(queue)
    found = {tuple(plan) for statement, plan in plans.items() if words in statement}
    assert found == {(index,)}


def test_and_still_are_when_the_database_knows_its_sizes(queue, plans):
    queue.accept(*[new(charge=0)] * 2000)
    queue.run(lambda conn: conn.exec_driver_sql("ANALYZE"))
    queue.database._engine.dispose()
    daily(queue)
    (plan,) = (plan for statement, plan in plans.items() if "message.account = ?" in statement)
    assert plan == [OF_ACCOUNT]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted((State.UNKNOWN,)), "message_unknown"),
        (Wanted((State.WAITING,)), "message_waiting"),
        (Wanted((State.DELAYED,)), "message_delayed"),
        (Wanted((State.SENT,), 1, "a.txt"), "ix_message_file"),
        (Wanted((State.SENT,), 1), "PRIMARY KEY"),
        (Wanted(), "PRIMARY KEY"),
    ],
)
def test_a_list_of_messages_begins_at_an_index_and_sorts_nothing(queue, plans, wanted, index):
    daily(queue)
    plans.clear()
    queue.run(listing.page, wanted, 0, 10)
    steps = [step for plan in plans.values() for step in plan]
    assert [step for step in steps if index in step]
    assert [step for step in steps if step == "SCAN message" or "TEMP" in step] == []


def test_many_paused_messages_are_not_looked_at(queue, plans):
    """A pick begins in each queue that is open at its place in the index."""
    queue.accept(*(new(queue=1) for _ in range(50)), new("late", queue=2))
    queue.run(pauses.begin, pauses.Pause(1, 1), START)
    assert [due.recipient for due in queue.pick(1)] == ["late"]
    wanted = "SEARCH message USING INDEX message_waiting (way=? AND account=? AND queue=?)"
    assert [wanted] in plans.values()
