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
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from converters.errors import SourceError
from converters.shared import charsets
from smsenc import Coding, EncodeError, Payload, decode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: A card or an event, as its reader makes it.
_Read = TypeVar("_Read")
#: A source is read in blocks of about this size, so that what is in memory does not grow with it.
BLOCK_OCTETS = 1 << 16
#: What a line has beyond this is not kept; no value that could be sent is near it.
MOST_LINE_OCTETS = 1 << 20
#: Octets and lines of one outermost component; ten thousand events have about 150,000 lines.
MOST_COMPONENT_OCTETS = 32 << 20
MOST_LINES = 250_000
#: More than 255 parts hold: a value that is longer could not be sent.
MOST_VALUE_OCTETS = 65_536
#: Name and parameters of a line.
MOST_HEAD_OCTETS = 4096
#: VCALENDAR, VEVENT, VALARM are three; cards nest through AGENT.
MOST_DEPTH = 8


@dataclass(slots=True)
class Line:
    """A property: names in capitals, the value as it stands in the source, but unfolded.

    A bare parameter is a TYPE, or an ENCODING where it names one. A line without a colon has no
    name and is all value. It is not frozen, as that doubles the time to make one, and of nothing
    else are so many made; all the same nobody changes it.
    """

    name: str
    params: tuple[tuple[str, str], ...]
    raw: bytes
    number: int

    def param(self, name: str) -> str:
        """First value of a parameter, empty where there is none."""
        return _first(self.params, name)

    @property
    def types(self) -> tuple[str, ...]:
        """All values of TYPE, in capitals; lists are taken apart, quoted or not."""
        return _types(self.params)


# A source has few different sets of parameters: what they mean is worked out once.

_MOST_REMEMBERED = 512
#: Longer heads are not remembered, so that what is remembered stays small.
_MOST_REMEMBERED_OCTETS = 256


def _first(params: tuple[tuple[str, str], ...], name: str) -> str:
    for key, value in params:
        if key == name:
            return value
    return ""


@lru_cache(_MOST_REMEMBERED)
def _types(params: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    values = (value for key, value in params if key == "TYPE")
    return tuple(t for v in values for t in (p.strip().upper() for p in v.split(",")) if t)


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END; ``number`` is the line of BEGIN.

    ``closed`` tells whether END was there. ``error`` is set where a limit was passed or the source
    ended first; then the content is not complete.
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


# Octets to blocks of whole lines, all in one charset as far as ASCII goes.


def blocks(octets: bytes) -> Iterator[bytes]:
    """A source in pieces of whole lines; UTF-16, by its mark or its letters, becomes UTF-8.

    Other charsets are left alone: they are each property's own matter. ``octets`` need only have
    a length, slices and ``find``, as a mapped file has. Raises SourceError for damaged UTF-16.
    """
    codec = utf_16(octets[:1024])
    return _utf_16_blocks(octets, codec) if codec else _whole_lines(octets)


def utf_16(head: bytes) -> str:
    """The form of UTF-16 in which a source begins, empty where it is something else."""
    if head.startswith(_UTF_16_MARKS):
        return "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    place = head.upper().find("BEGIN:V".encode("utf-16-le"))
    return "" if place < 0 else "utf-16-be" if place % 2 else "utf-16-le"


_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _whole_lines(octets: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(octets):
        end = _line_end(octets, start + BLOCK_OCTETS)
        yield octets[start : min(end, start + BLOCK_OCTETS + MOST_LINE_OCTETS)]
        start = end


def _line_end(octets: bytes, at: int) -> int:
    """Where the line around ``at`` ends: behind a line feed, in its absence behind a return."""
    while at < len(octets):
        for mark in (b"\n", b"\r"):
            found = octets.find(mark, at, at + BLOCK_OCTETS)
            if found >= 0:
                return found + 1
        at += BLOCK_OCTETS
    return len(octets)


def _utf_16_blocks(octets: bytes, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    rest, mark = b"", "\ufeff"
    for start in range(0, len(octets), BLOCK_OCTETS):
        try:
            piece = octets[start : start + BLOCK_OCTETS]
            text = decoder.decode(piece, start + BLOCK_OCTETS >= len(octets))
        except UnicodeDecodeError as error:
            found = error.object[error.start : error.start + 1].hex().upper()
            offset = start + error.start
            raise SourceError(
                f"expected {codec} characters, found {found}", offset=offset
            ) from None
        whole, line_feed, rest = (rest + text.removeprefix(mark).encode()).rpartition(b"\n")
        rest, mark = rest[:MOST_LINE_OCTETS], ""
        yield whole + line_feed
    yield rest


# Blocks to physical and logical lines.

_BOUNDARY = re.compile(rb"\s*(?:BEGIN|END)\s*:\s*V[A-Z]+\s*", re.IGNORECASE)
#: These keep the blank at which a line was folded; the later versions add it for the fold.
_FOLDED_AT_BLANKS = (b"2.1", b"1.0")
_BLANK = (b" ", b"\t")


def _physical_lines(octets: bytes) -> Iterator[bytes]:
    for block in blocks(octets):
        # CR CR LF is what a text mode makes of CR LF.
        yield from block.replace(b"\r\r\n", b"\n").splitlines()


def logical_lines(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Unfolded lines with the number of their first physical line, from 1.

    A quoted-printable soft break takes the next line whole, unless that is a BEGIN or END; base64
    goes on in lines without a blank (both vCard 2.1). Empty lines end nothing.
    """
    pieces: list[bytes] = []
    first, keep_blank, kind, size = 0, False, "", 0
    for number, piece in enumerate(_physical_lines(octets), start=1):
        if pieces and (kind or piece.startswith(_BLANK)):
            more = _continuation(pieces, piece, kind, keep_blank=keep_blank)
            if more is not None:
                size += len(more) + 1
                if size <= MOST_LINE_OCTETS:
                    pieces.append(more)
                continue
        if not piece:
            continue
        if pieces:
            yield first, b"".join(pieces)
        pieces, first, size = [piece], number, 0
        kind = _kind(piece.partition(b":")[0][:_MOST_REMEMBERED_OCTETS])
        if kind == "VERSION":
            kind, keep_blank = "", piece.partition(b":")[2].strip() in _FOLDED_AT_BLANKS
    if pieces:
        yield first, b"".join(pieces)


def _continuation(
    pieces: list[bytes], piece: bytes, kind: str, *, keep_blank: bool
) -> bytes | None:
    """What a physical line adds to the pieces before it; None where it begins a line of its own."""
    if kind == "QUOTED-PRINTABLE" and _is_soft_break(pieces[-1], piece):
        pieces[-1] = pieces[-1].rstrip(b" \t")[:-1]
        return piece
    if piece.startswith(_BLANK):
        return b" " + piece.lstrip(b" \t") if keep_blank else piece[1:]
    if kind == "BASE64" and piece and b":" not in piece:
        return piece
    return None


def _is_soft_break(last: bytes, following: bytes) -> bool:
    return last.rstrip(b" \t").endswith(b"=") and not _BOUNDARY.fullmatch(following)


@lru_cache(_MOST_REMEMBERED)
def _kind(head: bytes) -> str:
    """What decides how a line goes on: its encoding, or that it is VERSION."""
    line = parse_line(0, head + b":")
    return line.name if line.name == "VERSION" else _coding(line.params)[0]


# A logical line to its parts.

_HEAD = re.compile(rb'([^;:"]*)((?:;(?:"[^"]*"|[^";:])*+)*+):')
_LOOSE_HEAD = re.compile(rb"([^;:]*)((?:;[^;:]*)*+):")  # a quote without its fellow
_PARAM = re.compile(rb';((?:"[^"]*"|[^";])*+)')
_LOOSE_PARAM = re.compile(rb";([^;]*)")
#: As they are written, the three that matter under one name each.
_ENCODINGS = {
    "QUOTED-PRINTABLE": "QUOTED-PRINTABLE",
    "BASE64": "BASE64",
    "B": "BASE64",
    "8BIT": "",
    "7BIT": "",
}


def parse_line(number: int, octets: bytes) -> Line:
    """Parts of a logical line. A group (``item1.TEL``) is dropped: no phone knows them."""
    head, colon, raw = octets.partition(b":")
    plain = _plain_head(head) if colon and len(head) <= _MOST_REMEMBERED_OCTETS else None
    if not plain:
        return _parse_quoted(number, octets)
    name, params = plain
    return Line(name, params, raw, number)


@lru_cache(_MOST_REMEMBERED)
def _plain_head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Name and parameters of a head without quotes."""
    if b'"' in head:
        return None
    name, *params = _utf_8(head).split(";")
    return _name(name), tuple(map(_parameter, params))


def _parse_quoted(number: int, octets: bytes) -> Line:
    match, param = _HEAD.match(octets, 0, MOST_HEAD_OCTETS), _PARAM
    if not match:
        match, param = _LOOSE_HEAD.match(octets, 0, MOST_HEAD_OCTETS), _LOOSE_PARAM
    if not match:
        return Line("", (), octets, number)
    params = tuple(_parameter(_utf_8(text)) for text in param.findall(match[2]))
    return Line(_name(_utf_8(match[1])), params, octets[match.end() :], number)


def _utf_8(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _name(text: str) -> str:
    return text.rpartition(".")[2].strip().upper()


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals:
        return name.strip().upper(), value.replace('"', "").strip()
    bare = text.strip()
    return ("ENCODING" if bare.upper() in _ENCODINGS else "TYPE"), bare


# Lines to components.

#: Where one of these begins while another is open, an END is missing.
_SIBLINGS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
_MARK = re.compile(rb"(?:\xef\xbb\xbf)?\s*(BEGIN|END)\s*:\s*([\w-]+)\s*", re.IGNORECASE)
_MARK_STARTS = frozenset(b"BbEe \t\xef")


def components(octets: bytes) -> Iterator[Component]:
    """Outermost components, lazily. What stands outside of them is not theirs and is skipped.

    Raises SourceError for damaged UTF-16, when it comes to it.
    """
    stack: list[Component] = []
    begin = size = number = 0
    for number, text in logical_lines(octets):
        mark = _MARK.fullmatch(text) if text[0] in _MARK_STARTS else None
        if not mark:
            if stack and not stack[0].error:
                stack[-1].lines.append(parse_line(number, text))
        elif mark[1].upper() == b"BEGIN":
            name = mark[2].decode("latin-1").upper()
            yield from _close_rivals(stack, name)
            if not stack:
                begin, size = number, 0
            if not (stack and stack[0].error):
                _open(stack, Component(name, number))
        else:
            yield from _close(stack, mark[2].decode("latin-1").upper())
        size += len(text)
        if number - begin > MOST_LINES or size > MOST_COMPONENT_OCTETS:
            _fail(stack, number - begin)
    for component in stack:
        # A file that was cut may end within a number. What it holds whole is still good.
        if component.name != "VCALENDAR" and not component.error:
            component.error = SourceError(
                f"expected END:{component.name}, found the end of the file", line=number
            )
    yield from stack[:1]


def _fail(stack: list[Component], lines: int) -> None:
    most = f"{MOST_LINES} lines" if lines > MOST_LINES else f"{MOST_COMPONENT_OCTETS} octets"
    if stack:
        _set_error(stack[0], f"expected at most {most}")


def _set_error(component: Component, text: str) -> None:
    component.error = component.error or SourceError(
        f"{text} in a {component.name}, found more", line=component.number
    )


def _open(stack: list[Component], component: Component) -> None:
    if len(stack) == MOST_DEPTH:
        _set_error(stack[0], f"expected at most {MOST_DEPTH} components inside each other")
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


def begins(octets: bytes, name: str) -> bool:
    """Whether the first octets of a source are the BEGIN of a component of that name."""
    head = octets[:4096]
    if utf_16(head):
        head = head.replace(b"\0", b"")
    pattern = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN\s*:\s*" + name.encode() + rb"\s*$"
    return re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def not_found(octets: bytes, expected: str) -> SourceError:
    """Error for a source without the component that was expected."""
    if not octets[:4096].strip():
        return SourceError(f"expected {expected}, found an empty file")
    if octets[:16] == b"##fileformat=VCF":
        return SourceError(f"expected {expected}, found a genomics VCF (##fileformat=VCF)", line=1)
    number, first = next(logical_lines(octets[:4096]), (1, b""))
    return SourceError(f"expected {expected}, found {shown(_utf_8(first))}", line=number)


def shown(text: str) -> str:
    """Text of a source for an error: quoted, and short."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


# A value to text.

#: One table for all versions. 2.1 itself knows only ``\\;``, but its writers use the others too.
_ESCAPES = {"n": "\n", "N": "\n", ",": ",", ";": ";", ":": ":", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FIELD = re.compile(r"((?:[^\\;]|\\.|\\\Z)*+)(;|\Z)", re.DOTALL)


class Value(NamedTuple):
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
        if "\\" not in self.raw and "\r" not in self.raw:
            return tuple([text.strip() for text in self.raw.split(";")])
        found = []
        for match in _FIELD.finditer(self.raw):
            found.append(unescape(match[1]))
            if not match[2]:
                break
        return tuple(found)


def unescape(text: str) -> str:
    """Text without its backslash escapes and blanks at its ends; line ends become line feeds."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def value(line: Line, beside: Iterable[Line] = ()) -> Value:
    """Value of a property, its encoding and charset undone.

    Without a declared charset, or with a false one, it is read as UTF-8, then in the charset that
    a line ``beside`` it declares, then as windows-1252. Raises SourceError for damaged base64 and
    for a value that no message could hold.
    """
    if len(line.raw) > MOST_VALUE_OCTETS:
        raise SourceError(f"expected at most {MOST_VALUE_OCTETS} octets, found {len(line.raw)}")
    encoding, declared = _coding(line.params) if line.params else ("", "")
    octets = _decoded(line, encoding) if encoding else line.raw
    if not declared:
        try:
            return Value(octets.decode())
        except UnicodeDecodeError:
            return _guessed(octets, beside)
    return _declared(octets, declared) or _guessed(octets, ())


#: What is written under a narrower name (WHATWG Encoding Standard, 4.2).
_MEANT = {
    "ISO-8859-1": "windows-1252",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "SHIFT_JIS": "cp932",
    "SHIFT-JIS": "cp932",
}


@lru_cache(_MOST_REMEMBERED)
def _coding(params: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Encoding, by the names of ``_ENCODINGS``, and charset as declared; each may be empty."""
    encoding = _ENCODINGS.get(_first(params, "ENCODING").upper(), "")
    return encoding, _first(params, "CHARSET")


def _decoded(line: Line, encoding: str) -> bytes:
    if encoding == "QUOTED-PRINTABLE":
        return binascii.a2b_qp(line.raw)
    try:
        return binascii.a2b_base64(line.raw)
    except binascii.Error as error:
        raise SourceError(f"expected base64, found {error}", line=line.number) from None


def _declared(octets: bytes, name: str) -> Value | None:
    """Value in a declared charset; None where it does not fit.

    What declares one octet a character and yet is UTF-8 throughout was labelled wrongly: in such a
    charset those sequences are no words.
    """
    if not octets.isascii() and _is_single(name) and _is_utf_8(octets):
        return None
    try:
        return Value(charsets.decode_as(octets, _MEANT.get(name.upper(), name)))
    except SourceError:
        return None


@lru_cache(_MOST_REMEMBERED)
def _is_single(name: str) -> bool:
    try:
        return codecs.lookup(name).name.startswith(_SINGLE)
    except (LookupError, ValueError):
        return False


#: One octet a character, by Python's names.
_SINGLE = ("iso8859-", "cp12", "koi8-", "mac-")


def _guessed(octets: bytes, beside: Iterable[Line]) -> Value:
    """Value without a charset of its own that could be believed."""
    if _is_utf_8(octets):
        return Value(octets.decode(), "" if octets.isascii() else "utf-8")
    for name in _likely(octets, beside):
        found = _declared(octets, name)
        if found:
            return Value(found.raw, name)
    return Value(*charsets.decode(octets))


#: windows-1252 lacks them; in Shift-JIS nearly every text has one.
_NOT_FALLBACK = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


#: Lines that are asked for a charset.
_MOST_BESIDE = 100


def _likely(octets: bytes, beside: Iterable[Line]) -> Iterator[str]:
    """Charsets of the lines around a value, declared or by their octets."""
    lines = list(islice(beside, _MOST_BESIDE))
    yield from filter(None, dict.fromkeys(_coding(line.params)[1] for line in lines))
    raws = (octets, *(line.raw for line in lines))
    if any(_NOT_FALLBACK.search(raw) and not _is_utf_8(raw) for raw in raws):
        yield "Shift_JIS"


def _is_utf_8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def received(payload: Payload) -> bytes:
    """Octets of a card or calendar as it arrived: as octets, or as text."""
    if payload.coding is Coding.OCTETS:
        return payload.data
    return decode_text(payload).encode("utf-8")


def accepted(
    read: Callable[[bytes], Iterable[tuple[_Read | SourceError, object]]], payload: Payload
) -> Iterator[_Read]:
    """What a reader finds in what arrived, without its losses; raises the SourceError it finds."""
    for found, _losses in read(received(payload)):
        if isinstance(found, SourceError):
            raise found
        yield found


# Text to a line.

#: Of one line with its soft break and without CR LF (RFC 2045, 6.7, rule 5).
_MOST_COLUMNS = 76
#: At the start of a row: a blank would look like folding, B and E like BEGIN and END.
_NOT_FIRST = " BbEe"


def join_fields(fields: Sequence[str]) -> str:
    """Fields to one value: the inverse of ``Value.fields``. Empty ones at the end are dropped."""
    text = ";".join(fields)
    if "\\" not in text and text.count(";") < len(fields):
        return text.rstrip(";")  # the common case: nothing to escape
    kept = list(fields)
    while kept and not kept[-1]:
        kept.pop()
    return ";".join([escape(text).replace(";", "\\;") for text in kept])


def escape(text: str) -> str:
    """Text to a value: the inverse of ``unescape``. Only the backslash needs it in 2.1 and 1.0."""
    return text.replace("\\", "\\\\")


def content_line(name: str, text: str, types: Iterable[str] = (), charset: str = "UTF-8") -> bytes:
    """Line of vCard 2.1 or vCalendar 1.0, CR LF at its end.

    ASCII goes out as it is and unfolded; anything else in quoted-printable, with line feeds as
    CR LF (=0D=0A) and with CHARSET where it needs one: UTF-8, or what is named. Raises EncodeError
    for what the charset does not hold; for UTF-8 that is a lone surrogate.
    """
    head = ";".join((name, *types)) if types else name
    if text.isascii() and text.isprintable() and text == text.strip():
        return f"{head}:{text}\r\n".encode("ascii")
    if not text.isascii():
        head += f";CHARSET={charset}"
    head += ";ENCODING=QUOTED-PRINTABLE:"
    octets = _encoded(text.replace("\n", "\r\n"), charset)
    quoted = "".join([_QUOTED[octet] for octet in octets])
    if quoted.endswith(" "):
        quoted = quoted[:-1] + "=20"
    if len(head) + len(quoted) >= _MOST_COLUMNS:
        quoted = "=\r\n".join(_rows(len(head), quoted, wide=charset == "UTF-8"))
    return f"{head}{quoted}\r\n".encode("ascii")


#: Quoted-printable of every octet (RFC 2045, 6.7, rules 1 and 2).
_QUOTED = tuple(
    chr(octet) if 0x20 <= octet <= 0x7E and octet != 0x3D else f"={octet:02X}"
    for octet in range(256)
)


def _rows(columns: int, quoted: str, *, wide: bool) -> Iterator[str]:
    """Quoted text in rows; the first begins at that column."""
    start, first = 0, ""
    while columns + len(quoted) - start >= _MOST_COLUMNS:
        end = _row_end(quoted, start + max(_MOST_COLUMNS - 1 - columns, 0), wide=wide)
        yield first + quoted[start:end]
        start, first, columns = end, "", 0
        if quoted[end] in _NOT_FIRST:
            start, first, columns = end + 1, f"={ord(quoted[end]):02X}", 3
    yield first + quoted[start:]


def _row_end(quoted: str, end: int, *, wide: bool) -> int:
    """The last place up to ``end`` that is neither in =XX nor, if ``wide``, inside of UTF-8."""
    end -= next((back for back in (1, 2) if quoted[end - back : end - back + 1] == "="), 0)
    while wide and quoted[end : end + 2] in _FOLLOWERS:
        end -= 3
    return end


#: Octets 80 to BF, which go on with a character in UTF-8 (RFC 3629, 3).
_FOLLOWERS = ("=8", "=9", "=A", "=B")


def _encoded(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except UnicodeEncodeError as error:
        character = text[error.start]
        what = "a lone surrogate" if "\ud800" <= character <= "\udfff" else repr(character)
        raise EncodeError(
            f"expected a character{'' if charset == 'UTF-8' else ' of ' + charset}, "
            f"found {what} (U+{ord(character):04X})",
            character=character,
            offset=error.start,
        ) from None
