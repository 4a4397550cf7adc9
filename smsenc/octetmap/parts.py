"""The user data of a part: a header and data that are given apart (3GPP TS 23.040, 9.2.3.24)."""

from __future__ import annotations

from collections.abc import Iterator

from smsenc import dcs
from smsenc.model import USER_DATA_OCTETS, Segment
from smsenc.octetmap import schemes
from smsenc.octetmap.headers import UDH, header
from smsenc.octetmap.model import Cursor, Field, Map
from smsenc.octetmap.userdata import Payloads, Read, data, unknown


def part(
    udh: bytes, octets: bytes, tp_dcs: int, tp_udl: int | None = None, payloads: Payloads = unknown
) -> Map:
    """The map of header and data; ``tp_udl`` is TP-UDL, None if it follows from the octets."""
    read = Read(dcs.decode(tp_dcs).coding, bool(udh), tp_udl)
    title = f"user data, {schemes.coding(tp_dcs)} (TP-DCS {tp_dcs:02X})"
    return Map(title, udh + octets, tuple(_fields(udh, octets, read, payloads)))


def of_segment(segment: Segment, payloads: Payloads = unknown) -> Map:
    """The map of one of our parts."""
    tp_dcs = dcs.encode(dcs.of(segment))
    return part(segment.udh, segment.data, tp_dcs, segment.udl, payloads)


def _fields(udh: bytes, octets: bytes, read: Read, payloads: Payloads) -> Iterator[Field]:
    whole = udh + octets
    at = Cursor.over(whole, 0, len(udh))
    found = header(at)
    if found:
        yield found.field
    yield from at.rest("after the header", UDH, "expected the end of the header")
    behind = Cursor.over(whole, len(udh))
    known = found.elements if found else ()
    yield from data(behind, read, len(udh), known, payloads)
    if len(whole) > USER_DATA_OCTETS:
        what = f"expected at most {USER_DATA_OCTETS} octets of user data, found {len(whole)}"
        yield Field(len(whole), len(whole), "end", "", UDH, fault=what)
