"""Parts in hex, one to a line: as TPDUs, or as header, data, TP-DCS and TP-UDL, as from modems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed, Part, segment
from smsenc import Payload, Segment, SmsencError, split, tpdu
from smsenc.messagefile import Message

SUFFIX = ".pdu"

#: UDH:DATA[:DCS[:UDL]] in hex, UDL in decimal; without a header UDH is - or empty.
HEX = re.compile(
    "(?P<udh>-|([0-9A-Fa-f]{2})*):(?P<data>([0-9A-Fa-f]{2})*)"
    "(:(?P<dcs>[0-9A-Fa-f]{2})(:(?P<udl>[0-9]{1,3}))?)?"
)
_TPDU = re.compile("([0-9A-Fa-f]{2})+")


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """SMS-SUBMITs in hex, one to a line: all parts to the first recipient, then to the next."""
    segments = split(payload, reference=label.reference, limits=job.profile.limits)
    lines = (
        tpdu.encode(_submit(part, number, job.template)).hex().upper()
        for number in job.recipients
        for part in segments
    )
    octets = "".join(f"{line}\n" for line in lines).encode()
    return Packed(segments, ((label.file_name(suffix=SUFFIX), octets),))


def _submit(part: Segment, number: str, template: Message) -> tpdu.Submit:
    minutes = template.validity
    return tpdu.submit(
        part,
        number,
        validity=None if minutes is None else tpdu.Relative.lasting(minutes),
        status_report=bool(template.deliv_ack),
    )


def matches(octets: bytes) -> bool:
    """Whether a file has nothing but parts in hex."""
    lines = _lines(octets)
    return bool(lines) and all(HEX.fullmatch(line) or _TPDU.fullmatch(line) for line in lines)


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The parts in a file's lines; ``name`` may be such a line itself. Raises SmsencError."""
    for number, line in enumerate(_lines(octets), start=1):
        try:
            yield _part(line)
        except SmsencError as error:
            raise (error if HEX.fullmatch(name) else error.at(line=number)) from None


def _lines(octets: bytes) -> list[str]:
    return octets.decode("latin-1").split()


def _part(text: str) -> Part:
    if match := HEX.fullmatch(text):
        header = bytes.fromhex(match["udh"].replace("-", ""))
        tp_dcs = int(match["dcs"], 16) if match["dcs"] else None
        tp_udl = int(match["udl"]) if match["udl"] else None
        data = bytes.fromhex(match["data"])
        return Part(source=text, found=segment(header, data, tp_dcs, tp_udl))
    found = tpdu.decode(bytes.fromhex(text))
    address = found.destination if isinstance(found, tpdu.Submit) else found.originator
    return Part(source=text[:40], found=found.segment, to=(address.number,))
