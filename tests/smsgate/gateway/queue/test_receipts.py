from __future__ import annotations

from itertools import permutations

import pytest
from gatewayqueue import DAY, new
from hypothesis import given
from hypothesis import strategies as st

from smsenc.smpp.messageids import Likeness, likeness, plain
from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.queue import early, receipts
from smsgate.gateway.queue.outcomes import Ended


@pytest.mark.parametrize(
    ("said", "state", "status"),
    [
        (Said.DELIVERED, "delivered", 4),
        (Said.UNDELIVERABLE, "failed", 7),
        (Said.EXPIRED, "failed", 7),
        (Said.SKIPPED, "failed", 7),
        (Said.REJECTED, "failed", 5),
        (Said.DELETED, "cancelled", 6),
        (Said.ENROUTE, "sent", 3),
        (Said.ACCEPTED, "sent", 3),
        (Said.SCHEDULED, "sent", 3),
        (Said.UNKNOWN, "sent", 3),
    ],
)
def test_what_a_receipt_makes_of_a_message(queue, said, state, status):
    uid = queue.sent("a")
    queue.receive(("a", said))
    assert queue.state(uid) == (state, status)
    assert queue.statuses(uid) == ([2, 3] if status == 3 else [2, 3, status])
    assert queue.booked(uid) == [("reserve", -100), ("settle", 0)]
    assert queue.rows(tables.part)[0]["receipt"] == said


def test_a_message_is_delivered_when_all_parts_are(queue):
    uid = queue.sent("a", "b", "c")
    for smsc_id in ("b", "a"):
        queue.receive((smsc_id, Said.DELIVERED))
        assert queue.state(uid) == ("sent", 3)
    queue.receive(("c", Said.DELIVERED))
    assert queue.state(uid) == ("delivered", 4)


def test_it_has_failed_when_one_has(queue):
    uid = queue.sent("a", "b")
    queue.receive(("a", Said.DELIVERED), ("b", Said.UNDELIVERABLE))
    assert queue.state(uid) == ("failed", 7)
    assert queue.message(uid)["note"] == "the message centre reports UNDELIV"


def test_the_same_receipt_again_changes_nothing(queue):
    uid = queue.sent("a")
    queue.receive(("a", Said.DELIVERED), ("a", Said.DELIVERED))
    queue.receive(("a", Said.DELIVERED))
    assert queue.statuses(uid) == [2, 3, 4]


def test_one_after_the_last_word_changes_nothing(queue):
    uid = queue.sent("a")
    for said in (Said.DELIVERED, Said.UNDELIVERABLE, Said.ENROUTE):
        queue.receive(("a", said))
    assert queue.state(uid) == ("delivered", 4)
    assert queue.rows(tables.part)[0]["receipt"] == Said.DELIVERED


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_of_answer_and_receipts(queue, order):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    steps = [
        lambda: queue.end(due, Ended.SENT, "a", "b"),
        lambda: queue.receive(("a", Said.DELIVERED)),
        lambda: queue.receive(("b", Said.DELIVERED), ("a", Said.DELIVERED)),
        lambda: queue.receive(("a", Said.ENROUTE)),
    ]
    for number in order:
        steps[number]()
    assert queue.state(due.uid) == ("delivered", 4)
    assert queue.statuses(due.uid) == [2, 3, 4]
    assert [row["receipt"] for row in queue.rows(tables.part)] == [Said.DELIVERED] * 2
    assert queue.rows(tables.early_receipt, tables.early_receipt.c.smsc_id == "b") == []


@pytest.mark.parametrize(
    ("answered", "named"),
    [
        ("0A1B", "a1b"),
        ("a1b", "2587"),
        ("2587", "A1B"),
        ("0000123", "123"),
        ("123\0", "123"),
        ("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae7dec11d0a76500a0c91e6bf6"),
    ],
)
def test_ids_in_other_writing(queue, answered, named):
    uid = queue.sent(answered)
    queue.receive((named, Said.DELIVERED))
    assert queue.state(uid) == ("delivered", 4)


def test_the_most_alike_is_meant(queue):
    number, same = queue.sent("10"), queue.sent("16")
    queue.sent("22")
    queue.receive(("16", Said.DELIVERED))
    assert (queue.state(number)[0], queue.state(same)[0]) == ("sent", "delivered")


def test_of_several_the_newest_is_meant(queue):
    old, young = queue.sent("a"), queue.sent("a")
    queue.receive(("a", Said.DELIVERED))
    assert (queue.state(old)[0], queue.state(young)[0]) == ("sent", "delivered")


def test_routes_have_ids_of_their_own(queue):
    uid = queue.sent("a")
    queue.receive(("a", Said.DELIVERED), route="other")
    assert queue.state(uid) == ("sent", 3)


def test_ids_that_repeat_as_they_are_are_not_taken_for_numbers(queue):
    for number in range(100, 110):
        queue.sent(str(number))
        queue.receive((str(number), Said.DELIVERED))
    past = queue.sent("1000")
    queue.accept(new())
    (due,) = queue.pick()
    queue.receive(("4096", Said.DELIVERED))  # early: 4096 is 1000 in hexadecimal
    assert queue.state(past) == ("sent", 3)
    queue.end(due, Ended.SENT, "4096")
    assert queue.state(due.uid) == ("delivered", 4)


def test_ids_that_come_as_numbers_are_not_taken_as_they_are(queue):
    for number in range(100, 110):
        queue.sent(str(number))
        queue.receive((f"{number:x}", Said.DELIVERED))
    meant, other = queue.sent("4096"), queue.sent("1000")
    queue.receive(("1000", Said.DELIVERED))
    assert (queue.state(meant)[0], queue.state(other)[0]) == ("delivered", "sent")


def test_an_early_receipt_is_kept_once(queue):
    for _ in range(3):
        queue.receive(("a", Said.ENROUTE), ("a", Said.DELIVERED), ("a", Said.DELIVERED))
    found = queue.rows(tables.early_receipt)
    assert [(row["key"], row["state"]) for row in found] == [("a", 1), ("a", 2)]


def test_an_empty_id_is_nobody_s(queue):
    queue.sent("")
    queue.receive(("", Said.DELIVERED), ("\0", Said.DELIVERED))
    assert queue.rows(tables.early_receipt) == []


def test_early_receipts_are_deleted_after_a_week(queue):
    queue.receive(("old", Said.DELIVERED))
    queue.now += 3 * DAY
    queue.receive(("young", Said.DELIVERED))
    queue.now += 4 * DAY + 1
    queue.receive(("new", Said.DELIVERED))
    assert [row["smsc_id"] for row in queue.rows(tables.early_receipt)] == ["young", "new"]


def test_early_receipts_are_not_kept_without_end(queue, monkeypatch):
    monkeypatch.setattr(early, "_MOST", 5)
    for number in range(10):
        queue.receive((f"x{number}", Said.DELIVERED))
    assert [row["smsc_id"][1] for row in queue.rows(tables.early_receipt)] == list("456789")


def test_a_receipt_counts_for_an_unknown_message(queue):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    queue.end(due, Ended.UNKNOWN, "a")
    queue.receive(("a", Said.DELIVERED))
    assert queue.state(due.uid)[0] == "unknown"
    queue.receive(("b", Said.DELIVERED))
    assert queue.state(due.uid)[0] == "unknown"


def test_a_bad_one_ends_an_unknown_message_and_its_reservation(queue):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    queue.end(due, Ended.UNKNOWN, "a")
    queue.receive(("a", Said.UNDELIVERABLE))
    assert queue.state(due.uid) == ("failed", 7)
    assert queue.booked(due.uid) == [("reserve", -100), ("settle", 50)]


def test_an_unknown_message_with_all_parts_is_delivered(queue):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    queue.end(due, Ended.UNKNOWN, "a", "b")
    queue.receive(("a", Said.DELIVERED), ("b", Said.DELIVERED))
    assert queue.state(due.uid) == ("delivered", 4)
    assert queue.booked(due.uid) == [("reserve", -100), ("settle", 0)]


def test_receipts_of_a_message_that_is_tried_again_count_once_it_is_sent(queue):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    queue.end(due, Ended.LATER, "a")
    queue.receive(("a", Said.DELIVERED))
    assert queue.state(due.uid) == ("waiting", 2)
    (again,) = queue.pick()
    queue.receive(("b", Said.DELIVERED))
    queue.end(again, Ended.SENT, "b")
    assert queue.state(due.uid) == ("delivered", 4)


def test_a_receipt_of_a_message_that_was_refused_is_kept(queue):
    queue.accept(new(parts=2))
    (due,) = queue.pick()
    queue.end(due, Ended.REFUSED, "a")
    queue.receive(("a", Said.DELIVERED))
    assert queue.state(due.uid) == ("failed", 5)
    assert queue.rows(tables.part)[0]["receipt"] == Said.DELIVERED


_IDS = st.one_of(
    st.integers(0, 2**40).map(str),
    st.integers(0, 2**40).map("{:x}".format),
    st.integers(0, 2**40).map("{:016X}".format),
    st.uuids().map(str),
    st.text(max_size=20),
)


@given(st.lists(_IDS, min_size=2, max_size=2))
def test_every_id_that_is_like_another_is_found_by_its_keys(ids):
    sent, named = ids
    if likeness(sent, named) > Likeness.NONE:
        assert plain(sent) in receipts.keys(named)


@given(st.integers(0, 2**64))
def test_numbers_are_found_by_their_keys(number):
    for sent, named in permutations((str(number), f"{number:x}", f"0x{number:08X}"), 2):
        assert likeness(sent, named) > Likeness.NONE
        assert plain(sent) in receipts.keys(named)
