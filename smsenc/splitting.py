"""Split a payload into parts, and join parts again.

No part exceeds its limit, and no cut is inside an escape pair, a surrogate pair or a grapheme
cluster that fits in a part. Limits follow from the length of the header: 160 and 153 septets, 70
and 67 units, 140 and 134 octets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from smsenc import ems, gsm7, udh
from smsenc.alphabets import ESCAPE
from smsenc.errors import JoinError, SplitError
from smsenc.graphemes import cut_characters, cut_units
from smsenc.model import USER_DATA_OCTETS, Coding, Element, Payload, Segment, valid_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The total and sequence of the concatenation element are one octet each (23.040, 9.2.3.24.1).
MOST_PARTS = 255


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one route: octets of user data, and the width of the reference.

    A 16-bit reference (``wide``) leaves 152 septets or 66 units in each part instead of 153 or 67.
    """

    octets: int = USER_DATA_OCTETS
    wide: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.octets <= USER_DATA_OCTETS:
            raise SplitError(f"expected 1 to {USER_DATA_OCTETS} octets a part, found {self.octets}")

    def room(self, header_octets: int, coding: Coding) -> int:
        """Octets of ``Payload.data`` that fit in one part with a header of that length."""
        octets = self.octets - header_octets
        if coding is _GSM7:
            return octets * 8 // 7
        return octets & ~1 if coding is _UCS2 else octets


#: What a phone takes: 140 octets a part, and a reference of 8 bits.
STANDARD = Limits()


def capacity(header_octets: int, coding: Coding) -> int:
    """Octets of ``Payload.data`` that fit in a standard part with a header of that length."""
    return STANDARD.room(header_octets, coding)


def split(
    payload: Payload, *, reference: int, wide: bool = False, limits: Limits = STANDARD
) -> tuple[Segment, ...]:
    """The parts of ``payload``, one or more.

    EMS objects that do not fit in one header, of a payload without text, get one part each.
    ``reference`` (0..255, or 0..65535 if ``wide``) is the same in all parts of a message, and
    unused if there is only one. Raises SplitError for more than 255 parts or no room, and for what
    is no Payload; HeaderError for a header that fills the part, and for several parts with a
    ``reference`` outside its range.
    """
    try:
        data, coding, elements = payload.data, payload.coding, payload.elements
    except AttributeError:
        what = f"expected a Payload, as encode_text returns, found {type(payload).__name__}"
        raise SplitError(what) from None
    if not data and (shares := ems.distribute(elements)):
        return _with_objects(payload, shares, reference, limits, wide=wide or limits.wide)
    header = udh.encode(elements) if elements else b""
    units = len(data)
    if units <= _MOST_SEPTETS and units <= limits.room(len(header), coding):
        if coding is _GSM7:
            data = gsm7.pack(data, gsm7.fill_bits(len(header)) if header else 0)
        elif coding is _UCS2:
            units >>= 1
        return (valid_segment(header, data, coding, units, payload.message_class),)
    return _in_parts(
        payload, udh.with_concatenation(header, reference, wide=wide or limits.wide), limits
    )


def _in_parts(payload: Payload, header: bytes, limits: Limits) -> tuple[Segment, ...]:
    """Several parts; their headers are ``header`` and two more octets, total and sequence."""
    data, coding, message_class = payload.data, payload.coding, payload.message_class
    ends = _cuts(payload, limits.room(len(header) + 2, coding))
    header += _OCTETS[len(ends)]
    packed = gsm7.pack_all(data, ends, gsm7.fill_bits(len(header) + 1)) if coding is _GSM7 else []
    half = 1 if coding is _UCS2 else 0
    parts: list[Segment] = []
    start = 0
    for sequence, end in zip(_SEQUENCES, ends):  # noqa: B905 - it doubles the time of zip
        piece = packed[len(parts)] if packed else data[start:end]
        units = end - start >> half
        parts.append(valid_segment(header + sequence, piece, coding, units, message_class))
        start = end
    return tuple(parts)


def _with_objects(
    payload: Payload,
    shares: tuple[tuple[Element, ...], ...],
    reference: int,
    limits: Limits,
    *,
    wide: bool,
) -> tuple[Segment, ...]:
    """Parts without text, each with different elements."""
    total = len(shares)
    if total > MOST_PARTS:
        raise SplitError(f"expected at most {MOST_PARTS} parts, found {total}")
    marks = (udh.concatenation(reference, total, n, wide=wide) for n in range(1, total + 1))
    payloads = (
        replace(payload, elements=(mark, *share)) for mark, share in zip(marks, shares, strict=True)
    )
    return tuple(split(one, reference=reference, limits=limits)[0] for one in payloads)


# No part holds more septets, and none holds more of any other unit.
_MOST_SEPTETS = USER_DATA_OCTETS * 8 // 7
_OCTETS = [bytes((n,)) for n in range(256)]
_SEQUENCES = _OCTETS[1:]
# Names of the module, because finding a member in its class takes longer than the comparison.
_GSM7, _UCS2 = Coding.GSM7, Coding.UCS2


def count(payload: Payload, *, limits: Limits = STANDARD) -> tuple[int, int]:
    """How many parts ``split`` makes, and how much room is left in the last one.

    Room is in septets, 16-bit units or octets. Raises the same errors as ``split``.
    """
    if not payload.data and ems.distribute(payload.elements):
        *_, last = parts = split(payload, reference=0, limits=limits)
        left = limits.room(len(last.udh), payload.coding)
        return len(parts), left // 2 if payload.coding is Coding.UCS2 else left
    header = udh.encode(payload.elements)
    room = limits.room(len(header), payload.coding)
    ends = [len(payload.data)]
    if ends[0] > room:
        header = udh.with_concatenation(header, 0, wide=limits.wide)
        room = limits.room(len(header) + 2, payload.coding)
        ends = _cuts(payload, room)
    left = room - (ends[-1] - (ends[-2] if len(ends) > 1 else 0))
    return len(ends), left // 2 if payload.coding is Coding.UCS2 else left


def _cuts(payload: Payload, room: int) -> list[int]:
    """The end of each part, as an offset in ``Payload.data``."""
    coding = payload.coding
    if room < (4 if coding is _UCS2 else 2):
        raise SplitError(f"expected room for a character in each part, found {room} octets")
    total = len(payload.data)
    if total > room * MOST_PARTS:  # checked first, so that a very long text is refused at once
        raise SplitError(f"expected at most {MOST_PARTS} parts, found {-(-total // room)}")
    if coding is _UCS2:
        ends = cut_units(payload.data, room)
    elif coding is _GSM7:
        ends = _cut_septets(payload, room)
    else:
        ends = [*range(room, total, room), total]
    if len(ends) > MOST_PARTS:
        raise SplitError(f"expected at most {MOST_PARTS} parts, found {len(ends)}")
    return ends


def _cut_septets(payload: Payload, room: int) -> list[int]:
    if payload.elements and any(payload.languages):
        return _cut_national(payload, room)
    data, total = payload.data, len(payload.data)
    ends, end = [], 0
    while total - end > room:
        start, end = end, end + room
        if data[end - 1] == ESCAPE:
            # The last escape of an odd run belongs to the next septet.
            end -= (room - len(data[start:end].rstrip(b"\x1b"))) % 2
        elif data[end] == _LF and data[end - 1] == _CR:
            end -= 1  # the only cluster of two characters in the default alphabet
        ends.append(end)
    return [*ends, total]


_CR, _LF = b"\r\n"


def _cut_national(payload: Payload, room: int) -> list[int]:
    """National alphabets have marks that belong to the letter before them."""
    text = gsm7.decode(payload.data, *payload.languages)
    places = list(accumulate(gsm7.lengths(payload.data), initial=0))
    return cut_characters(text, places, room)


def join(segments: Iterable[Segment]) -> Payload:
    """The payload whose parts are ``segments``: the inverse of ``split``.

    Parts may be in any order and more than once. Raises JoinError if parts are missing (``missing``
    has their numbers), contradict each other, or belong to different messages; ``group`` separates
    those. The elements are those of the first part, and the EMS objects of the others.
    """
    groups = _groups(segments)
    if len(groups) != 1:
        raise JoinError(f"expected the parts of one message, found {len(groups)}")
    parts: dict[int, Segment] = {}
    total = 1
    for found, segment in groups[0]:
        sequence, total = (found.sequence, found.total) if found else (1, 1)
        known = parts.setdefault(sequence, segment)
        if known is not segment and known != segment:
            raise JoinError(f"expected one part {sequence}, found two that differ")
    missing = tuple(n for n in range(1, total + 1) if n not in parts)
    if missing:
        named = ", ".join(map(str, missing))
        raise JoinError(f"expected {total} parts, missing {named}", missing=missing)
    return _payload([parts[n] for n in sorted(parts)])


def group(segments: Iterable[Segment]) -> tuple[tuple[Segment, ...], ...]:
    """Segments grouped by message, in order of first appearance.

    Parts of one message have the same reference, total, coding and ports (9.2.3.24.1). A segment
    without concatenation is a complete message; the same one twice is one message.
    """
    return tuple(tuple(segment for _, segment in found) for found in _groups(segments))


_Part = tuple[udh.Concatenation | None, Segment]


def _groups(segments: Iterable[Segment]) -> list[list[_Part]]:
    groups: dict[object, list[_Part]] = {}
    for segment in segments:
        found = udh.find_concatenation(udh.decode(segment.udh))
        key = (found.reference, found.total, segment.coding, _port(segment)) if found else segment
        groups.setdefault(key, []).append((found, segment))
    return list(groups.values())


def _port(segment: Segment) -> int | None:
    return Payload(data=b"", coding=Coding.OCTETS, elements=udh.decode(segment.udh)).port


def _payload(parts: list[Segment]) -> Payload:
    first, *others = parts
    elements = [e for e in udh.decode(first.udh) if not udh.is_concatenation(e)]
    for part, before in zip(others, accumulate(part.units for part in parts), strict=False):
        elements += ems.collect(udh.decode(part.udh), before)
    return Payload(
        data=b"".join(map(_unpacked, parts)),
        coding=first.coding,
        elements=tuple(elements),
        message_class=first.message_class,
    )


def _unpacked(segment: Segment) -> bytes:
    if segment.coding is not Coding.GSM7:
        return segment.data
    fill = gsm7.fill_bits(len(segment.udh))
    return gsm7.unpack(segment.data, segment.units, fill=fill)
