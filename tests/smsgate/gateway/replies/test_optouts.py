"""What phones ask for with a word, what a reply costs, and lists of numbers."""

from __future__ import annotations

import pytest
from gatewayqueue import new
from hypothesis import given
from hypothesis import strategies as st
from phonereplies import HANDSET, deliver
from plans import explained
from sqlalchemy import insert

from smsenc.messagefile.wishes import OPT_OUT, Wish, wish
from smsgate.gateway import listed, tables
from smsgate.gateway.listed import Entry, Kind
from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import ledger
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.replies import keeping
from smsgate.gateway.settings import Unknown
from smsgate.gateway.states import State


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((word, Wish.STOP) for word in sorted(OPT_OUT)),
        ("stop", Wish.STOP),
        (" \n«Stop!» …", Wish.STOP),
        ("ＳＴＯＰ。", Wish.STOP),
        ("🛑 stop 🛑", Wish.STOP),
        ("\u200bstop\ufeff", Wish.STOP),
        ("__stop__", Wish.STOP),
        ("start", Wish.START),
        ("Start.", Wish.START),
        ("stop it", None),
        ("s t o p", None),
        ("stopp", None),
        ("ST-OP", None),
        ("", None),
        ("!", None),
        ("stop" + " " * 200, None),
    ],
)
def test_wishes(text, expected):
    assert wish(text) is expected


@given(st.text())
def test_any_text_has_a_wish_or_none(text):
    assert wish(text) in {*Wish, None}


def codes(phones, *numbers, account=1):
    return phones.run(listed.codes, account, numbers)


def test_a_reply_costs_a_third_of_a_credit_also_without_any(phones):
    phones.run(ledger.grant, 1, -1_000_000, "", phones.now)
    phones.arrive(*deliver(), *deliver("a" * 300))
    phones.look()
    assert len(phones.replies()) == 2
    assert phones.balance() == -2 * keeping.CHARGE == -666_666
    assert [row["kind"] for row in phones.rows(tables.ledger)][-2:] == ["reply"] * 2


def test_stop_lists_the_phone_and_cancels_what_waits(phones):
    phones.account(2)
    first, other = phones.accept(new(HANDSET), new("447700900999"))
    later = phones.accept(new(HANDSET, due=phones.now + 3600))[0]
    (foreign,) = phones.accept(new(HANDSET), account=2)
    (sent,) = phones.accept(new(HANDSET, queue=1))
    (due,) = phones.pick(parts=1)
    assert due.uid == sent
    phones.arrive(*deliver(" Stop! "))
    phones.look()
    states = [phones.state(uid) for uid in (first, later)]
    assert states == [(State.CANCELLED, 6)] * 2
    assert phones.state(other)[0] == phones.state(foreign)[0] == State.WAITING
    assert phones.state(sent)[0] == State.ANNOUNCED
    assert phones.balance() == 1_000_000 - 200 - keeping.CHARGE
    assert codes(phones, HANDSET, "447700900999") == {HANDSET: 122}
    assert codes(phones, HANDSET, account=2) == {}


def test_start_ends_it_and_the_last_word_counts(phones):
    phones.arrive(*deliver("stop"))
    phones.look()
    phones.run(listed.add, 1, [HANDSET], Kind.DELISTED, phones.now)
    phones.arrive(*deliver("quit"), *deliver("start"))
    phones.look()
    assert codes(phones, HANDSET) == {HANDSET: 128}
    phones.arrive(*deliver("start"), *deliver("end"))
    phones.look()
    assert codes(phones, HANDSET) == {HANDSET: 128}
    assert phones.run(listed.remove, 1, [HANDSET], Kind.DELISTED) == 1
    assert codes(phones, HANDSET) == {HANDSET: 122}


def test_a_list_for_all_accounts(phones):
    phones.account(2)
    uids = [phones.accept(new(HANDSET), account=key)[0] for key in (1, 2)]
    assert phones.run(listed.add, listed.ALL, [HANDSET], Kind.BLOCKED, phones.now) == (1, 2)
    assert phones.run(listed.add, listed.ALL, [HANDSET], Kind.BLOCKED, phones.now) == (0, 0)
    assert {phones.state(uid)[0] for uid in uids} == {State.CANCELLED}
    assert codes(phones, HANDSET) == codes(phones, HANDSET, account=2) == {HANDSET: 121}
    assert phones.run(listed.remove, listed.ALL, [HANDSET, "1"], Kind.BLOCKED) == 1
    assert codes(phones, HANDSET) == {}


@pytest.mark.parametrize("ended", [Ended.LATER, Ended.GIVEN_BACK])
def test_what_was_being_sent_is_not_tried_again(phones, ended):
    uids = phones.accept(new(HANDSET), new("447700900999"))
    lot = phones.pick()
    phones.run(listed.add, 1, [HANDSET], Kind.OPTED_OUT, phones.now)
    for due in lot:
        phones.end(due, ended)
    assert phones.run(listed.stop, [due.message for due in lot], phones.now) == 1
    states = [phones.state(uid)[0] for uid in uids]
    assert states[0] == State.CANCELLED
    assert states[1] in (State.WAITING, State.DELAYED)
    assert phones.balance() == 1_000_000 - 100


def test_what_a_stopped_gateway_had_announced_is_not_sent_again(phones):
    phones.accept(new(HANDSET), new("447700900999"))
    phones.pick()
    phones.run(listed.add, 1, [HANDSET], Kind.OPTED_OUT, phones.now)
    phones.run(leases.lose_all, {"r": Unknown.RESEND}, phones.now)
    assert sorted(row["state"] for row in phones.rows(tables.message)) == ["cancelled", "waiting"]


def test_a_list_is_read_in_pages(phones):
    numbers = [f"44770090{n:04}" for n in range(25)]
    phones.run(listed.add, 1, numbers, Kind.OPTED_OUT, phones.now)
    phones.run(listed.add, 1, numbers[:3], Kind.BLOCKED, phones.now)
    found: list[Entry] = []
    while page := phones.run(listed.entries, None, None, found[-1] if found else None, 7):
        found += page
    assert len(found) == len(set(found)) == 28
    assert [one.number for one in phones.run(listed.entries, [1], Kind.BLOCKED, None, 99)] == (
        numbers[:3]
    )


SEARCHES = {
    "sqlite": "SEARCH listed USING PRIMARY KEY (number=? AND account=?)",
    "postgresql": "Index Cond: ((number = ANY (",
}


def test_a_lot_is_compared_with_a_long_list_at_once(phones):
    rows = [
        {"number": f"4477{n:08}", "account": 1, "kind": Kind.OPTED_OUT.value, "time": 0.0}
        for n in range(100_000)
    ]
    phones.run(lambda conn: conn.execute(insert(tables.listed), rows))
    lot = [f"4477{n:08}" for n in range(99_750, 100_250)]
    seen = explained(phones.database)
    assert len(codes(phones, *lot)) == 250
    steps = [step for statement, step in seen.steps if "listed.account IN" in statement]
    assert len([step for step in steps if step.startswith(SEARCHES[seen.kind])]) == 1
    assert not [step for step in steps if step.startswith("SCAN") or "Seq Scan" in step]


def test_no_statement_reads_all_messages(phones):
    phones.accept(*[new(HANDSET, answers=1)] * 3)
    phones.configure()
    sent = deliver("a" * 300)
    seen = explained(phones.database)
    phones.arrive(*deliver("stop"), *sent, sent[0], *deliver("b" * 300)[:1])
    phones.look()
    phones.now += 4000
    phones.look()
    phones.run(listed.add, listed.ALL, ["447700900125"], Kind.BLOCKED, phones.now)
    phones.run(listed.stop, [1, 2], phones.now)
    assert seen.scans("message", "reply", "inbound") == []
    assert len(seen.steps) > 30
