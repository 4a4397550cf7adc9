"""Whose a message from a phone is."""

from __future__ import annotations

import pytest
from gatewayqueue import START, new
from phonereplies import HANDSET, NUMBER, deliver, phones
from sqlalchemy import insert

from smsenc.messagefile import Message
from smsgate.gateway import content, tables
from smsgate.gateway.replies import keeping
from smsgate.gateway.replies.owners import configured
from smsgate.gateway.settings import AccountSettings, NumberSettings

RULES = (
    NumberSettings(account="1"),
    NumberSettings(account="2", prefix="44"),
    NumberSettings(account="3", prefix="4477"),
    NumberSettings(account="4", keyword="News"),
    NumberSettings(account="5", number="80"),
    NumberSettings(account="6", number="80", prefix="44"),
    NumberSettings(account="7", number="80", keyword="news"),
    NumberSettings(account="8", number="80", keyword="NEWS"),
)


@pytest.mark.parametrize(
    ("handset", "number", "text", "expected"),
    [
        ("33", "81", "hi", "1"),
        ("44", "81", "hi", "2"),
        ("447700", "81", "hi", "3"),
        ("447700", "81", "news please", "4"),
        ("33", "80", "hi", "5"),
        ("447700", "80", "newspaper", "6"),
        ("447700", "80", "  NEWS\nplease", "7"),
        ("447700", "80", None, "6"),
    ],
)
def test_the_rule_that_fits_best_counts(handset, number, text, expected):
    assert configured(RULES, handset, number, text) == expected


def test_without_a_rule_that_fits_it_is_nobodys():
    assert configured(RULES[4:5], "44", "81", "hi") is None


@pytest.fixture
def queue(database):
    found = phones(database, accounts={"2": AccountSettings(prefix="44")})
    found.account(2)
    return found


def wrote(queue, account, recipient=HANDSET, **values):
    """A message of an account to a phone."""
    message = Message(to=(content.NOBODY,), text="Hello", **values)
    row = {"account": account, "name": "a", "size": 1, "digest": "", "taken": 0.0, "state": "read"}
    row |= {"content": content.dumps(message), "spool": f"{len(queue.rows(tables.file)):032x}"}
    key = queue.run(lambda conn: conn.execute(insert(tables.file).values(row)).inserted_primary_key)
    answers = int(bool(values.get("mo")) or values.get("sender", "").isdigit())
    queue.accept(new(recipient, answers=answers), account=account, file=key[0])


def owners(queue):
    return [(row["account"], row["handset"]) for row in queue.replies()]


def test_the_last_account_that_wrote_from_the_number_gets_it(queue):
    wrote(queue, 2, sender=NUMBER)
    wrote(queue, 1, sender=NUMBER)
    wrote(queue, 2, mo=True, sender="447000000000")
    wrote(queue, 2)
    queue.arrive(*deliver())
    queue.look()
    assert owners(queue) == [(1, HANDSET)]


def test_many_others_who_asked_for_replies_come_after_it(queue):
    wrote(queue, 1, sender=NUMBER)
    for _ in range(120):
        wrote(queue, 2, mo=True, sender="447000000000")
    queue.arrive(*deliver("STOP"))
    queue.look()
    assert owners(queue) == [(1, HANDSET)]


def test_otherwise_the_last_one_that_asked_for_replies(queue):
    wrote(queue, 1, mo=True, sender="447000000000")
    wrote(queue, 2, sender="447000000001")
    queue.arrive(*deliver())
    queue.look()
    assert owners(queue) == [(1, HANDSET)]


def test_a_national_number_is_found_with_the_prefix_of_the_account(queue):
    wrote(queue, 2, sender=NUMBER)
    queue.arrive(*deliver(source="0" + HANDSET[2:]))
    queue.look()
    assert owners(queue) == [(2, HANDSET)]


def test_what_is_nobodys_is_kept_and_can_be_given(queue):
    queue.arrive(*deliver("STOP"))
    queue.look()
    assert owners(queue) == [(None, HANDSET)]
    assert queue.rows(tables.listed) == []
    (row,) = queue.replies()
    assert queue.run(keeping.give, row["uid"].upper(), 1, START) == ""
    assert owners(queue) == [(1, HANDSET)]
    assert queue.balance() == 1_000_000 - keeping.CHARGE
    assert [one["account"] for one in queue.rows(tables.listed)] == [1]
    assert queue.run(keeping.give, row["uid"], 2, START) == "it is an account's already"
    assert queue.run(keeping.give, "0" * 32, 2, START) == "no reply has this id"
