"""Files that are taken: the route, the reservation, or the error of each recipient."""

from __future__ import annotations

import pytest
from intakes import LOGIN, Room

from smsenc.messagefile.parameters import FEATURES
from smsgate.gateway import tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.intake.checks import Rules
from smsgate.gateway.routing.ways import Way, Ways

RULES = Rules(
    routes=Ways(
        (
            Way(name="dear", price=3 * CREDIT),
            Way(name="cheap", prefixes=("4477",), numbers=("12345",)),
            Way(name="states", regions=frozenset(("US",)), price=2 * CREDIT),
            Way(name="text", price=0, features=FEATURES["text"], prefixes=("27",)),
        )
    )
)
BRITAIN, STATES, AFRICA, GERMANY = "447700900123", "14155552671", "27821234567", "4915123456789"


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path)
    yield found
    found.close()


def handled(room, lines, *numbers, name="a.txt", rules=RULES):
    octets = LOGIN + lines.encode() + "".join(f"to:{number}\n" for number in numbers).encode()
    log = room.handled(name, octets, rules)
    return log, room.rows(tables.message, "recipient", "way", "charge", "escalates")


def test_each_number_goes_by_the_cheapest_route_that_takes_it(room):
    log, found = handled(room, "text:Hi\n", BRITAIN, STATES, AFRICA, GERMANY)
    assert log.count("ID:") == 4
    assert found == [
        (BRITAIN, "cheap", CREDIT, 0),
        (STATES, "states", 2 * CREDIT, 0),
        (AFRICA, "text", 0, 0),
        (GERMANY, "dear", 3 * CREDIT, 0),
    ]


def test_a_row_of_a_template_has_its_own_route(room):
    rows = f"csv:{AFRICA},a\ncsv:{AFRICA},{'b' * 161}\n"
    log, found = handled(room, "concat:2\ntext:#field1#\n" + rows)
    assert log.count("ID:") == 2
    assert [row[1:3] for row in found] == [("text", 0), ("dear", 6 * CREDIT)]


def test_a_number_that_no_route_takes_is_refused_alone(room):
    rules = Rules(routes=Ways((Way(name="a", prefixes=("44",)),)))
    log, found = handled(room, "text:Hi\n", BRITAIN, STATES, rules=rules)
    assert [row[0] for row in found] == [BRITAIN]
    assert log.splitlines()[1] == f"ERR: 114, Cannot route message (line 6) To: {STATES}"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("escalate:1\n", [("cheap", 3 * CREDIT, 1), ("states", 3 * CREDIT, 1)]),
        ("escalate:1\nmax_credits:2.9\n", [("cheap", CREDIT, 1), ("states", 2 * CREDIT, 1)]),
        ("escalate:1\nmax_credits:1.5\n", [("cheap", CREDIT, 1)]),
        ("max_credits:3\n", [("cheap", CREDIT, 0), ("states", 2 * CREDIT, 0)]),
    ],
)
def test_escalation_reserves_the_dearest_route_within_max_credits(room, lines, found):
    log, rows = handled(room, lines + "text:Hi\n", BRITAIN, STATES)
    assert [row[1:] for row in rows] == found
    assert log.count("ERR: 302") == 2 - len(found)


@pytest.mark.parametrize(
    ("lines", "error"), [("from:12345\n", ""), ("from:54321\n", "106"), ("", "106")]
)
def test_replies_need_a_route_with_the_sender(room, lines, error):
    log, found = handled(room, f"mo:1\n{lines}text:Hi\n", BRITAIN)
    assert [row[1] for row in found] == ([] if error else ["cheap"])
    assert (f"ERR: {error}" in log) == bool(error)


def test_a_number_that_the_route_of_the_sender_does_not_take(room):
    log, _ = handled(room, "mo:1\nfrom:12345\ntext:Hi\n", STATES)
    assert "ERR: 114" in log
