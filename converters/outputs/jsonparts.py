"""A message as a JSON object: its recipients, coding, and parts in hex."""

from __future__ import annotations

import json
from collections.abc import Iterator

from converters.errors import SourceError
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed, Part, from_hex, segment
from smsenc import Payload, Segment, dcs, split
from smsenc.messagefile.names import SUFFIXES

SUFFIX = SUFFIXES["json"]


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """One object in one file."""
    segments = split(payload, reference=label.reference, limits=job.profile.limits)
    record = {
        "to": job.recipients,
        "coding": payload.coding.value,
        "class": payload.message_class,
        "port": payload.port,
        "parts": [_record(part) for part in segments],
    }
    octets = json.dumps(record, indent=1).encode() + b"\n"
    return Packed(segments, ((label.file_name(suffix=SUFFIX), octets),))


def _record(part: Segment) -> dict[str, object]:
    return {
        "udh": part.udh.hex(),
        "data": part.data.hex(),
        "dcs": dcs.encode(dcs.of(part)),
        "udl": part.udl,
    }


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The parts of the object in a file; ``coding``, ``class`` and ``port`` follow from them.

    Raises SmsencError.
    """
    try:
        record = json.loads(octets)
    except (ValueError, RecursionError):
        raise SourceError("expected JSON, found another format") from None
    match record:
        case {"to": [*to], "parts": [_, *_] as parts} if all(type(one) is str for one in to):
            for number, part in enumerate(parts, start=1):
                yield Part(source=name, found=_segment(part, number), to=tuple(to))
        case _:
            raise SourceError("expected an object with to and parts, found another")


def _segment(part: object, number: int) -> Segment:
    match part:
        case {"udh": str(header), "data": str(data), "dcs": int(tp_dcs), "udl": int(tp_udl)} if (
            0 <= tp_dcs <= 0xFF
        ):
            return segment(from_hex(header, "udh"), from_hex(data, "data"), tp_dcs, tp_udl)
    raise SourceError(f"expected udh, data, dcs and udl in part {number}, found others")
