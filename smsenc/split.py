"""Cut a payload into parts, and put parts together again.

No part is over its limit, and no cut falls inside an escape pair, a surrogate pair or a grapheme
cluster that fits in a part. Limits follow from the header's length: 160 and 153 septets, 70 and 67
units, 140 and 134 octets.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from smsenc import gsm7, udh
from smsenc.alphabets import ESCAPE
from smsenc.errors import JoinError, SplitError
from smsenc.graphemes import cut_characters, cut_units
from smsenc.model import USER_DATA_OCTETS, Coding, Payload, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The total and sequence of the concatenation element are one octet each (23.040, 9.2.3.24.1).
MOST_PARTS = 255


@dataclass(frozen=True, slots=True)
class Limits:
    """What one route takes: octets of user data, and the width of the reference it wants.

    A 16-bit reference (``wide``) leaves 152 septets or 66 units in each part instead of 153 or 67.
    """

    octets: int = USER_DATA_OCTETS
    wide: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.octets <= USER_DATA_OCTETS:
            raise SplitError(f"expected 1 to {USER_DATA_OCTETS} octets a part, found {self.octets}")

    def room(self, header_octets: int, coding: Coding) -> int:
        """Octets of ``Payload.data`` that fit in one part behind a header of that many octets."""
        octets = self.octets - header_octets
        if coding is Coding.GSM7:
            return octets * 8 // 7
        return octets & ~1 if coding is Coding.UCS2 else octets


STANDARD = Limits()


def capacity(header_octets: int, coding: Coding) -> int:
    """Septets, octets or octets of UTF-16 that fit in a standard part behind a header."""
    return STANDARD.room(header_octets, coding)


def split(
    payload: Payload, *, reference: int, wide: bool = False, limits: Limits = STANDARD
) -> tuple[Segment, ...]:
    """The parts of ``payload``, one or more.

    ``reference`` (0..255, or 0..65535 when ``wide``) is shared by the parts of one message and is
    unused when it fits in one. Raises SplitError for more than 255 parts or no room, HeaderError
    for a header that fills the part.
    """
    header = udh.encode(payload.elements)
    data = payload.data
    if len(data) <= limits.room(len(header), payload.coding):
        return (_segment(payload, header, data),)
    mark = udh.concatenation(reference, 1, 1, wide=wide or limits.wide)
    marked = udh.encode((*payload.elements, mark))
    ends = _cuts(payload, limits.room(len(marked), payload.coding))
    # Only the last two octets of the header, total and sequence, differ from part to part.
    start = marked[:-2] + bytes((len(ends),))
    starts = (0, *ends)
    return tuple(
        _segment(payload, start + bytes((n,)), data[starts[n - 1] : end])
        for n, end in enumerate(ends, start=1)
    )


def count(payload: Payload, *, limits: Limits = STANDARD) -> tuple[int, int]:
    """How many parts ``split`` makes, and how much room is left in the last one.

    Room is in septets, 16-bit units or octets. Raises as ``split`` does.
    """
    header = udh.encode(payload.elements)
    room = limits.room(len(header), payload.coding)
    ends = [len(payload.data)]
    if ends[0] > room:
        mark = udh.concatenation(0, 1, 1, wide=limits.wide)
        room = limits.room(len(udh.encode((*payload.elements, mark))), payload.coding)
        ends = _cuts(payload, room)
    left = room - (ends[-1] - (ends[-2] if len(ends) > 1 else 0))
    return len(ends), left // 2 if payload.coding is Coding.UCS2 else left


def _cuts(payload: Payload, room: int) -> list[int]:
    """Where each part ends, in octets of ``Payload.data``."""
    if room < (4 if payload.coding is Coding.UCS2 else 2):
        raise SplitError(f"expected room for a character in each part, found {room} octets")
    cut = _CUTTERS[payload.coding]
    total, end = len(payload.data), 0
    ends: list[int] = []
    while end < total:
        end = total if total - end <= room else cut(payload, end, end + room)
        ends.append(end)
        if len(ends) > MOST_PARTS:
            needed = len(ends) + -(-(total - end) // room)
            raise SplitError(f"expected at most {MOST_PARTS} parts, found {needed}")
    return ends


def _cut_octets(_payload: Payload, _start: int, end: int) -> int:
    return end


def _cut_units(payload: Payload, start: int, end: int) -> int:
    return cut_units(payload.data, start, end)


def _cut_septets(payload: Payload, start: int, end: int) -> int:
    data = payload.data
    if payload.elements and any(payload.languages):
        return _cut_national(payload, start, end)
    if data[end - 1] == ESCAPE:
        # Only an odd run of escapes ends in one that still waits for its septet.
        run = end - start - len(data[start:end].rstrip(b"\x1b"))
        return end - run % 2
    # The one cluster of two that the default alphabet has.
    return end - 1 if data[end] == _LF and data[end - 1] == _CR else end


_CR, _LF = b"\r\n"


def _cut_national(payload: Payload, start: int, end: int) -> int:
    """National alphabets have marks that belong to the letter before them."""
    window = payload.data[start : end + 2]
    text = gsm7.decode(window, *payload.languages)
    ends = list(accumulate(gsm7.lengths(window), initial=start))
    return cut_characters(text, ends, start, end)


_CUTTERS = {Coding.GSM7: _cut_septets, Coding.UCS2: _cut_units, Coding.OCTETS: _cut_octets}


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
    in ``missing``), contradict each other, or belong to different messages; ``group`` tells such
    apart. Elements are those of the first part.
    """
    groups = group(segments)
    if len(groups) != 1:
        raise JoinError(f"expected the parts of one message, found {len(groups)}")
    parts: dict[int, Segment] = {}
    total = 1
    for segment in groups[0]:
        mark = _mark(segment)
        sequence = mark.sequence if mark else 1
        total = mark.total if mark else 1
        if parts.setdefault(sequence, segment) != segment:
            raise JoinError(f"expected one part {sequence}, found two that differ")
    missing = tuple(n for n in range(1, total + 1) if n not in parts)
    if missing:
        named = ", ".join(map(str, missing))
        raise JoinError(f"expected {total} parts, missing {named}", missing=missing)
    return _payload([parts[n] for n in sorted(parts)])


def group(segments: Iterable[Segment]) -> tuple[tuple[Segment, ...], ...]:
    """Segments by the message they are parts of, in order of first appearance.

    Parts belong together by reference, total, coding and ports (9.2.3.24.1); a segment without
    concatenation is a message of its own, and the same one twice is one message.
    """
    groups: dict[object, list[Segment]] = {}
    for segment in segments:
        mark = _mark(segment)
        key = (mark.reference, mark.total, segment.coding, _port(segment)) if mark else segment
        groups.setdefault(key, []).append(segment)
    return tuple(map(tuple, groups.values()))


def _mark(segment: Segment) -> udh.Concatenation | None:
    return udh.find_concatenation(udh.decode(segment.udh))


def _port(segment: Segment) -> int | None:
    return Payload(data=b"", coding=Coding.OCTETS, elements=udh.decode(segment.udh)).port


def _payload(parts: list[Segment]) -> Payload:
    first = parts[0]
    return Payload(
        data=b"".join(map(_unpacked, parts)),
        coding=first.coding,
        elements=tuple(e for e in udh.decode(first.udh) if not udh.is_concatenation(e)),
        message_class=first.message_class,
    )


def _unpacked(segment: Segment) -> bytes:
    if segment.coding is not Coding.GSM7:
        return segment.data
    fill = gsm7.fill_bits(len(segment.udh))
    return gsm7.unpack(segment.data, segment.units, fill=fill)
