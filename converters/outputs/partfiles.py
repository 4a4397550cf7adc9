"""Parts from the files that carry them one by one: hex, TPDUs, the spool of SMS Server Tools, JSON.

They are what ``--format pdu``, ``smstools`` and ``json`` write; hex comes from modems, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from converters.errors import SourceError
from smsenc import (
    Coding,
    DecodeError,
    Payload,
    Segment,
    SmsencError,
    dcs,
    tpdu,
    udh,
)
from smsenc.gsm7 import fill_bits, pack

#: UDH:DATA[:DCS[:UDL]] in hex, UDL in decimal; - or nothing stands for no header.
HEX = re.compile(
    "(?P<udh>-|([0-9A-Fa-f]{2})*):(?P<data>([0-9A-Fa-f]{2})*)"
    "(:(?P<dcs>[0-9A-Fa-f]{2})(:(?P<udl>[0-9]{1,3}))?)?"
)
_TPDU = re.compile("([0-9A-Fa-f]{2})+")


class Found(NamedTuple):
    """A part, what it is called, and whom it is from or to."""

    source: str
    segment: Segment
    to: tuple[str, ...] = ()


def read(name: str, octets: bytes) -> Iterator[Found] | None:
    """The parts of a file of one of these formats, told by its name or content; else None.

    The iterator raises SmsencError where a part is none.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".json":
        return _from_json(name, octets)
    if suffix == ".sms":
        return iter((_from_spool(name, octets.decode("latin-1").replace("\r\n", "\n")),))
    lines = octets.decode("latin-1").split()
    if lines and all(HEX.fullmatch(line) or _TPDU.fullmatch(line) for line in lines):
        return _from_lines(name, lines)
    return None


# Hex


def _from_lines(name: str, lines: list[str]) -> Iterator[Found]:
    for number, line in enumerate(lines, start=1):
        try:
            yield _from_hex(line)
        except SmsencError as error:
            raise (error if HEX.fullmatch(name) else error.at(line=number)) from None


def _from_hex(text: str) -> Found:
    """A part as UDH:DATA[:DCS[:UDL]], or a whole TPDU."""
    if match := HEX.fullmatch(text):
        header = bytes.fromhex(match["udh"].replace("-", ""))
        octet = int(match["dcs"], 16) if match["dcs"] else None
        udl = int(match["udl"]) if match["udl"] else None
        return Found(text, _segment(header, bytes.fromhex(match["data"]), octet, udl))
    found = tpdu.decode(bytes.fromhex(text))
    end = found.destination if isinstance(found, tpdu.Submit) else found.originator
    return Found(text[:40], found.segment, (end.number,))


def _segment(header: bytes, data: bytes, octet: int | None, udl: int | None) -> Segment:
    """A part by its octets, TP-DCS and TP-UDL, as far as these are known."""
    elements = udh.decode(header)
    if octet is None:
        ported = Payload(data=b"", coding=Coding.OCTETS, elements=elements).port is not None
        octet = 0xF5 if ported else 0x00
    meaning = dcs.decode(octet)
    coding = meaning.coding
    units = len(data)
    if coding is Coding.UCS2:
        units //= 2
    elif coding is Coding.GSM7:
        units = _septets(header, data, udl)
    return Segment(
        udh=header, data=data, coding=coding, units=units, message_class=meaning.message_class
    )


def _septets(header: bytes, data: bytes, udl: int | None) -> int:
    fill = fill_bits(len(header))
    most = (len(data) * 8 - fill) // 7
    if udl is None:
        # Seven spare zero bits look like a last @; without a length they are taken for padding.
        spare = data and (len(data) * 8 - fill) % 7 == 0 and data[-1] >> 1 == 0
        return max(most - 1 if spare else most, 0)
    count = udl - (len(header) * 8 + fill) // 7
    if not 0 <= count <= most:
        raise DecodeError(f"expected at most {most} septets behind the header, found {count}")
    return count


# JSON


def _from_json(name: str, octets: bytes) -> Iterator[Found]:
    """The object that ``--format json`` writes: recipients, and parts in hex."""
    try:
        record = json.loads(octets)
    except (ValueError, RecursionError):
        raise SourceError("expected JSON, found another format") from None
    match record:
        case {"to": [*to], "parts": [_, *_] as parts} if all(type(one) is str for one in to):
            for number, part in enumerate(parts, start=1):
                yield Found(name, _json_part(part, number), tuple(to))
        case _:
            raise SourceError("expected an object with to and parts, found another")


def _json_part(part: Any, number: int) -> Segment:
    match part:
        case {"udh": str(header), "data": str(data), "dcs": int(octet), "udl": int(udl)} if (
            0 <= octet <= 0xFF
        ):
            return _segment(_octets(header, "udh"), _octets(data, "data"), octet, udl)
    raise SourceError(f"expected udh, data, dcs and udl in part {number}, found others")


def _octets(text: str, field: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise SourceError(f"expected {field} in hex, found {text!r:.40}") from None


# The spool of SMS Server Tools


def _from_spool(name: str, text: str) -> Found:
    """A file whose headers say ``Hex: yes``: what others say smsd turns into parts itself."""
    head, _, body = text.partition("\n\n")
    pairs = (line.partition(":") for line in head.splitlines())
    headers = {field.strip().lower(): value.strip() for field, _, value in pairs}
    if headers.get("hex", "").lower() != "yes" or "dcs_hex" not in headers:
        raise SourceError("expected a spool file with DCS_hex and Hex: yes, found another")
    header = _octets(headers.get("udh-data", ""), "UDH-DATA")
    (octet,) = _octets(headers["dcs_hex"], "DCS_hex").rjust(1, b"\0")[:1]
    segment = _spooled(header, _octets(body.strip(), "the body"), octet)
    return Found(name, segment, tuple(filter(None, (headers.get("to"),))))


def _spooled(header: bytes, body: bytes, octet: int) -> Segment:
    """A part whose septets, if it has some, stand one an octet."""
    if dcs.decode(octet).coding is not Coding.GSM7:
        return _segment(header, body, octet, None)
    if body and max(body) > 0x7F:
        raise SourceError(f"expected septets up to 7F, found {max(body):02X}")
    fill = fill_bits(len(header))
    udl = (len(header) * 8 + fill) // 7 + len(body)
    return _segment(header, pack(body, fill), octet, udl)
