"""From items to outcomes, and their JSON objects."""

import json

import pytest

from converters.api import Action, Item, Loss
from converters.pipeline import Job, package_item
from converters.received.inspect import inspect
from converters.records import outcome_record, shown_record
from smsenc import Payload, SmsencError, encode_text
from smsenc.messagefile import Message, loads

NUMBER = "447700900123"
LOSS = Loss(what="NOTE", action=Action.LEFT_OUT, why="too long", line=3)


def packaged(item, **changes):
    job = Job(**{"recipients": (NUMBER,), "template": Message(to=(NUMBER,), text="")} | changes)
    return package_item(item, job, source="a.txt", index=1, number=7, reference=5)


@pytest.mark.parametrize(
    ("item", "changes", "status"),
    [
        (Item(kind="text", payload=encode_text("hi")), {}, "written"),
        (Item(kind="text", payload=encode_text("hi"), losses=(LOSS,)), {}, "partial"),
        (Item(kind="text", error=SmsencError("no")), {}, "rejected"),
        (Item(kind="text", payload=encode_text("x" * 161)), {"max_parts": 1}, "rejected"),
    ],
)
def test_the_status_says_what_happened(item, changes, status):
    assert packaged(item, **changes).status == status


def test_too_many_parts_are_refused():
    outcome = packaged(Item(kind="text", payload=encode_text("x" * 161)), max_parts=1)
    assert str(outcome.error) == "expected at most 1 part, found 2"
    assert outcome.files == ()


def test_only_texts_can_be_flash_messages():
    ((_name, octets),) = packaged(Item(kind="text", payload=encode_text("hi")), flash=True).files
    assert loads(octets).msg_type == "SMS_FLASH"
    outcome = packaged(Item(kind="vcard", payload=Payload.to_port(0x23F4, b"x")), flash=True)
    assert [str(loss) for loss in outcome.losses] == [
        "flash ignored: only a text can be shown at once"
    ]


def test_an_outcome_as_json():
    outcome = packaged(Item(kind="text", payload=encode_text("hi"), losses=(LOSS,)))
    assert json.loads(json.dumps(outcome_record(outcome, ("box/1.txt",)))) == {
        "source": "a.txt",
        "item": 1,
        "kind": "text",
        "status": "partial",
        "coding": "gsm7",
        "parts": 1,
        "octets": 2,
        "files": ["box/1.txt"],
        "losses": [{"what": "NOTE", "action": "left out", "why": "too long", "line": 3}],
        "error": None,
    }


def test_an_error_has_only_the_places_that_are_known():
    error = SmsencError("expected a name, found none", line=2)
    record = outcome_record(packaged(Item(kind="vcard", error=error)), ())
    assert record["error"] == {"message": "expected a name, found none", "line": 2}
    assert record["status"] == "rejected"


def test_an_inspected_message_as_json():
    (shown,) = inspect(packaged(Item(kind="text", payload=encode_text("hi"))).files)
    assert json.loads(json.dumps(shown_record(shown))) == {
        "source": "000007-a.txt",
        "kind": "text",
        "port": None,
        "parts": 1,
        "missing": [],
        "to": [NUMBER],
        "from": None,
        "about": None,
        "content": {"text": "hi", "coding": "gsm7", "flash": False},
        "rows": 0,
        "shown_rows": [],
        "losses": [],
        "warnings": [],
        "error": None,
    }


@pytest.mark.parametrize(
    ("name", "index", "said"),
    [
        ("Anna", 1, "Anna: expected at most 1 part, found 2"),
        ("", 2, "message 2: expected at most 1 part, found 2"),
        ("", 1, "expected at most 1 part, found 2"),
    ],
)
def test_a_message_of_too_many_parts_is_named(name, index, said):
    item = Item(kind="text", name=name, payload=encode_text("x" * 161))
    job = Job(recipients=(NUMBER,), template=Message(to=(NUMBER,), text=""), max_parts=1)
    found = package_item(item, job, source="a.txt", index=index, number=1, reference=1)
    assert str(found.error) == said
