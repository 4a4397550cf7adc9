"""Content lines: what vCard 2.1, 3.0, 4.0, vCalendar 1.0 and iCalendar 2.0 have in common.

Reading goes from octets to components of lines, and from a line's value to text. Everything stays
octets until a single value is decoded, because a quoted-printable soft break may stand inside a
character and because every property may have a charset of its own::

    line    = [group "."] name *(";" param) ":" value
    param   = name "=" value *("," value) / value        ; bare values: vCard 2.1, vCalendar 1.0

Writing gives what phones read: the lines of vCard 2.1 and vCalendar 1.0 (versit, 1996).
"""

from __future__ import annotations

import binascii
import codecs
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from converters import charset
from smsenc import Coding, EncodeError, Payload, SourceError, decode_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A source over this is refused before it is read.
MOST_OCTETS = 32 * 1024 * 1024
#: Lines of one outermost component; a calendar of ten thousand events has about 150,000.
MOST_LINES = 250_000
#: More than 255 parts hold: a value that is longer could not be sent.
MOST_VALUE_OCTETS = 65_536
#: Name and parameters of a line.
MOST_HEAD_OCTETS = 4096
#: VCALENDAR, VEVENT, VALARM are three; cards nest through AGENT.
MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A property: names in capitals, the value as it stands in the source, but unfolded.

    A bare parameter is a TYPE, or an ENCODING where it names one. A line without a colon has no
    name and is all value.
    """

    name: str
    params: tuple[tuple[str, str], ...]
    raw: bytes
    number: int

    def param(self, name: str) -> str:
        """First value of a parameter, empty where there is none."""
        return next((value for key, value in self.params if key == name), "")

    @property
    def types(self) -> tuple[str, ...]:
        """All values of TYPE, in capitals; lists are taken apart, quoted or not."""
        values = (value for key, value in self.params if key == "TYPE")
        return tuple(t for v in values for t in (p.strip().upper() for p in v.split(",")) if t)


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END; ``number`` is the line of BEGIN.

    ``closed`` tells whether END was there. ``error`` is set where a limit was passed; then the
    content is not complete.
    """

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    closed: bool = False
    error: SourceError | None = None

    def first(self, name: str) -> Line | None:
        """First property of that name."""
        return next((line for line in self.lines if line.name == name), None)


# Octets to physical and logical lines.

_BOUNDARY = re.compile(rb"\s*(?:BEGIN|END)\s*:\s*V[A-Z]+\s*", re.IGNORECASE)
_BASE64 = re.compile(rb"ENCODING=B(?:ASE64)?[;:]|;BASE64[;:]")
#: These keep the blank at which a line was folded; the later versions add it for the fold.
_FOLDED_AT_BLANKS = (b"2.1", b"1.0")


def logical_lines(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Unfolded lines with the number of their first physical line, from 1.

    A quoted-printable soft break takes the next line whole, unless that is a BEGIN or END; base64
    goes on in lines without a blank (both vCard 2.1). Empty lines end nothing.
    """
    pieces: list[bytes] = []
    first, keep_blank, kind = 0, False, b""
    for number, line in enumerate(io.BytesIO(_with_line_feeds(octets)), start=1):
        piece = line.rstrip(b"\n")
        if pieces and kind == b"Q" and _is_soft_break(pieces[-1], piece):
            pieces[-1] = pieces[-1].rstrip(b" \t")[:-1]
            pieces.append(piece)
        elif pieces and piece.startswith((b" ", b"\t")):
            pieces.append(b" " + piece.lstrip(b" \t") if keep_blank else piece[1:])
        elif pieces and kind == b"B" and b":" not in piece:
            pieces.append(piece)
        elif piece:
            if pieces:
                yield first, b"".join(pieces)
            pieces, first, kind = [piece], number, _kind(piece)
            if piece[:8].upper() == b"VERSION:":
                keep_blank = piece[8:].strip() in _FOLDED_AT_BLANKS
    if pieces:
        yield first, b"".join(pieces)


def _with_line_feeds(octets: bytes) -> bytes:
    # CR CR LF is what a text mode makes of CR LF.
    return octets.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _is_soft_break(last: bytes, following: bytes) -> bool:
    return last.rstrip(b" \t").endswith(b"=") and not _BOUNDARY.fullmatch(following)


def _kind(piece: bytes) -> bytes:
    head = piece.partition(b":")[0].upper() + b":"
    if b"QUOTED-PRINTABLE" in head:
        return b"Q"
    return b"B" if _BASE64.search(head) else b""


# A logical line to its parts.

_HEAD = re.compile(rb'([^;:"]*)((?:;(?:"[^"]*"|[^";:])*+)*+):')
_LOOSE_HEAD = re.compile(rb"([^;:]*)((?:;[^;:]*)*+):")  # a quote without its fellow
_PARAM = re.compile(rb';((?:"[^"]*"|[^";])*+)')
_LOOSE_PARAM = re.compile(rb";([^;]*)")
_ENCODINGS = ("QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT")


def parse_line(number: int, octets: bytes) -> Line:
    """Parts of a logical line. A group (``item1.TEL``) is dropped: no phone knows them."""
    match, param = _HEAD.match(octets, 0, MOST_HEAD_OCTETS), _PARAM
    if not match:
        match, param = _LOOSE_HEAD.match(octets, 0, MOST_HEAD_OCTETS), _LOOSE_PARAM
    if not match:
        return Line("", (), octets, number)
    name = _ascii(match[1]).rpartition(".")[2].strip().upper()
    params = tuple(_parameter(_ascii(text)) for text in param.findall(match[2]))
    return Line(name, params, octets[match.end() :], number)


def _ascii(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals:
        return name.strip().upper(), value.replace('"', "").strip()
    bare = text.strip()
    return ("ENCODING" if bare.upper() in _ENCODINGS else "TYPE"), bare


# Lines to components.

#: Where one of these begins while another is open, an END is missing.
_SIBLINGS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(BEGIN|END)\s*:\s*([\w-]+)\s*", re.IGNORECASE)


def components(octets: bytes) -> Iterator[Component]:
    """Outermost components, lazily. What stands outside of them is not theirs and is skipped.

    Raises SourceError for a source over MOST_OCTETS or damaged UTF-16.
    """
    stack: list[Component] = []
    count = 0
    for number, text in logical_lines(unified(octets)):
        mark = _BEGIN.fullmatch(text)
        if mark and mark[1].upper() == b"BEGIN":
            name = mark[2].decode("latin-1").upper()
            yield from _close_rivals(stack, name)
            count = count if stack else 0
            if count <= MOST_LINES:
                _open(stack, Component(name, number))
        elif mark:
            yield from _close(stack, mark[2].decode("latin-1").upper())
        elif stack and count <= MOST_LINES:
            stack[-1].lines.append(parse_line(number, text))
        count += 1
        if stack and count > MOST_LINES:
            _fail(stack[0], f"expected at most {MOST_LINES} lines")
    yield from stack[:1]


def _fail(component: Component, text: str) -> None:
    component.error = component.error or SourceError(
        f"{text} in a {component.name}, found more", line=component.number
    )


def _open(stack: list[Component], component: Component) -> None:
    if len(stack) == MOST_DEPTH:
        _fail(stack[0], f"expected at most {MOST_DEPTH} components inside each other")
        return
    if stack:
        stack[-1].children.append(component)
    stack.append(component)


def _close_rivals(stack: list[Component], name: str) -> Iterator[Component]:
    """Close what cannot contain a component of that name: its END is missing."""
    if name == "VCARD" and stack and stack[-1].lines and stack[-1].lines[-1].name == "AGENT":
        return
    rivals = _SIBLINGS if name in _SIBLINGS else {name}
    while any(component.name in rivals for component in stack):
        component = stack.pop()
        if not stack:
            yield component


def _close(stack: list[Component], name: str) -> Iterator[Component]:
    if not any(component.name == name for component in stack):
        return
    while stack:
        component = stack.pop()
        component.closed = component.name == name
        if not stack:
            yield component
        if component.closed:
            return


def unified(octets: bytes) -> bytes:
    """Octets of a source with UTF-16, by its mark or its first letter, turned into UTF-8.

    Other charsets are left alone: they are each property's own matter.
    """
    if len(octets) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(octets)}")
    for start, name in _UTF_16:
        if octets[: len(start)].upper() == start:
            return charset.decode_as(octets, name).removeprefix("\ufeff").encode()
    return octets.removeprefix(codecs.BOM_UTF8)


_UTF_16 = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"B\0E\0", "utf-16-le"),
    (b"\0B\0E", "utf-16-be"),
)


def begins(octets: bytes, name: str) -> bool:
    """Whether the first octets of a source are the BEGIN of a component of that name."""
    head = octets[:4096]
    if octets[:4].upper() in (b"B\0E\0", b"\0B\0E") or octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\0", b"")
    pattern = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN\s*:\s*" + name.encode() + rb"\s*$"
    return re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def not_found(octets: bytes, expected: str) -> SourceError:
    """Error for a source without the component that was expected."""
    if not octets.strip():
        return SourceError(f"expected {expected}, found an empty file")
    if octets.startswith(b"##fileformat=VCF"):
        return SourceError(f"expected {expected}, found a genomics VCF (##fileformat=VCF)", line=1)
    number, first = next(logical_lines(octets[:4096]), (1, b""))
    return SourceError(f"expected {expected}, found {shown(_ascii(first))}", line=number)


def shown(text: str) -> str:
    """Text of a source for an error: quoted, and short."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


# A value to text.

#: One table for all versions. 2.1 itself knows only ``\\;``, but its writers use the others too.
_ESCAPES = {"n": "\n", "N": "\n", ",": ",", ";": ";", ":": ":", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FIELD = re.compile(r"((?:[^\\;]|\\.|\\\Z)*+)(;|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Value:
    """A decoded value, its escapes still there; ``guess`` names a charset that was guessed."""

    raw: str
    guess: str = ""

    @property
    def text(self) -> str:
        """The whole as one text; unescaped semicolons and commas are part of it."""
        return unescape(self.raw)

    @property
    def fields(self) -> tuple[str, ...]:
        """The texts between unescaped semicolons; commas are part of them."""
        found = []
        for match in _FIELD.finditer(self.raw):
            found.append(unescape(match[1]))
            if not match[2]:
                break
        return tuple(found)


def unescape(text: str) -> str:
    """Text without its backslash escapes and blanks at its ends; line ends become line feeds."""
    text = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def value(line: Line) -> Value:
    """Value of a property, its encoding and charset undone.

    Without a declared charset, or with a false one, it is read as UTF-8, then as windows-1252.
    Raises SourceError for damaged base64 and for a value that no message could hold.
    """
    if len(line.raw) > MOST_VALUE_OCTETS:
        raise SourceError(f"expected at most {MOST_VALUE_OCTETS} octets, found {len(line.raw)}")
    octets = _octets(line)
    declared = line.param("CHARSET")
    if declared:
        try:
            return Value(charset.decode_as(octets, declared))
        except SourceError:
            pass  # a false label is as good as none
    try:
        return Value(octets.decode("utf-8"), "utf-8" if declared and not octets.isascii() else "")
    except UnicodeDecodeError:
        return Value(*charset.decode(octets))


def _octets(line: Line) -> bytes:
    encoding = line.param("ENCODING").upper()
    if encoding == "QUOTED-PRINTABLE":
        return binascii.a2b_qp(line.raw)
    if encoding in ("BASE64", "B"):
        try:
            return binascii.a2b_base64(line.raw)
        except binascii.Error as error:
            raise SourceError(f"expected base64, found {error}", line=line.number) from None
    return line.raw


def received(payload: Payload) -> bytes:
    """Octets of a card or calendar as it arrived: as octets, or as text."""
    if payload.coding is Coding.OCTETS:
        return payload.data
    return decode_text(payload).encode("utf-8")


# Text to a line.

#: Of one line with its soft break and without CR LF (RFC 2045, 6.7, rule 5).
_MOST_COLUMNS = 76
#: At the start of a row: a blank would look like folding, B and E like BEGIN and END.
_NOT_FIRST = " BbEe"


def join_fields(fields: Iterable[str]) -> str:
    """Fields to one value: the inverse of ``Value.fields``. Empty ones at the end are dropped."""
    kept = list(fields)
    while kept and not kept[-1]:
        kept.pop()
    return ";".join(escape(text).replace(";", "\\;") for text in kept)


def escape(text: str) -> str:
    """Text to a value: the inverse of ``unescape``. Only the backslash needs it in 2.1 and 1.0."""
    return text.replace("\\", "\\\\")


def content_line(name: str, text: str, types: Iterable[str] = ()) -> bytes:
    """Line of vCard 2.1 or vCalendar 1.0, CR LF at its end.

    ASCII goes out as it is and unfolded; anything else in quoted-printable, with line feeds as
    CR LF (=0D=0A) and with CHARSET=UTF-8 where it needs one. Raises EncodeError for a lone
    surrogate.
    """
    head = ";".join((name, *types))
    if text.isascii() and (text.isprintable() or not text) and text == text.strip():
        return f"{head}:{text}\r\n".encode("ascii")
    if not text.isascii():
        head += ";CHARSET=UTF-8"
    rows = _rows(f"{head};ENCODING=QUOTED-PRINTABLE:", text.replace("\n", "\r\n"))
    return "=\r\n".join(rows).encode("ascii") + b"\r\n"


def _rows(head: str, text: str) -> list[str]:
    rows, columns = [[head]], len(head)
    for offset, character in enumerate(text):
        token = _quoted(character, offset, last=offset == len(text) - 1)
        if columns + len(token) >= _MOST_COLUMNS:
            token = _hex(character) if character in _NOT_FIRST else token
            rows.append([])
            columns = 0
        rows[-1].append(token)
        columns += len(token)
    return ["".join(row) for row in rows]


def _quoted(character: str, offset: int, *, last: bool) -> str:
    if character.isascii() and character.isprintable() and character != "=":
        return "=20" if last and character == " " else character
    try:
        return _hex(character)
    except UnicodeEncodeError:
        raise EncodeError(
            f"expected a character, found a lone surrogate (U+{ord(character):04X})",
            character=character,
            offset=offset,
        ) from None


def _hex(character: str) -> str:
    return "".join(f"={octet:02X}" for octet in character.encode("utf-8"))
