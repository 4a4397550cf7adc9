"""Parts in hex, one to a line: as TPDUs, or as header, data, TP-DCS and TP-UDL, as from modems.

TPDUs are read with or without the service centre's address before them (3GPP TS 27.005, 3.1), and
with the lines that a modem writes around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from converters.errors import SourceError
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed, Part, segment
from smsenc import DecodeError, Payload, Segment, SmsencError, split, tpdu
from smsenc.messagefile import Message

SUFFIX = ".pdu"

#: UDH:DATA[:DCS[:UDL]] in hex, UDL in decimal; without a header UDH is - or empty.
HEX = re.compile(
    "(?P<udh>-|([0-9A-Fa-f]{2})*):(?P<data>([0-9A-Fa-f]{2})*)"
    "(:(?P<dcs>[0-9A-Fa-f]{2})(:(?P<udl>[0-9]{1,3}))?)?"
)
#: A TPDU, which people and programs divide by spaces; none has fewer octets.
TPDU = re.compile("(?:[0-9A-Fa-f]{2} ?){8,}")
# What a modem writes around TPDUs: prompts, echoed commands, answers, and names of what follows.
_MODEM = re.compile("> ?|AT.*|OK|ERROR|\\+CM[EST] ERROR:.*|\\+C[A-Z]+:.*", re.IGNORECASE)
_LENGTH = re.compile("(?:AT\\+CMG[SW]=|\\+C(?:MGL|MGR|MT|BM|DS):(?:.*,)?) ?([0-9]{1,3})(?:,.*)?")
_IN_TEXT_MODE = re.compile('\\+CMG[LR]:.*"')
_TYPES_OF_NUMBER = (0x81, 0x91, 0xA1, 0xB1, 0xC1)


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


def submit_of(part: Segment, number: str, template: Message) -> bytes:
    """The octets of one part as SMS-SUBMIT."""
    return tpdu.encode(_submit(part, number, template))


def matches(octets: bytes) -> bool:
    """Whether a file has nothing but parts in hex and what a modem writes around them."""
    lines = _lines(octets)
    parts = [line for line in lines if HEX.fullmatch(line) or TPDU.fullmatch(line)]
    return bool(parts) and all(line in parts or _MODEM.fullmatch(line) for line in lines)


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The parts in a file's lines; ``name`` may be such a line itself. Raises SmsencError."""
    length = None
    for number, line in enumerate(_lines(octets), start=1):
        try:
            if HEX.fullmatch(line) or TPDU.fullmatch(line):
                yield _part(line.replace(" ", ""), length)
                length = None
            elif _IN_TEXT_MODE.match(line):
                raise SourceError("expected PDU mode (AT+CMGF=0), found text mode")
            elif told := _LENGTH.fullmatch(line):
                length = int(told[1])
        except SmsencError as error:
            alone = HEX.fullmatch(name) or TPDU.fullmatch(name)
            raise (error if alone else error.at(line=number)) from None


def _lines(octets: bytes) -> list[str]:
    """The lines with something in them, without prompts and the Ctrl-Z that ends a message."""
    text = octets.decode("latin-1").replace("\x1a", "\n").replace("^Z", "\n")
    lines = (line.strip().removeprefix("> ") for line in re.split("[\r\n]+", text))
    return [line for line in lines if line]


def _part(text: str, length: int | None = None) -> Part:
    if match := HEX.fullmatch(text):
        header = bytes.fromhex(match["udh"].replace("-", ""))
        tp_dcs = int(match["dcs"], 16) if match["dcs"] else None
        tp_udl = int(match["udl"]) if match["udl"] else None
        data = bytes.fromhex(match["data"])
        return Part(source=text, found=segment(header, data, tp_dcs, tp_udl))
    found = _decoded(bytes.fromhex(text), length)
    address = found.destination if isinstance(found, tpdu.Submit) else found.originator
    return Part(source=text[:40], found=found.segment, to=(address.number,))


def _decoded(octets: bytes, length: int | None) -> tpdu.Submit | tpdu.Deliver:
    """A TPDU, without the service centre's address if that is before it.

    ``length`` is how many octets the modem says that it has without that address.
    """
    before = 1 + octets[0]
    if length is not None:
        with_address = len(octets) == before + length
    else:
        with_address = octets[0] == 0 or (before > 2 and octets[1] in _TYPES_OF_NUMBER)
    first, second = (before, 0) if with_address else (0, before)
    try:
        return tpdu.decode(octets[first:])
    except DecodeError as error:
        try:
            return tpdu.decode(octets[second:])
        except DecodeError:
            raise error from None
