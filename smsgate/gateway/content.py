"""What all messages of a file share: the file without its log-in and recipients, as JSON.

stored = content.dumps(message)           # column file.content
shared = content.loads(stored)            # a message to nobody
payload = content.payload(shared, text)   # text: column message.text
for segment in content.segments(payload, reference): ...
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from converters.outputs.messagetypes import payload_of
from smsenc import Payload, Segment, splitting
from smsenc.messagefile import Message
from smsenc.messagefile.packing import unpack_text
from smsenc.messagefile.parameters import PARAMETERS, hex_digits, spell
from smsenc.messagefile.stream import NOBODY

#: How the JSON of a file begins whose text was erased.
ERASED = '{"erased"'
_TEXTS = (None, "SMS_TEXT", "SMS_FLASH")
_CONTENT = ("text", "data", "udh")


def dumps(message: Message) -> str:
    """A message as JSON in ASCII: its parameters by key, and its text or data."""
    given = ((row.key, getattr(message, row.field)) for row in PARAMETERS)
    found: dict[str, str] = {key: spell(value) for key, value in given if value is not None}
    if message.text is not None:
        found["text"] = message.text  # a lone surrogate of UTF-16 is escaped
    if message.data is not None:
        found["data"] = hex_digits(message.data)
    return json.dumps(found)


def loads(text: str) -> Message:
    """The inverse of ``dumps``: to NOBODY, and with the placeholder for a log-in."""
    found: dict[str, str] = json.loads(text)
    values: dict[str, Any] = {
        row.field: row.value(found[row.key]) for row in PARAMETERS if row.key in found
    }
    data = found.get("data")
    values |= {"text": found.get("text"), "data": None if data is None else bytes.fromhex(data)}
    return Message(to=(NOBODY,), **values)


def erased(stored: str) -> str:
    """The same without text and data; what logs show of the file stays."""
    found = json.loads(stored)
    return json.dumps(
        {"erased": "1"} | {key: one for key, one in found.items() if key not in _CONTENT}
    )


def payload(message: Message, text: str | None = None) -> Payload:
    """What a message of any type carries; ``text`` is that of one row of a template.

    Raises SmsencError if the content does not fit the type.
    """
    if text is None:
        return payload_of(message)
    if message.msg_type in _TEXTS:
        return unpack_text(message, text)
    return payload_of(replace(message, text=text))


def segments(found: Payload, reference: int) -> tuple[Segment, ...]:
    """The parts of a payload with one concatenation reference, 0 to 255; raises SmsencError."""
    return splitting.split(found, reference=reference)


def parts_of(found: Payload) -> int:
    """How many parts ``segments`` makes; raises SmsencError."""
    parts, _room = splitting.count(found)
    return parts
