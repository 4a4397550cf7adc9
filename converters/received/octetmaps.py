"""The maps of what a user names: a message file, or parts, TPDUs and SMPP PDUs in hex.

A PDU whose first octet is 0 and whose command_id SMPP 3.4 has is one of SMPP. Others are the first
of these that has no fault: an SMS-DELIVER, SMS-SUBMIT or SMS-STATUS-REPORT, as its lowest bits say,
with a service centre and then without one; the other three types in the same way. If all have
faults, it is the one whose first fault is furthest from the start, and of those the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from converters.errors import SourceError
from converters.outputs import messagefiles, transcript
from converters.outputs.parts import octets_coding, septets
from converters.received.explained import alone, parts
from smsenc import USER_DATA_OCTETS, Coding, Payload, Segment, SmsencError, dcs, split, udh
from smsenc.messagefile.recognition import is_message_file
from smsenc.octetmap import Map, smpppdus, tpdus
from smsenc.octetmap.messagefiles import message_file
from smsenc.octetmap.parts import of_segment, part
from smsenc.octetmap.tpdus import Kind
from smsenc.smpp import codec
from smsenc.tpdu.model import TYPE

#: Octets of a file, of one PDU, and PDUs of one file that are explained.
LARGEST, _LONGEST_PDU, _MOST = 2**20, 0x12000, 1000
_SHOWN = 40  # characters of hex that people are shown
_MOST_PARTS = 10  # of a message file


class Form(StrEnum):
    """What something is read as, beside one type of TPDU."""

    PART = "part"
    TPDU = "tpdu"
    PDU = "pdu"
    SMPP = "smpp"
    FILE = "file"


As = Form | Kind
#: The values of --as.
CHOICES: tuple[As, ...] = (*Form, *Kind)


@dataclass(frozen=True, slots=True)
class Explained:
    """A map, where it is from, and what else its octets could be.

    ``source`` is a file, or hex that was ``typed``, which has no ``line``. ``others`` are the
    titles of readings without a fault.
    """

    source: str
    line: int | None
    map: Map
    others: tuple[str, ...] = ()
    typed: bool = False

    @property
    def place(self) -> str:
        """Source and line for people; of much hex the first digits."""
        shown = shortened(self.source) if self.typed else self.source
        return shown if self.line is None else f"{shown}:{self.line}"


def shortened(text: str) -> str:
    """The beginning of a long text, and an ellipsis."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def explain(name: str, octets: bytes, kind: As | None = None) -> Iterator[Explained | SmsencError]:
    """The maps of a file, or of hex that is its own name; or why there is none, with its line.

    Raises SourceError if there is nothing to explain.
    """
    if len(octets) > LARGEST:
        raise SourceError(f"expected at most {LARGEST} octets, found {len(octets)}")
    if kind is Form.FILE or (kind is None and is_message_file(octets.decode("latin-1"))):
        yield from _file(name, octets)
        return
    typed = name.encode(errors="surrogateescape") == octets
    for count, (line, text, length) in enumerate(_found(octets)):
        if count >= _MOST:
            yield SourceError(f"expected at most {_MOST} PDUs, found more", line=line)
            return
        source = text if typed else name
        try:
            found, others = _read(text, kind, length)
        except SmsencError as error:
            yield error if typed else error.at(line=line)
        else:
            yield Explained(source, None if typed else line, found, others, typed)


def _file(name: str, octets: bytes) -> Iterator[Explained]:
    """The lines of a message file, and the user data that they make."""
    lines = message_file(octets)
    yield Explained(name, None, lines)
    try:
        found = [one for part in messagefiles.read(name, octets) for one in _of_message(part.found)]
    except SmsencError:
        found = _of_lines(lines)
    for one in found:
        yield Explained(name, None, one)


def _of_message(found: object) -> list[Map]:
    if isinstance(found, Segment):
        return [of_segment(found, alone)]
    if isinstance(found, Payload):
        return list(parts(found, split(found, reference=1))[:_MOST_PARTS])
    return []


def _of_lines(lines: Map) -> list[Map]:
    """The header and data of a file that has faults, as far as they are hex."""
    texts = {"udh": "", "data": ""}
    for field in lines.fields:
        if field.name in texts:
            texts[field.name] += str(field.value).strip()
    try:
        header, data = (bytes.fromhex(text)[:USER_DATA_OCTETS] for text in texts.values())
    except ValueError:
        return []
    return [part(header, data, _BINARY, None, alone)] if header or data else []


_BINARY = 0xF5  # TP-DCS of octets


#: The line of a PDU, its text, and the length that a modem says of its TPDU.
_PduItem = tuple[int, str, int | None]


def _items(octets: bytes) -> Iterator[_PduItem]:
    """Each PDU or part with its line, and the length that a modem says of its TPDU."""
    for block in transcript.blocks(octets):
        length = block.heading.length if block.heading else None
        if block.text_mode:
            continue
        for number, line in block.lines:
            for item in transcript.items(line) or [line]:
                yield number, item, length


def _found(octets: bytes) -> list[_PduItem]:
    """What ``_items`` gives; raises SourceError for a file that holds something else than hex."""
    items = list(_items(octets))
    if len(items) != 1 and not any(_is_hex(text) for _line, text, _length in items):
        raise SourceError("expected hex or a message file, found neither")
    return items


def _is_hex(text: str) -> bool:
    with suppress(ValueError):
        return bool(bytes.fromhex(text))
    return transcript.HEX.fullmatch(text) is not None


def _read(text: str, kind: As | None, length: int | None) -> tuple[Map, tuple[str, ...]]:
    if ":" in text or kind is Form.PART:
        return _part(text, kind), ()
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        raise SourceError(f"expected hex, found {shortened(text)!r}") from None
    if len(octets) > _LONGEST_PDU:
        raise SourceError(f"expected at most {_LONGEST_PDU} octets, found {len(octets)}")
    return choose(octets, kind, length)


# Parts --------------------------------------------------------------------------------------------


def _part(text: str, kind: As | None) -> Map:
    match = transcript.HEX.fullmatch(text)
    if match is None or kind not in (None, Form.PART):
        expected = "UDH:DATA[:DCS[:UDL]]" if kind in (None, Form.PART) else "a PDU"
        raise SourceError(f"expected {expected} in hex, found {shortened(text)!r}")
    header, data = bytes.fromhex(match["udh"].replace("-", "")), bytes.fromhex(match["data"])
    if len(header) + len(data) > _LONGEST_PDU:
        raise SourceError(f"expected at most {_LONGEST_PDU} octets, found more")
    tp_dcs = int(match["dcs"], 16) if match["dcs"] else _coding(header)
    tp_udl = int(match["udl"]) if match["udl"] else _length(header, data, tp_dcs)
    return part(header, data, tp_dcs, tp_udl, alone)


def _coding(header: bytes) -> int:
    """TP-DCS where it is not said: octets for a port are 8-bit data."""
    with suppress(SmsencError):
        return octets_coding(udh.decode(header))
    return 0


def _length(header: bytes, data: bytes, tp_dcs: int) -> int | None:
    """TP-UDL of septets, of which the last may be padding; None for octets."""
    if dcs.decode(tp_dcs).coding is not Coding.GSM7:
        return None
    return -(-len(header) * 8 // 7) + septets(header, data, None)


# PDUs ---------------------------------------------------------------------------------------------


class _Reading(NamedTuple):
    """A way to read octets; ``kinds`` are the values of --as that allow it."""

    kinds: frozenset[As]
    read: Callable[[], Map]


def choose(
    octets: bytes, kind: As | None, length: int | None = None
) -> tuple[Map, tuple[str, ...]]:
    """The map of a PDU, and the titles of its other readings without a fault.

    ``length`` is what a modem says of the TPDU: it decides whether there is a service centre.
    """
    possible = _readings(octets, kind, length)
    readings = [one for one in possible if kind is None or kind in one.kinds]
    maps = [one.read() for one in readings]
    right = [one for one in maps if not one.faults]
    if right:
        return right[0], tuple(one.title for one in right[1:])
    return max(maps, key=_first_fault), ()


def _first_fault(found: Map) -> int:
    """Where the first fault is; that of a type that was asked for says nothing about the rest."""
    faulty = [field for _, field in found.walk() if field.fault]
    others = (field.start for field in faulty if field.name != tpdus.FIRST)
    return min(others, default=len(found.octets))


def _readings(octets: bytes, kind: As | None, length: int | None) -> Iterator[_Reading]:
    if kind is Form.SMPP or (kind is None and length is None and _is_smpp(octets)):
        yield _Reading(frozenset((Form.SMPP,)), partial(smpppdus.pdu, octets, alone))
        return
    centres = (True, False)
    fitting = [one for one in centres if length == _without(octets, with_centre=one)]
    for kinds in (tpdus.KINDS[:_STORED], tpdus.KINDS[_STORED:]):
        for with_centre in fitting or centres:
            yield from _tpdus(octets, kinds, kind, with_centre=with_centre)


#: The first kinds are those that phones store.
_STORED = 3


def _is_smpp(octets: bytes) -> bool:
    command = int.from_bytes(octets[4:8], "big")
    return octets[:1] == b"\0" and len(octets) >= 8 and codec.kind_of(command) is not None


def _without(octets: bytes, *, with_centre: bool) -> int:
    """Octets of the TPDU."""
    return len(octets) - (1 + octets[0] if with_centre and octets else 0)


def _tpdus(
    octets: bytes, kinds: tuple[Kind, ...], asked: As | None, *, with_centre: bool
) -> Iterator[_Reading]:
    """The kinds whose type the octets have, and the one that is asked for."""
    start = 1 + octets[0] if with_centre and octets else 0
    first = octets[start] & TYPE if start < len(octets) else _RESERVED
    number = 0 if first == _RESERVED else first  # it is read as SMS-DELIVER (9.2.3.1)
    for kind in kinds:
        if tpdus.number_of(kind) == number or asked is kind:
            read = partial(tpdus.tpdu, octets, kind, alone, with_centre=with_centre)
            form = Form.PDU if with_centre else Form.TPDU
            yield _Reading(frozenset((kind, form)), read)


_RESERVED = 3
