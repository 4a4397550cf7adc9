from __future__ import annotations

from gatewayqueue import DAY, START, new
from sqlalchemy import insert

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.queue import shown
from smsgate.gateway.queue.outcomes import Ended


def test_everything_is_shown_but_the_text(queue):
    row = {"id": 4, "account": 1, "name": "a.txt", "spool": "x", "size": 1, "digest": ""}
    table = insert(tables.file)
    queue.run(lambda conn: conn.execute(table.values(**row, taken=START, state="read")))
    (uid,) = queue.accept(new("31612345678", line=3, text="secret", parts=2), file=4)
    queue.now += 1
    queue.end(queue.pick()[0], Ended.SENT, "a", "b", detail="", used=60)
    queue.now += 1
    queue.receive(("a", Said.DELIVERED), ("b", Said.UNDELIVERABLE))
    found = queue.run(shown.show, uid)
    assert found == {
        "uid": uid,
        "api_id": "1",
        "file": "a.txt",
        "line": 3,
        "recipient": "31612345678",
        "state": "failed",
        "status": 7,
        "queue": 3,
        "due": START,
        "expires": START + DAY,
        "parts": 2,
        "charge": "0.00006",
        "route": "r",
        "attempts": 1,
        "changed": START + 2,
        "note": "the message centre reports UNDELIV",
        "way": "r",
        "routed": START,
        "tried": [],
        "escalates": False,
        "accepted": [
            {"number": 1, "route": "r", "smsc_id": "a", "receipt": "DELIVRD"},
            {"number": 2, "route": "r", "smsc_id": "b", "receipt": "UNDELIV"},
        ],
        "events": [
            {"status": 2, "time": START, "charge": "0.0001"},
            {"status": 3, "time": START + 1, "charge": "0.00006"},
            {"status": 7, "time": START + 2, "charge": "0.00006"},
        ],
        "ledger": [
            {"time": START, "kind": "reserve", "amount": "-0.0001"},
            {"time": START + 1, "kind": "settle", "amount": "0.00004"},
        ],
    }
    assert queue.run(shown.show, uid.upper(), text=True) == {**found, "text": "secret"}


def test_a_message_whose_file_is_gone(queue):
    (uid,) = queue.accept(new())
    found = queue.run(shown.show, uid)
    assert (found["file"], found["accepted"]) == (None, [])


def test_no_such_message(queue):
    assert queue.run(shown.show, "0" * 32) is None
