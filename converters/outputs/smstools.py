"""Parts as files for the spool of SMS Server Tools 3, which sends them through a modem.

A file has headers, an empty line and the body. Headers and body are in hex wherever smsd allows it,
so that it changes nothing: it would trim a line feed at the end of a text, and ``@`` is NUL in GSM.
"""

from __future__ import annotations

from collections.abc import Iterator

from converters.errors import SourceError
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed, Part, from_hex, segment
from smsenc import Coding, Payload, Segment, dcs, gsm7, split, tpdu
from smsenc.messagefile import Message
from smsenc.messagefile.names import SUFFIXES

SUFFIX = SUFFIXES["smstools"]


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """One file for each part and recipient, in order of sending."""
    segments = split(payload, reference=label.reference, limits=job.profile.limits)
    files = tuple(
        (
            label.file_name(offset, n, len(segments), suffix=SUFFIX),
            _spool_file(part, number, job.template),
        )
        for offset, number in enumerate(job.recipients)
        for n, part in enumerate(segments, start=1)
    )
    return Packed(segments, files, numbers=len(job.recipients))


def _spool_file(part: Segment, number: str, template: Message) -> bytes:
    """One part for one number; validity and receipt are those of ``template``.

    smsd adds its own TP-MR, and TP-VP if there is no validity.
    """
    body = _unpacked(part) if part.coding is Coding.GSM7 else part.data
    headers = "".join(f"{name}: {value}\n" for name, value in _headers(part, number, template))
    return f"{headers}\n{body.hex().upper()}\n".encode()


def _headers(part: Segment, number: str, template: Message) -> Iterator[tuple[str, str]]:
    yield "To", number
    # UCS-2 is called binary too, because smsd takes hex for that only. DCS_hex says what it is.
    yield "Alphabet", "GSM" if part.coding is Coding.GSM7 else "binary"
    yield "DCS_hex", f"{dcs.encode(dcs.of(part)):02X}"
    if part.udh:
        yield "UDH-DATA", part.udh.hex(" ").upper()
    elif part.coding is not Coding.GSM7:
        yield "UDH", "false"
    yield "Hex", "yes"
    yield "Autosplit", "0"
    if template.deliv_ack is not None:
        yield "Report", "yes" if template.deliv_ack else "no"
    if template.validity is not None:
        yield "Validity", str(tpdu.Relative.lasting(template.validity).octet)


def _unpacked(part: Segment) -> bytes:
    fill = gsm7.fill_bits(len(part.udh))
    return gsm7.unpack(part.data, part.units, fill=fill)


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The part in a file that says ``Hex: yes``; smsd itself encodes other files.

    Raises SmsencError.
    """
    head, _, body = octets.decode("latin-1").replace("\r\n", "\n").partition("\n\n")
    pairs = (line.partition(":") for line in head.splitlines())
    headers = {field.strip().lower(): value.strip() for field, _, value in pairs}
    if headers.get("hex", "").lower() != "yes" or "dcs_hex" not in headers:
        raise SourceError("expected a spool file with DCS_hex and Hex: yes, found another")
    header = from_hex(headers.get("udh-data", ""), "UDH-DATA")
    (tp_dcs,) = from_hex(headers["dcs_hex"], "DCS_hex").rjust(1, b"\0")[:1]
    found = _segment(header, from_hex(body.strip(), "the body"), tp_dcs)
    yield Part(source=name, found=found, to=tuple(filter(None, (headers.get("to"),))))


def _segment(header: bytes, body: bytes, tp_dcs: int) -> Segment:
    """A part whose body, if it is GSM 7-bit, has one septet in each octet."""
    if dcs.decode(tp_dcs).coding is not Coding.GSM7:
        return segment(header, body, tp_dcs, None)
    if body and max(body) > 0x7F:
        raise SourceError(f"expected septets up to 7F, found {max(body):02X}")
    fill = gsm7.fill_bits(len(header))
    tp_udl = (len(header) * 8 + fill) // 7 + len(body)
    return segment(header, gsm7.pack(body, fill), tp_dcs, tp_udl)
