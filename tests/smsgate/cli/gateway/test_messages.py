"""Commands that list messages, and send many of them again."""

from __future__ import annotations

import pytest
from command import records
from queued import Queue
from sqlalchemy import insert, update

from smsgate.cli.gateway import asking, messagelist, resend
from smsgate.gateway import pieces, resending, tables
from smsgate.gateway.queue import outcomes, picking
from smsgate.gateway.queue.outcomes import Ended, Outcome

NOW = 1_800_000_000.0
PARTS = ((1, "A1"),)
TWICE = "a phone may get an unknown one twice"


@pytest.fixture
def queue(tmp_path):
    tmp_path.chmod(0o700)
    found = Queue(tmp_path)
    yield found
    found.close()


def end(queue, *ends):
    """Announce messages, in their order, and record how each ends."""

    def work(conn):
        due = picking.pick(conn, "main", len(ends), NOW)
        made = [
            Outcome(one.message, PARTS if how is Ended.SENT else (), how)
            for one, how in zip(due, ends, strict=True)
        ]
        outcomes.record(conn, "main", made, NOW)

    queue.database.transact(work)


def change(queue, table, key, **values):
    queue.database.transact(
        lambda conn: conn.execute(update(table).where(table.c.id == key).values(values))
    )


@pytest.fixture
def five(queue):
    """One that was sent, one that is unknown, one that failed, two that wait in another file."""
    uids = [*queue.add(3, lasts=1e9), *queue.add(2, lasts=1e9, first=3)]
    end(queue, Ended.SENT, Ended.UNKNOWN, Ended.REFUSED)
    change(queue, tables.file, 2, name="b.txt")
    assert queue.states() == ["sent", "unknown", "failed", "waiting", "waiting"]
    return uids


@pytest.fixture(params=[1, 2, 500])
def pages(monkeypatch, request):
    """Messages are read by so many."""
    monkeypatch.setattr(messagelist, "_PAGE", request.param)
    monkeypatch.setattr(pieces, "SCANNED", 2)
    monkeypatch.setattr(pieces, "STATEMENTS", 1)


# List ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("", (4, 3, 2, 1, 0)),
        ("--state unknown", (1,)),
        ("--state waiting", (4, 3)),
        ("--state sent", (0,)),
        ("--state delayed", ()),
        ("--account 1 --file b.txt", (4, 3)),
        ("--account 1 --file a.txt --state failed", (2,)),
        ("--account 1 --file none", ()),
        ("--limit 5", (4, 3, 2, 1, 0)),
    ],
)
@pytest.mark.usefixtures("pages")
def test_messages_are_listed_the_newest_first(gateway, five, words, places):
    done = gateway(f"message list {words} --json")
    assert [one["uid"] for one in records(done)] == [five[place] for place in places]
    assert done.stderr == ""


def test_a_table_fits_a_terminal_and_says_that_there_are_more(gateway, five):
    done = gateway("message list --limit 4")
    heads, *lines = done.stdout.splitlines()
    assert heads.split() == ["id", "to", "state", "changed"]
    assert [line.split()[:3] for line in lines] == [
        [uid, f"44770090000{place}", state]
        for uid, place, state in zip(
            reversed(five), (4, 3, 2, 1), ("waiting", "waiting", "failed", "unknown"), strict=False
        )
    ]
    assert lines[3].endswith(" 2027-01-15 08:00:00Z")
    assert max(map(len, lines)) <= 80
    assert done.stderr == "there are more than 4: --limit sets how many are listed\n"


def test_a_message_has_its_account_file_and_route(gateway, five):
    (found,) = records(gateway("message list --state unknown --json"))
    assert (found["api_id"], found["file"], found["line"]) == ("1", "a.txt", 1)
    assert (found["recipient"], found["route"], found["changed"]) == ("447700900001", "main", NOW)
    assert found["uid"] == five[1]


def test_accounts_are_told_apart(gateway, queue, five):
    row = dict.fromkeys(("password_hash", "ftp_password_hash"), "")
    row |= {"id": 2, "api_id": "2", "user": "y", "ftp_user": "y", "state": "open"}
    table = insert(tables.account).values(row | {"balance": 0, "created": 0.0})
    queue.database.transact(lambda conn: conn.execute(table))
    change(queue, tables.message, 5, account=2)
    (found,) = records(gateway("message list --account 2 --json"))
    assert found["uid"] == five[4]
    assert len(records(gateway("message list --account 1 --json"))) == 4


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("list --file a.txt", "--file: expected --account with it"),
        ("list --account 5", "no account 5: smsenc gateway account list shows all"),
        ("resend", "expected either IDs, or --state, --account or --file"),
        ("resend X --state unknown", "expected either IDs, or --state, --account or --file"),
        ("resend --file a.txt", "--file: expected --account with it"),
        (
            "resend --state delivered",
            "--state: expected unknown or failed: others may not be sent again; found delivered",
        ),
    ],
)
def test_what_is_meant_must_be_clear(gateway, words, fault):
    assert gateway(f"message {words}", code=2).stderr == f"smsenc: {fault}\n"


# Send again ---------------------------------------------------------------------------------------


def test_several_are_sent_again_and_each_is_told(gateway, queue, five):
    sent, unknown, failed, waiting, _ = five
    done = gateway("message resend", sent, unknown, failed, unknown, waiting, code=4)
    assert done.stdout == (f"{unknown} waits to be sent again\n{failed} waits to be sent again\n")
    assert done.stderr == (
        f"smsenc: {sent!r} is not changed: it has been sent\n"
        f"smsenc: {waiting!r} is not changed: it has not been sent yet\n"
    )
    assert queue.states() == ["sent", "waiting", "waiting", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("words", "many", "what", "left"),
    [
        ("--state unknown", "1 message", f"1 unknown; {TWICE}", ["failed"]),
        ("--state failed", "1 message", "1 failed", ["unknown"]),
        ("--account 1", "2 messages", f"1 unknown and 1 failed; {TWICE}", []),
        ("--account 1 --file a.txt", "2 messages", f"1 unknown and 1 failed; {TWICE}", []),
    ],
)
@pytest.mark.usefixtures("five", "pages")
def test_those_of_a_selection_are_sent_again(  # noqa: PLR0917 - a row
    gateway, queue, words, many, what, left
):
    before = queue.states()
    done = gateway(f"message resend {words}", code=2)
    assert done.stderr == f"smsenc: {many} would be sent again ({what}): give --yes to do it\n"
    assert queue.states() == before
    assert gateway(f"message resend {words} --yes").stdout == f"{many} will be sent again\n"
    assert sorted(queue.states()) == sorted(["sent", *left, *["waiting"] * (4 - len(left))])


@pytest.mark.usefixtures("five")
def test_of_none_nobody_is_asked(gateway):
    done = gateway("message resend --account 1 --file b.txt")
    assert done.stdout == "0 messages will be sent again\n"


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("yes\n", 0), ("n\n", 2), ("", 2)])
def test_a_person_is_asked(gateway, queue, monkeypatch, answer, code):
    monkeypatch.setattr(asking, "_is_terminal", lambda: True)
    done = gateway("message resend --state unknown", stdin=answer, code=code)
    assert f"send 1 message again (1 unknown; {TWICE})? (y/n)" in done.stderr
    assert ("nothing is sent again" in done.stderr) == bool(code)
    assert queue.states()[1] == ("unknown" if code else "waiting")


def test_what_cannot_be_sent_of_many_is_counted_by_reason(gateway, queue, monkeypatch):
    monkeypatch.setattr(resending, "LOT", 2)
    queue.add(5, lasts=1e9)
    end(queue, *[Ended.UNKNOWN] * 5)
    gateway("optout add 447700900000 447700900003")
    change(queue, tables.message, 5, expires=1.0)
    done = gateway("message resend --state unknown --yes", code=4)
    assert done.stdout == "2 messages will be sent again\n"
    assert sorted(done.stderr.splitlines()) == [
        "smsenc: 1 message not changed: its validity is over",
        "smsenc: 2 messages not changed: its number gets no messages any more",
    ]
    assert queue.states() == ["unknown", "waiting", "waiting", "unknown", "unknown"]


@pytest.mark.usefixtures("five")
def test_one_that_is_delivered_while_it_asks_is_not_sent(gateway, queue, monkeypatch):
    def delivered(*_):
        change(queue, tables.message, 2, state="delivered", status=4)

    monkeypatch.setattr(resend, "ask", delivered)
    done = gateway("message resend --state unknown", code=3)
    assert done.stderr == "smsenc: 1 message not changed: it has been sent\n"
    assert queue.states()[1] == "delivered"


# Settle -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "cost"), [("delivered", "0.00001"), ("failed", "0")])
def test_what_a_person_has_learned_counts_as_a_receipt(gateway, queue, word, cost):
    (uid, other) = queue.add(2, lasts=1e9)
    end(queue, Ended.UNKNOWN)
    done = gateway("message settle", uid, other, "--result", word, code=4)
    assert done.stdout == f"{uid} is {word}\n"
    assert done.stderr == (
        f"smsenc: {other!r} is not changed: expected one that is unknown; it is waiting\n"
    )
    (shown,) = records(gateway("message show", uid, "--json"))
    assert (shown["state"], shown["note"]) == (word, f"settled by hand as {word}")
    assert shown["status"] == shown["events"][-1]["status"] == {"delivered": 4, "failed": 7}[word]
    assert [one["kind"] for one in shown["ledger"]] == ["reserve", "settle"]
    assert shown["charge"] == cost
    assert gateway("check").stdout == "no faults\n"
