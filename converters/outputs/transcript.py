"""The lines of a file with hex: hex, and what modems and terminals write around it.

A heading such as ``+CMGL: 1,1,,24``, or the echo of ``AT+CMGS=24``, announces a message and the
length of its TPDU. In text mode it has other fields, and text follows it. Other answers, such as
``OK``, are chatter, which is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

#: UDH:DATA[:DCS[:UDL]] in hex, UDL in decimal; without a header UDH is - or empty.
HEX = re.compile(
    "(?P<udh>-|([0-9A-Fa-f]{2})*):(?P<data>([0-9A-Fa-f]{2})*)"
    "(:(?P<dcs>[0-9A-Fa-f]{2})(:(?P<udl>[0-9]{1,3}))?)?"
)
_DIGITS = re.compile("[0-9A-Fa-f]+")
#: Octets that are written one by one: ``07 91``, ``07-91``, ``0x07, 0x91`` or, five or more, 07:91.
_OCTETS = re.compile(
    "(?:0x)?[0-9A-Fa-f]{2}(?:[ \t,-]{1,3}(?:0x)?[0-9A-Fa-f]{2})+"
    "|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){4,}"
)
_NO_DIGIT = re.compile("0x|[^0-9A-Fa-f]")
#: A PDU has at least 7 octets: fewer digits are something else, unless they are whole octets.
LEAST_DIGITS = 14
_MANY_DIGITS = re.compile(f"[0-9A-Fa-f]{{{LEAST_DIGITS}}}")

_HEADING = re.compile(
    r"(?:(?P<answer>\+(?:CMGL|CMGR|CMT|CDS|CBM)):|(?P<command>AT\+CMG[SW])=(?![?]))(?P<fields>.*)",
    re.IGNORECASE,
)


class _Fields(NamedTuple):
    """The fields of a heading when hex follows: how many, which are numbers, which the length."""

    counts: tuple[int, ...]
    numbers: tuple[int, ...]
    length: int


#: 3GPP TS 27.005, 4.1 to 4.7. The field that is no number is a name from the phone book.
_FIELDS: Mapping[str, _Fields] = MappingProxyType(
    {
        "+CMGL": _Fields((3, 4), (0, 1), -1),
        "+CMGR": _Fields((2, 3), (0,), -1),
        "+CMT": _Fields((1, 2), (), -1),
        "+CDS": _Fields((1,), (), -1),
        "+CBM": _Fields((1,), (), -1),
        "AT+CMGS": _Fields((1,), (), 0),
        "AT+CMGW": _Fields((1, 2), (0,), 0),
    }
)
_NUMBER = re.compile("[0-9]{1,4}")
_QUOTED = re.compile('"[^"]*"')
_CHATTER = re.compile(
    r"AT.*|OK|ERROR|READY|RING|RDY|CONNECT.*|NO CARRIER|(?:\+CM[SE] ERROR|[+^%*][A-Z]+):.*",
    re.IGNORECASE,
)
#: The last line of an answer, also of one in text mode.
_FINAL = re.compile(r"OK|ERROR|\+CM[SE] ERROR:.*", re.IGNORECASE)
_PROMPT = re.compile("[> \t]*>[ \t]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line before a message: ``length`` is that of the TPDU, None in text mode."""

    line: int
    name: str
    length: int | None


@dataclass(slots=True)
class Block:
    """A heading, if any, and the lines after it with their numbers, up to the next one."""

    heading: Heading | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text_mode(self) -> bool:
        """Whether the lines are text."""
        return self.heading is not None and self.heading.length is None


def matches(octets: bytes) -> bool:
    """Whether a file has a heading, or nothing but hex and chatter."""
    lines = [line for line in _lines(octets) if line]
    if any(_heading(0, line) for line in lines):
        return True
    return bool(lines) and all(items(line) or _is_chatter(line) for line in lines)


def blocks(octets: bytes) -> Iterator[Block]:
    """Headings with the lines that belong to them, and runs of lines without a heading."""
    block = Block()
    for number, line in enumerate(_lines(octets), start=1):
        heading = _heading(number, line)
        if heading or _ends(block, line):
            if block.heading or block.lines:
                yield block
            block = Block(heading)
        elif line or block.text_mode:
            block.lines.append((number, line))
    if block.heading or block.lines:
        yield block


def _ends(block: Block, line: str) -> bool:
    if block.text_mode:
        return bool(_FINAL.fullmatch(line))
    return _is_chatter(line) if line else bool(block.lines)


def items(line: str) -> list[str]:
    """The parts, or the hex, in a line; empty if it has anything else."""
    if _OCTETS.fullmatch(line):
        return [_NO_DIGIT.sub("", line)]
    words = line.removeprefix("0x").split()
    return words if all(map(_is_item, words)) else []


def _is_item(word: str) -> bool:
    if _DIGITS.fullmatch(word):
        return len(word) % 2 == 0 or len(word) > LEAST_DIGITS
    return HEX.fullmatch(word) is not None


def damaged(line: str) -> bool:
    """Whether a line that is no hex has so much of it that it may be a damaged PDU."""
    return not items(line) and _MANY_DIGITS.search(line) is not None


def _lines(octets: bytes) -> list[str]:
    """Lines without the modem's prompt, and without the Ctrl-Z after a PDU."""
    text = octets.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r\r\n", "\n")
    return [_stripped(line) for line in text.splitlines()]


def _stripped(line: str) -> str:
    line = line.strip(" \t\x00\x1a\x1b").removesuffix("^Z").rstrip()
    prompt = _PROMPT.match(line)
    return line[prompt.end() :] if prompt else line


def _heading(number: int, line: str) -> Heading | None:
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    name = (match["answer"] or match["command"]).upper()
    return Heading(number, name, _length(_FIELDS[name], match["fields"]))


def _length(row: _Fields, text: str) -> int | None:
    """The length that a heading gives; None if its fields are those of the text mode."""
    fields = [one.strip() for one in _QUOTED.sub('""', text).split(",")]
    if len(fields) not in row.counts:
        return None
    if not all(_NUMBER.fullmatch(fields[n]) for n in (*row.numbers, row.length)):
        return None
    return int(fields[row.length])


def _is_chatter(line: str) -> bool:
    return not items(line) and _CHATTER.fullmatch(line) is not None
