from __future__ import annotations

import pytest
from gatewayqueue import new
from sqlalchemy import update

from smsgate.gateway import tables
from smsgate.gateway.queue import ledger


def test_a_grant_adds_to_the_balance(queue):
    queue.run(ledger.grant, 1, 500, "gift", 1.0)
    queue.run(ledger.grant, 1, -200, "taken back", 2.0)
    assert queue.balance() == 1_000_300
    rows = queue.rows(tables.ledger)
    assert [(row["kind"], row["amount"], row["note"]) for row in rows[1:]] == [
        ("grant", 500, "gift"),
        ("grant", -200, "taken back"),
    ]


def test_a_grant_to_nobody(queue):
    with pytest.raises(LookupError, match=r"^no account has the id 9$"):
        queue.run(ledger.grant, 9, 1, "", 1.0)
    assert len(queue.rows(tables.ledger)) == 1


def test_a_right_ledger_has_nothing_to_say(queue):
    queue.account(2, 0)
    queue.accept(new())
    assert queue.run(ledger.check) == []


def test_a_wrong_balance_is_told(queue):
    queue.account(2, 0)
    queue.run(lambda conn: conn.execute(update(tables.account).values(balance=5)))
    assert queue.run(ledger.check) == [
        "account 1: expected a balance of 1 credits, the sum of its ledger, found 0.000005",
        "account 2: expected a balance of 0 credits, the sum of its ledger, found 0.000005",
    ]
