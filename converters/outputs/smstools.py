"""Parts as files for the spool of SMS Server Tools 3, which sends them through a modem.

A file is headers, an empty line and the body. Headers and body are hex wherever smsd takes it, so
that it changes nothing: a line feed at the end of a text would be trimmed, ``@`` is NUL in GSM.
"""

from __future__ import annotations

from collections.abc import Iterator

from smsenc import Coding, Segment, dcs, gsm7, tpdu
from smsenc.messagefile import Message


def spool_file(segment: Segment, number: str, template: Message) -> bytes:
    """One part for one number; validity and receipt are those of ``template``.

    smsd adds its own TP-MR, and TP-VP where there is no validity.
    """
    body = _septets(segment) if segment.coding is Coding.GSM7 else segment.data
    headers = "".join(f"{name}: {value}\n" for name, value in _headers(segment, number, template))
    return f"{headers}\n{body.hex().upper()}\n".encode()


def _headers(segment: Segment, number: str, template: Message) -> Iterator[tuple[str, str]]:
    yield "To", number
    # UCS-2 goes as binary too: only there hex is taken. The DCS below says what it is.
    yield "Alphabet", "GSM" if segment.coding is Coding.GSM7 else "binary"
    yield "DCS_hex", f"{dcs.encode(dcs.of(segment)):02X}"
    if segment.udh:
        yield "UDH-DATA", segment.udh.hex(" ").upper()
    elif segment.coding is not Coding.GSM7:
        yield "UDH", "false"
    yield "Hex", "yes"
    yield "Autosplit", "0"
    if template.deliv_ack is not None:
        yield "Report", "yes" if template.deliv_ack else "no"
    if template.validity is not None:
        yield "Validity", str(tpdu.Relative.lasting(template.validity).octet)


def _septets(segment: Segment) -> bytes:
    fill = gsm7.fill_bits(len(segment.udh))
    return gsm7.unpack(segment.data, segment.units, fill=fill)
