"""What the output formats have in common: the files of a payload, and the parts read from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from converters.api import Loss
from converters.errors import SourceError
from smsenc import Coding, DecodeError, Element, Payload, Segment, SmsencError, udh
from smsenc.gsm7 import fill_bits
from smsenc.messagefile.names import file_name, slug


class Label(NamedTuple):
    """What identifies a message: running number, name of its source, reference, mark of its run.

    ``reference`` is the concatenation reference of its parts.
    """

    number: int
    source: str
    reference: int
    mark: str = ""

    def file_name(self, offset: int = 0, part: int = 1, total: int = 1, *, suffix: str) -> str:
        """The name of a file; ``offset`` is added to the running number."""
        number = self.number + offset
        return file_name(number, slug(self.source), part, total, suffix, mark=self.mark)


class Packed(NamedTuple):
    """The parts of a payload, and its files as names and octets.

    ``numbers`` is how many running numbers the files have.
    """

    segments: tuple[Segment, ...]
    files: tuple[tuple[str, bytes], ...]
    losses: tuple[Loss, ...] = ()
    numbers: int = 1


class Described(NamedTuple):
    """Something that is no message, such as a status report: its kind, and what it says."""

    kind: str
    content: Mapping[str, object]
    lines: tuple[str, ...]


class Rows(NamedTuple):
    """The rows of a template: their recipients, and what makes the message of one of them.

    Rows are counted from 1.
    """

    to: tuple[str, ...]
    message: Callable[[int], Payload]


class Part(NamedTuple):
    """A part, or a complete message, that was read from a file; or why there is none.

    ``message`` is the part of the file's name that all parts share, if it is a message file's name;
    ``to`` are the recipients, ``sender`` is that of a received one. ``about`` says how it was read.
    ``rows`` are those of a template.
    """

    source: str
    found: Segment | Payload | Described | SmsencError
    message: str | None = None
    to: tuple[str, ...] = ()
    sender: str | None = None
    about: str = ""
    warnings: tuple[str, ...] = ()
    rows: Rows | None = None


def from_hex(text: str, field: str) -> bytes:
    """The octets of a field in hex; raises SourceError."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise SourceError(f"expected {field} in hex, found {text!r:.40}") from None


def segment(header: bytes, data: bytes, tp_dcs: int | None, tp_udl: int | None) -> Segment:
    """A part from its octets, TP-DCS and TP-UDL, as far as these are known. Raises DecodeError.

    Without TP-DCS, octets for a port are 8-bit data and others GSM 7-bit text.
    """
    from smsenc import dcs  # noqa: PLC0415 - what is written for a gateway needs none

    elements = udh.decode(header)
    if tp_dcs is None:
        tp_dcs = octets_coding(elements)
    scheme = dcs.decode(tp_dcs)
    units = len(data)
    if scheme.coding is Coding.UCS2:
        units //= 2
    elif scheme.coding is Coding.GSM7:
        units = septets(header, data, tp_udl)
    return Segment(
        udh=header,
        data=data,
        coding=scheme.coding,
        units=units,
        message_class=scheme.message_class,
    )


def octets_coding(elements: tuple[Element, ...]) -> int:
    """TP-DCS where it is not said: octets for a port are 8-bit data, others GSM 7-bit text."""
    ported = Payload(data=b"", coding=Coding.OCTETS, elements=elements).port is not None
    return 0xF5 if ported else 0x00


def septets(header: bytes, data: bytes, tp_udl: int | None) -> int:
    """How many septets the data after the header has."""
    fill = fill_bits(len(header))
    most = (len(data) * 8 - fill) // 7
    if tp_udl is None:
        # Seven spare zero bits look like a last @; without a length they are taken for padding.
        spare = data and (len(data) * 8 - fill) % 7 == 0 and data[-1] >> 1 == 0
        return max(most - 1 if spare else most, 0)
    count = tp_udl - (len(header) * 8 + fill) // 7
    if not 0 <= count <= most:
        raise DecodeError(f"expected at most {most} septets after the header, found {count}")
    return count
