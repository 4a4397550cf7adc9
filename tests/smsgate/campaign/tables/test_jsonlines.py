import json

import pytest
from campaigns import values_of

from converters.errors import SourceError
from smsgate.campaign.tables.model import LONGEST_ROW


def test_json_lines_are_a_table(table):
    lines = [
        {"phone": 447700900123, "name": "Zoë"},
        {"phone": 4.4e11, "age": 7, "vip": True},
        {"phone": "1", "name": None, "other": {}},
    ]
    octets = "\n".join(map(json.dumps, lines)).encode() + b"\n\n"
    opened = table(octets, name="t.jsonl")
    assert opened.columns == ("phone", "name", "age", "vip", "other")
    assert values_of(opened) == [
        (1, ["447700900123", "Zoë", "", "", ""]),
        (2, ["440000000000.0", "", "7", "true", ""]),
        (3, ("unreadable", "line 3: expected a text or a number in 'other', found an object")),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "expected JSON, found expecting property name enclosed in double quotes at 2"),
        (b"[1]", "expected an object, found list"),
        (b'{"to": "1", "to": "2"}', "expected one value of 'to', found several"),
        (b"\xff", "expected utf-8 characters, found others"),
        (b"[" * 60_000, "expected an object, found one that is nested too deep"),
        (b'"' + b"x" * LONGEST_ROW, f"expected at most {LONGEST_ROW} octets, found 65537"),
    ],
)
def test_a_bad_line_of_json_is_one_row(table, line, message):
    octets = b'{"to": "1"}\n' + line + b'\n{"to": "2"}'
    found = values_of(table(octets, name="t.jsonl", charset="utf-8"))
    assert found == [(1, ["1"]), (2, (found[1][1][0], f"line 2: {message}")), (3, ["2"])]


def test_a_name_that_is_there_twice_with_one_value_is_read(table):
    opened = table(b'{"to": "1", "name": "Ann", "name": "Ann"}', name="t.jsonl")
    assert values_of(opened) == [(1, ["1", "Ann"])]


def test_the_first_line_of_json_must_be_an_object(table):
    with pytest.raises(SourceError, match=r"t.jsonl:1: expected an object, found list$"):
        table(b"[1]\n", name="t.jsonl")
