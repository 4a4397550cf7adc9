"""The PDUs of messages: what the file said is what a phone gets."""

from __future__ import annotations

import time

import pytest

from smsenc import MessageClass, join
from smsenc.messagefile import Message
from smsenc.smpp import mapping
from smsenc.smpp.mapping import Carry
from smsgate.gateway import content
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.sending import submits
from smsgate.gateway.settings import RouteSettings

ROUTE = RouteSettings(name="main")


def due(message=1, *, parts=1, text=None, file=1, to="447700900123", accepted=()):
    return Due(message, "u", 1, to, text, file, parts, 10, 1, 0.0, 1, accepted)


def built(one, route=ROUTE, **values):
    builder = submits.Submits(route)
    given = values if "data" in values else {"text": "Hello"} | values
    builder.add({1: content.dumps(Message(to=(content.NOBODY,), **given))})
    return builder.bodies(one)


@pytest.mark.parametrize("carry", Carry)
@pytest.mark.parametrize(
    "values",
    [
        {"text": "Hello"},
        {"text": "x" * 400},
        {"text": "04170430" * 100, "unicode": True},
        {"text": "Hello", "msg_type": "SMS_FLASH"},
        {"data": b"\1\2\3", "udh": bytes.fromhex("06050415820000")},
    ],
)
def test_the_parts_make_the_payload(values, carry):
    route = RouteSettings(name="main", carry=carry)
    payload = content.payload(Message(to=(content.NOBODY,), **values))
    found = built(due(parts=content.parts_of(payload)), route, **values)
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    assert join([mapping.segment_of(body) for _, body in found]) == payload


@pytest.mark.parametrize("text", ["Ç", "x" * 200])
@pytest.mark.parametrize("row", [False, True])
def test_a_flash_message_has_class_0(text, row):
    parts = 1 + (len(text) > 160)
    found = built(
        due(parts=parts, text=text if row else None), text=text, msg_type="SMS_FLASH", concat=2
    )
    assert {body.data_coding for _, body in found} == {0x10}
    assert {mapping.segment_of(body).message_class for _, body in found} == {MessageClass.FLASH}


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ({"text": "Hello"}, 0x00),
        ({"text": "Ж", "unicode": True, "msg_type": "SMS_FLASH"}, 0x18),
        ({"data": b"\1"}, 0xF5),
        ({"data": b"\1", "msg_type": "SMS_FLASH"}, 0xF4),
    ],
)
def test_the_class_of_other_messages(values, coding):
    ((_, body),) = built(due(), **values)
    assert body.data_coding == coding


def test_addresses():
    ((_, body),) = built(due(to="27831234567"), sender="Shop")
    assert body.source_addr == mapping.address("Shop")
    assert body.destination_addr == mapping.address("27831234567")
    assert body.validity_period == body.schedule_delivery_time == ""
    ((_, body),) = built(due())
    assert body.source_addr == ("", 0, 0)


def test_a_reference_follows_from_the_message():
    def references(message):
        return {body.short_message[3] for _, body in built(due(message, parts=3), text="x" * 400)}

    assert references(1) == references(1) == {2}
    assert (references(254), references(255), references(256)) == ({255}, {1}, {2})


def test_the_text_of_a_row():
    ((_, body),) = built(due(text="Dear Ann"), text="Dear #field1#")
    assert body.short_message == b"Dear Ann"


def test_accepted_parts_are_left_out():
    assert [n for n, _ in built(due(parts=3, accepted=(1, 3)), text="x" * 400)] == [2]


def test_the_caches_are_bounded(monkeypatch):
    monkeypatch.setattr(submits, "_MOST_FILES", 3)
    monkeypatch.setattr(submits, "_MOST_SHARED", 4)
    builder = submits.Submits(ROUTE)
    for file in range(10):
        builder.trim()
        assert builder.missing({file}) == {file}
        builder.add({file: content.dumps(Message(to=(content.NOBODY,), text=f"{file}"))})
        assert builder.bodies(due(file=file))[0][1].short_message == b"%d" % file
    assert len(builder._files) <= 4
    assert len(builder._contents) <= 4
    assert len(builder._shared) <= 4
    assert builder.missing({0, 9}) == {0}


def test_it_takes_a_few_microseconds():
    builder = submits.Submits(ROUTE)
    builder.add({1: content.dumps(Message(to=(content.NOBODY,), text="Hello"))})
    ones = [due(message) for message in range(5000)]
    begin = time.process_time()
    for one in ones:
        builder.bodies(one)
    assert (time.process_time() - begin) / len(ones) < 100e-6  # 10 where nothing else runs
