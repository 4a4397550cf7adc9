"""Cut a payload into parts, and put parts together again.

No part is over 140 octets, and no cut falls inside an escape pair or a surrogate pair. All limits
follow from the header's length: 160 and 153 septets, 70 and 67 units, 140 and 134 octets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smsenc import gsm7, udh
from smsenc.alphabets import ESCAPE
from smsenc.errors import JoinError, SplitError
from smsenc.model import USER_DATA_OCTETS, Coding, Payload, Segment

#: The total and sequence of the concatenation element are one octet each (23.040, 9.2.3.24.1).
MOST_PARTS = 255


def capacity(header_octets: int, coding: Coding) -> int:
    """Octets of ``Payload.data`` that fit in one part behind a header of that many octets."""
    room = USER_DATA_OCTETS - header_octets
    if coding is Coding.GSM7:
        return room * 8 // 7
    return room & ~1 if coding is Coding.UCS2 else room


def split(payload: Payload, *, reference: int, wide: bool = False) -> tuple[Segment, ...]:
    """The parts of ``payload``, one or more.

    ``reference`` (0..255, or 0..65535 with ``wide``) is shared by the parts of one message and is
    unused when it fits in one. Raises SplitError for more than 255 parts, HeaderError when the
    elements leave no room.
    """
    header = udh.encode(payload.elements)
    if len(payload.data) <= capacity(len(header), payload.coding):
        return (_segment(payload, header, payload.data),)
    marker = udh.encode((*payload.elements, udh.concatenation(reference, 1, 1, wide=wide)))
    pieces = tuple(_pieces(payload, capacity(len(marker), payload.coding)))
    if len(pieces) > MOST_PARTS:
        raise SplitError(f"expected at most {MOST_PARTS} parts, found {len(pieces)}")
    # Only the last two octets of the header, total and sequence, differ from part to part.
    start = marker[:-2] + bytes((len(pieces),))
    return tuple(
        _segment(payload, start + bytes((n,)), piece) for n, piece in enumerate(pieces, start=1)
    )


def _pieces(payload: Payload, room: int) -> Iterator[bytes]:
    if room < (4 if payload.coding is Coding.UCS2 else 2):
        raise SplitError(f"expected room for a character in each part, found {room} octets")
    data, keep_together = payload.data, _KEEP_TOGETHER[payload.coding]
    start = 0
    while start < len(data):
        end = min(start + room, len(data))
        if end < len(data):
            end -= keep_together(data, start, end)
        yield data[start:end]
        start = end


def _escape_before(data: bytes, start: int, end: int) -> int:
    # Only an odd run of escapes ends in one that still waits for its septet.
    run = end - len(data[start:end].rstrip(bytes((ESCAPE,)))) - start
    return run % 2


def _high_surrogate_before(data: bytes, _start: int, end: int) -> int:
    return 2 if 0xD8 <= data[end - 2] <= 0xDB else 0


def _nothing(_data: bytes, _start: int, _end: int) -> int:
    return 0


_KEEP_TOGETHER = {
    Coding.GSM7: _escape_before,
    Coding.UCS2: _high_surrogate_before,
    Coding.OCTETS: _nothing,
}


def _segment(payload: Payload, header: bytes, piece: bytes) -> Segment:
    units = len(piece)
    if payload.coding is Coding.GSM7:
        piece = gsm7.pack(piece, fill=gsm7.fill_bits(len(header)))
    elif payload.coding is Coding.UCS2:
        units //= 2
    return Segment(
        udh=header,
        data=piece,
        coding=payload.coding,
        units=units,
        message_class=payload.message_class,
    )


def join(segments: Iterable[Segment]) -> Payload:
    """The payload of which ``segments`` are the parts: the inverse of ``split``.

    Parts may come in any order and more than once. Raises JoinError when parts are missing (named
    in ``missing``), contradict each other, or belong to different messages.
    """
    parts: dict[int, Segment] = {}
    identities = set()
    total = 1
    for segment in segments:
        elements = udh.decode(segment.udh)
        mark = udh.find_concatenation(elements)
        sequence = 1
        if mark:
            total, sequence = mark.total, mark.sequence
        if parts.setdefault(sequence, segment) != segment:
            raise JoinError(f"expected one part {sequence}, found two that differ")
        identities.add((mark and mark[:2], segment.coding))
    if len(identities) != 1:
        raise JoinError(f"expected the parts of one message, found {len(identities)}")
    missing = tuple(n for n in range(1, total + 1) if n not in parts)
    if missing:
        named = ", ".join(map(str, missing))
        raise JoinError(f"expected {total} parts, missing {named}", missing=missing)
    return _payload([parts[n] for n in sorted(parts)])


def _payload(parts: list[Segment]) -> Payload:
    first = parts[0]
    elements = tuple(e for e in udh.decode(first.udh) if not udh.is_concatenation(e))
    return Payload(
        data=b"".join(map(_unpacked, parts)),
        coding=first.coding,
        elements=elements,
        message_class=first.message_class,
    )


def _unpacked(segment: Segment) -> bytes:
    if segment.coding is not Coding.GSM7:
        return segment.data
    fill = gsm7.fill_bits(len(segment.udh))
    return gsm7.unpack(segment.data, segment.units, fill=fill)
