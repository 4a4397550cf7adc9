"""TPDUs of any octets, field by field (3GPP TS 23.040, 9.2.2). Faults are marked, not raised.

The type is in the lowest two bits of the first octet, and each value has one meaning in each
direction, so that the kind is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from smsenc import dcs
from smsenc.model import USER_DATA_OCTETS, Coding
from smsenc.octetmap import schemes
from smsenc.octetmap.model import Bits, Cursor, Field, Map
from smsenc.octetmap.semioctets import address, centre, timestamp, validity
from smsenc.octetmap.userdata import Payloads, Read, unknown, user_data
from smsenc.tpdu.model import HEADER, TYPE, VALIDITY_SHIFT

_PDU = "3GPP TS 23.040"
_FIRST = f"{_PDU}, 9.2.3"


class Kind(StrEnum):
    """The types of TPDU."""

    DELIVER = "deliver"
    SUBMIT = "submit"
    STATUS_REPORT = "status-report"
    DELIVER_REPORT = "deliver-report"
    SUBMIT_REPORT = "submit-report"
    COMMAND = "command"

    @property
    def named(self) -> str:
        """The name in the specification."""
        return f"SMS-{self.value.upper()}"


@dataclass(slots=True)
class _Reader:
    """The octets of a TPDU, and what is known of those that follow."""

    at: Cursor
    first: int
    payloads: Payloads
    coding: int = 0
    present: int = 0

    def reference(self) -> Iterator[Field]:
        yield from self.at.number(1, "TP-MR", f"{_FIRST}.6")

    def originator(self) -> Iterator[Field]:
        yield from address(self.at, "TP-OA", f"{_FIRST}.7")

    def destination(self) -> Iterator[Field]:
        yield from address(self.at, "TP-DA", f"{_FIRST}.8")

    def recipient(self) -> Iterator[Field]:
        yield from address(self.at, "TP-RA", f"{_FIRST}.14")

    def protocol(self) -> Iterator[Field]:
        yield from schemes.protocol(self.at)

    def data_coding(self) -> Iterator[Field]:
        self.coding = self.at.peek()[0] if self.at.has(1) else 0
        yield from schemes.data_coding(self.at)

    def stamp(self) -> Iterator[Field]:
        yield from timestamp(self.at, "TP-SCTS")

    def discharge(self) -> Iterator[Field]:
        yield from timestamp(self.at, "TP-DT", f"{_FIRST}.13")

    def status(self) -> Iterator[Field]:
        yield from schemes.status(self.at)

    def failure(self) -> Iterator[Field]:
        """TP-FCS, which only a report of an error has: its bit 7 is 1, that of TP-PI is 0."""
        if self.at.has(1) and self.at.peek()[0] & 0x80:
            yield from schemes.failure(self.at)

    def validity(self) -> Iterator[Field]:
        yield from validity(self.first >> VALIDITY_SHIFT & 3, self.at)

    def indicator(self) -> Iterator[Field]:
        """TP-PI: which of the optional parameters follow; others are only in its extensions."""
        more = True
        self.present = self.at.peek()[0] if self.at.has(1) else 0
        while more:
            more = self.at.has(1) and bool(self.at.peek()[0] & 0x80)
            yield from self.at.number(1, "TP-PI", f"{_FIRST}.27", bits=_INDICATOR)

    def optional(self) -> Iterator[Field]:
        """A status report may end without any of them."""
        if self.at.left:
            yield from self.indicator()
            yield from self.announced()

    def announced(self) -> Iterator[Field]:
        """The parameters that TP-PI announces."""
        for bit, step in ((1, self.protocol), (2, self.data_coding), (4, self.user_data)):
            if self.present & bit:
                yield from step()

    def command(self) -> Iterator[Field]:
        yield from self.at.number(1, "TP-CT", f"{_FIRST}.19", _COMMANDS)
        yield from self.at.number(1, "TP-MN", f"{_FIRST}.18")

    def command_data(self) -> Iterator[Field]:
        size = self.at.peek()[0] if self.at.has(1) else 0
        yield from self.at.number(1, "TP-CDL", f"{_FIRST}.20", unit="octets")
        if not self.at.has(size):
            yield from self.at.cut("TP-CD", size, f"{_FIRST}.21")
        elif size:
            found = self.at.peek(size)
            yield self.at.field(size, "TP-CD", found, f"{_FIRST}.21")

    def user_data(self) -> Iterator[Field]:
        clause = f"{_FIRST}.24"
        length = self.at.peek()[0] if self.at.has(1) else 0
        meaning = dcs.decode(self.coding)
        coding = meaning.coding
        unit = "septets" if coding is Coding.GSM7 else "octets"
        size = -(-length * 7 // 8) if coding is Coding.GSM7 else length
        for field in self.at.number(1, "TP-UDL", f"{_FIRST}.16", unit=unit):
            what = f"expected at most {USER_DATA_OCTETS} octets of user data, found {size}"
            yield replace(field, fault=what if size > USER_DATA_OCTETS else field.fault)
        if self.at.broken or not size:
            return
        found = min(size, self.at.left)
        inner = Cursor.over(self.at.octets, self.at.at, self.at.at + found)
        fault = "" if found == size else f"expected {size} octets of user data, found {found}"
        units = length if coding is Coding.GSM7 and found == size else None
        has_header = bool(self.first & HEADER)
        read = Read(coding, has_header, units, compressed=meaning.compressed)
        children = tuple(user_data(inner, read, self.payloads))
        self.at.broken = found < size
        yield self.at.field(found, "TP-UD", "", clause, fault=fault, children=children)


_INDICATOR = (
    Bits(0x80, "extension", ("none", "another octet follows")),
    Bits(0x78, "reserved"),
    Bits(0x04, "TP-UDL", ("absent", "present")),
    Bits(0x02, "TP-DCS", ("absent", "present")),
    Bits(0x01, "TP-PID", ("absent", "present")),
)
_COMMANDS = ("enquiry", "cancel status report request", "delete message", "enable status report")

# The first octet ----------------------------------------------------------------------------------

_RP = Bits(0x80, "TP-RP", ("no reply path", "reply path"))
_UDHI = Bits(0x40, "TP-UDHI", ("no user data header", "user data header"))
_SRI = Bits(0x20, "TP-SRI", ("no status report", "status report wanted"))
_SRR = Bits(0x20, "TP-SRR", ("no status report", "status report wanted"))
_SRQ = Bits(0x20, "TP-SRQ", ("of an SMS-SUBMIT", "of an SMS-COMMAND"))
_VPF = Bits(0x18, "TP-VPF", ("none", "enhanced", "relative", "absolute"))
_LP = Bits(0x08, "TP-LP", ("not forwarded", "forwarded or spawned"))
_RD = Bits(0x04, "TP-RD", ("duplicates accepted", "duplicates rejected"))
_MMS = Bits(0x04, "TP-MMS", ("more messages wait", "no more messages wait"))


class _Layout(NamedTuple):
    """A type: its number, its clause, bits of its first octet, and its fields."""

    number: int
    clause: str
    bits: tuple[Bits, ...]
    steps: tuple[Callable[[_Reader], Iterator[Field]], ...]


_R = _Reader
_LAYOUTS = {
    Kind.DELIVER: _Layout(
        0,
        "9.2.2.1",
        (_RP, _UDHI, _SRI, _LP, _MMS),
        (_R.originator, _R.protocol, _R.data_coding, _R.stamp, _R.user_data),
    ),
    Kind.SUBMIT: _Layout(
        1,
        "9.2.2.2",
        (_RP, _UDHI, _SRR, _VPF, _RD),
        (
            *(_R.reference, _R.destination, _R.protocol, _R.data_coding),
            *(_R.validity, _R.user_data),
        ),
    ),
    Kind.STATUS_REPORT: _Layout(
        2,
        "9.2.2.3",
        (_UDHI, _SRQ, _LP, _MMS),
        (_R.reference, _R.recipient, _R.stamp, _R.discharge, _R.status, _R.optional),
    ),
    Kind.DELIVER_REPORT: _Layout(0, "9.2.2.1a", (_UDHI,), (_R.failure, _R.indicator, _R.announced)),
    Kind.SUBMIT_REPORT: _Layout(
        1, "9.2.2.2a", (_UDHI,), (_R.failure, _R.indicator, _R.stamp, _R.announced)
    ),
    Kind.COMMAND: _Layout(
        2,
        "9.2.2.4",
        (_UDHI, _SRR),
        (_R.reference, _R.protocol, _R.command, _R.destination, _R.command_data),
    ),
}
#: The types with which phones and networks store and exchange messages come first.
KINDS = tuple(Kind)


def number_of(kind: Kind) -> int:
    """TP-MTI of a type."""
    return _LAYOUTS[kind].number


def tpdu(
    octets: bytes, kind: Kind, payloads: Payloads = unknown, *, with_centre: bool = False
) -> Map:
    """The map of octets as a TPDU; ``with_centre`` if a service centre's address is in front."""
    at = Cursor.over(octets)
    fields = tuple(_fields(at, kind, payloads, with_centre=with_centre))
    title = f"{kind.named} with a service centre" if with_centre else kind.named
    return Map(title, octets, fields)


def _fields(at: Cursor, kind: Kind, payloads: Payloads, *, with_centre: bool) -> Iterator[Field]:
    if with_centre:
        yield from centre(at)
    layout = _LAYOUTS[kind]
    reader = _Reader(at, at.peek()[0] if at.has(1) else 0, payloads)
    yield from _first(at, kind, layout)
    for step in layout.steps:
        if not at.broken:
            yield from step(reader)
    yield from at.rest("after the end", f"{_PDU}, {layout.clause}", "expected the end")


#: The name of the field with the type and the flags.
FIRST = "first octet"
_SAID = frozenset(bit.name for bit in (_UDHI, _SRI, _SRR, _RP))


def _first(at: Cursor, kind: Kind, layout: _Layout) -> Iterator[Field]:
    clause = f"{_PDU}, {layout.clause}"
    bits = (*layout.bits, Bits(TYPE, "TP-MTI", {layout.number: kind.named}))
    for field in at.number(1, FIRST, clause, bits=bits):
        said = [bit.meaning for bit in field.children if bit.value and bit.name in _SAID]
        number = next((bit.number for bit in field.children if bit.name == "TP-MTI"), None)
        wrong = (
            "" if number == layout.number else f"expected TP-MTI {layout.number}, found {number}"
        )
        yield replace(field, meaning=", ".join((kind.named, *said)), fault=field.fault or wrong)
