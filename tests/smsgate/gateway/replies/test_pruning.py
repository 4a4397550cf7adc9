"""Replies and their PDUs are deleted when they are old, and not before they are in the log."""

from __future__ import annotations

from phonereplies import deliver
from sqlalchemy import insert, update

from smsenc.smpp import pdus
from smsgate.gateway import tables
from smsgate.gateway.logs import erasing
from smsgate.gateway.logs.replylots import Logged
from smsgate.gateway.logs.retention import MESSAGES
from smsgate.gateway.replies import pruning


def test_what_is_old_goes_in_lots(phones, monkeypatch):
    monkeypatch.setattr(pruning, "LOT", 2)
    odd = pdus.DeliverSm(esm_class=4, short_message=b"all is well")
    phones.arrive(*(deliver("a")[0] for _ in range(5)), odd, deliver("b" * 200)[0])
    phones.look()
    start = phones.now

    def prune(later):
        total = 0
        while count := phones.run(pruning.prune, start + later, 3600.0):
            total += count
        return total

    assert prune(pruning.PDUS - 1) == 0
    assert prune(pruning.PDUS + 1) == 5
    assert sorted(phones.inbound_states()) == ["odd", "part"]
    assert prune(MESSAGES + 1) == 1
    assert len(phones.replies()) == 5
    written = update(tables.reply).where(tables.reply.c.id < 3)
    phones.run(lambda conn: conn.execute(written.values(logged=int(Logged.YES))))
    phones.run(
        lambda conn: conn.execute(
            update(tables.reply).where(tables.reply.c.id == 5).values(account=None)
        )
    )
    assert prune(MESSAGES + 1) == 3
    assert [row["id"] for row in phones.replies()] == [3, 4]


def test_texts_are_erased_first_but_not_before_somebody_was_told(phones):
    phones.arrive(*(deliver(f"secret {number}")[0] for number in range(4)), deliver("b" * 200)[0])
    phones.look()

    def change(key, **values):
        row = update(tables.reply).where(tables.reply.c.id == key)
        phones.run(lambda conn: conn.execute(row.values(**values)))

    for key in (1, 2, 3):
        change(key, logged=int(Logged.YES))
    change(3, text=None, data="00ff")
    waits = {"account": 1, "kind": "reply", "reply": 2, "time": 0.0, "state": "waiting"}
    row = insert(tables.callback).values(**waits, due=0.0, changed=0.0)
    phones.run(lambda conn: conn.execute(row))
    assert phones.run(erasing.erase_replies, phones.now - 5) == 0
    later = phones.now + 5
    assert phones.run(erasing.erase_replies, later) == 4 + 2  # PDUs, and replies
    found = {row["id"]: (row["text"], row["data"]) for row in phones.replies()}
    assert found == {1: ("", None), 2: ("secret 1", None), 3: (None, ""), 4: ("secret 3", None)}
    states = phones.inbound_states()
    assert states.count("part") == 1
    phones.run(lambda conn: conn.execute(update(tables.callback).values(state="failed")))
    assert phones.run(erasing.erase_replies, later) == 0  # it can be told again
    phones.run(lambda conn: conn.execute(update(tables.callback).values(state="done")))
    change(4, logged=int(Logged.YES))
    change(4, logged=int(Logged.NO), account=None)
    assert phones.run(erasing.erase_replies, later) == 1
    change(4, logged=int(Logged.YES), account=1)
    assert phones.run(erasing.erase_replies, later) == 1
    assert phones.run(erasing.erase_replies, later) == 0
