"""Received messages as a phone shows them, and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from converters.outputs.parts import Part
from converters.received.inspect import Shown, show
from smsenc import Segment as Tpdu
from smsenc import SmsencError
from smsenc.model import Payload
from smsenc.smpp import SmppError, mapping
from smsgate.simulator import receipts
from smsgate.simulator.fates import body_of, submitted
from smsgate.simulator.joining import Submitted
from smsgate.simulator.marks import NEW, Marked
from smsgate.simulator.store import Message, Segment

_TEXT = "text"


def record(
    message: Message, segments: Sequence[Segment], marked: Marked = NEW
) -> dict[str, object]:
    """The JSON object of a message."""
    shown = as_shown(message, segments)
    content = dict(shown.content or {})
    is_text = shown.kind == _TEXT and not shown.error
    return {
        "id": receipts.shown_id(message.id),
        "from": message.sender,
        "to": message.recipient,
        "time": _time(message.time),
        "kind": shown.kind,
        "port": shown.port,
        "parts": max(message.parts, shown.parts),
        "missing": list(shown.missing),
        "text": content.get(_TEXT) if is_text else None,
        "content": content or None,
        "error": shown.error and shown.error.record(),
        "data_coding": body_of(segments[0]).data_coding if segments else None,
        "segments": [_segment_record(one) for one in segments],
        "state": state_of(segments),
        "system_id": segments[0].system_id if segments else None,
        "unread": marked.unread,
        "tags": list(marked.tags),
    }


def _segment_record(segment: Segment) -> dict[str, object]:
    body = body_of(segment)
    header, data = wire(body)
    return {
        "id": receipts.shown_id(segment.named),
        "time": _time(segment.time),
        "udh": header.hex().upper(),
        "data": data.hex().upper(),
        "data_coding": body.data_coding,
        "esm_class": body.esm_class,
        "registered_delivery": body.registered_delivery,
        "part": segment.place,
        "state": segment.state,
    }


def wire(body: Submitted) -> tuple[bytes, bytes]:
    """The user data header and the octets after it, as they were sent."""
    octets = mapping.content(body)
    behind = octets[0] + 1 if body.esm_class & mapping.UDHI and octets else 0
    return octets[:behind], octets[behind:]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def state_of(segments: Sequence[Segment]) -> str:
    """The state of a message: accepted until all parts are final; then the first that is bad."""
    states = [one.state for one in segments]
    if not states or receipts.ACCEPTED in states:
        return receipts.ACCEPTED
    return next((one for one in states if one != receipts.DELIVERED), receipts.DELIVERED)


def as_shown(message: Message, segments: Sequence[Segment]) -> Shown:
    """What a phone shows of a message."""
    shown = _shown(tuple(one.pdu for one in segments))
    sender = message.sender or "no sender"
    heading = f"{receipts.shown_id(message.id)}  {sender} > {message.recipient}"
    return replace(shown, source=heading)


def words(shown: Shown) -> str:
    """All texts in the content of a message."""
    return "\n".join(_texts(shown.content))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


@lru_cache(maxsize=2000)
def _shown(pdus: tuple[bytes, ...]) -> Shown:
    parts = [Part(source="", found=_found(octets)) for octets in pdus]
    broken = next((one.found for one in parts if isinstance(one.found, SmsencError)), None)
    if broken or not parts:
        return Shown(source="", parts=len(parts), error=broken)
    return show(parts)


def _found(pdu: bytes) -> Tpdu | Payload | SmsencError:
    """A part, a message that is too long for one, or why it cannot be read."""
    body = submitted(pdu)
    try:
        return mapping.segment_of(body)
    except SmppError as error:
        try:
            return mapping.payload_of(body)
        except SmppError:
            return error
