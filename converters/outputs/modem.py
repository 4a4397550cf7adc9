"""Parts and PDUs in hex, alone or in what a modem answered, read as messages.

The hex after a heading is one PDU, on one line or wrapped; without a heading it is one PDU on each
line, or on a few lines if the first alone is not one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from converters.errors import SourceError
from converters.outputs import transcript
from converters.outputs.parts import Described, Part, segment
from converters.outputs.readings import choose
from converters.outputs.transcript import HEX, Block
from smsenc import SmsencError, tpdu
from smsenc.messagefile import names

_LONGEST = 40  # characters of hex that a name or an error shows
_MOST_LINES = 12  # that one PDU is wrapped over: 352 digits on a terminal of 30 columns
_TEXT_MODE = "in text mode (AT+CMGF=1) a modem shows the text alone: read it again with AT+CMGF=0"


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The parts in a file; ``name`` may be the hex itself.

    What cannot be read is a part with an error. Raises SourceError if there is none at all.
    """
    own = name.encode(errors="surrogateescape") == octets
    source = name.strip().partition("\n")[0][:_LONGEST] if own else name
    numbered = not own or "\n" in name.strip()
    found = False
    for block in transcript.blocks(octets):
        for part in _text_mode(block) if block.text_mode else _parts(block):
            found = True
            yield _placed(part, source, numbered=numbered, own=own)
    if not found:
        raise SourceError("expected a message in hex, found only other answers of a modem")


def _placed(part: Part, source: str, *, numbered: bool, own: bool) -> Part:
    """A part with the name of its file; one that cannot be read has its line if there are several.

    A message file that smsenc writes is one message. In others, hex tells messages apart.
    """
    if not isinstance(part.found, SmsencError):
        is_one = not own and names.parse(PurePath(source).name) is not None
        return part._replace(source=source) if is_one else part
    part.found.line = part.found.line if numbered else None
    return Part(source=source, found=part.found)


def _text_mode(block: Block) -> Iterator[Part]:
    if block.heading is None:
        return
    lines = tuple("\n".join(text for _, text in block.lines).rstrip("\n").split("\n"))
    content = {"answer": block.heading.name, "text": "\n".join(lines)}
    yield Part(
        source=f"line {block.heading.line}",
        found=Described("text-mode", content, lines),
        warnings=(_TEXT_MODE,),
    )


def _parts(block: Block) -> Iterator[Part]:
    items: list[tuple[int, str]] = []
    for number, line in block.lines:
        if transcript.damaged(line):
            yield _refused(number, f"expected hex, found {line!r:.{_LONGEST}}")
        items += ((number, item) for item in transcript.items(line))
    heading = block.heading
    if heading and heading.name == "+CBM":
        yield _refused(heading.line, "expected a message, found a page of a cell broadcast")
    elif heading and not items:
        yield _refused(heading.line, f"expected a PDU after {heading.name}, found none")
    else:
        yield from _unwrapped(items, heading.length if heading else None)


def _unwrapped(items: list[tuple[int, str]], length: int | None) -> Iterator[Part]:
    """The parts in items, of which a few may be one PDU."""
    at = 0
    while at < len(items):
        part, used = _first(items[at : at + _MOST_LINES], length)
        yield part
        at += used


def _first(items: list[tuple[int, str]], length: int | None) -> tuple[Part, int]:
    """The first part in items, and how many of them it takes."""
    number, text = items[0]
    alone = _part(number, text, length)
    if not isinstance(alone.found, SmsencError) or ":" in text:
        return alone, 1
    for used, (_, more) in enumerate(items[1:], start=2):
        text += more
        joined = _part(number, text, length)
        if not isinstance(joined.found, SmsencError):
            return joined, used
    return alone, 1


def _refused(line: int, why: str) -> Part:
    return Part(source="", found=SourceError(why, line=line))


def _part(line: int, text: str, length: int | None) -> Part:
    try:
        return _triple(text) if ":" in text else _pdu(text, length)
    except SmsencError as error:
        return Part(source="", found=error.at(line=line))


def _triple(text: str) -> Part:
    match = HEX.fullmatch(text)
    if match is None:
        raise SourceError(f"expected UDH:DATA[:DCS[:UDL]] in hex, found {text!r:.{_LONGEST}}")
    header = bytes.fromhex(match["udh"].replace("-", ""))
    tp_dcs = int(match["dcs"], 16) if match["dcs"] else None
    tp_udl = int(match["udl"]) if match["udl"] else None
    return Part(source=text, found=segment(header, bytes.fromhex(match["data"]), tp_dcs, tp_udl))


def _pdu(text: str, length: int | None) -> Part:
    if len(text) % 2:
        raise SourceError(f"expected two hex digits for each octet, found {len(text)} digits")
    chosen = choose(bytes.fromhex(text), length)
    found, about = chosen.reading.tpdu, str(chosen.reading)
    to: tuple[str, ...] = ()
    sender = None
    if isinstance(found, tpdu.Submit):
        to = (found.destination.number,)
    elif isinstance(found, tpdu.Deliver):
        sender, about = found.originator.number, f"{about}, {_time(found.timestamp)}"
    return Part(
        source=text[:_LONGEST],
        found=_report(found) if isinstance(found, tpdu.StatusReport) else found.segment,
        to=to,
        sender=sender,
        about=about,
        warnings=chosen.warnings,
    )


def _report(found: tpdu.StatusReport) -> Described:
    """A status report: it says what became of a message, and has none itself."""
    number = found.recipient.number
    content = {
        "reference": found.reference,
        "recipient": number,
        "sent": _time(found.sent),
        "discharged": _time(found.discharged),
        "status": found.status,
        "meaning": found.meaning,
    }
    lines = (
        f"message {found.reference} to {number}: {found.meaning} (status {found.status:02X})",
        f"sent {content['sent']}, status of {content['discharged']}",
    )
    return Described("status-report", content, lines)


def _time(time: tpdu.Timestamp) -> str:
    """A time as it was sent, with its distance from UTC; no message is older than 1990."""
    year, month, day, hour, minute, second, quarters = time
    hours, rest = divmod(abs(quarters), 4)
    zone = f"{'-' if quarters < 0 else '+'}{hours:02}:{rest * 15:02}"
    return f"{tpdu.full_year(year)}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {zone}"
