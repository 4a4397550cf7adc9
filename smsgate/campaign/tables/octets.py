"""Octets of a table's file: their charset, and ranges of complete rows.

Rows are found in octets, not in characters: in no charset that is allowed here do the octets of a
line end, a quote or a delimiter occur inside another character. UTF-16 is converted to UTF-8 first.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, TypeAlias

from converters.errors import SourceError
from converters.shared import charsets
from smsenc import OptionError
from smsgate.campaign.tables.model import LONGEST_ROW, Chunk, Table
from smsgate.outbox import reading

#: Octets at the beginning of a file in which charset, delimiter and columns are detected.
HEAD = 64 * 1024
#: No range has more octets, unless a single row has.
LONGEST_RANGE = 4 * 2**20
_BLOCK = 2**20
_OCTETS_OF_A_ROW = 16  # of short ones

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
#: Charsets in which octets below 0x40 are parts of other characters.
_UNFIT = frozenset(("iso2022_jp",))


class Encoding(NamedTuple):
    """How a file's octets are read: charset, offset of the text, and notes for the user."""

    charset: str
    start: int
    notes: tuple[str, ...]


def detect(file: BinaryIO, wanted: str | None) -> Encoding:
    """The charset: ``wanted``, else by byte order mark, else UTF-8 or UTF-16, else windows-1252.

    A file that is UTF-8 up to a damaged row is read as UTF-8: that row is rejected, and the letters
    of all others stay right. Raises OptionError for a charset that is not allowed for tables, and
    SourceError for UTF-32.
    """
    head = file.read(HEAD)
    if head.startswith(_UTF32):
        raise SourceError("expected UTF-8 or UTF-16, found UTF-32: save it as UTF-8")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(_known(wanted or name), len(mark), (f"byte order mark of {name}",))
    if wanted:
        name = _known(wanted)
        charset = "utf-16-le" if name == "utf-16" else name
        return Encoding(charset, 0, (f"charset {name}, as given",))
    if name := _unmarked_utf16(head):
        return Encoding(name, 0, (f"charset {name}, by its empty octets",))
    if _is_utf8(head, file):
        return Encoding("utf-8", 0, ("charset utf-8",))
    return Encoding(charsets.FALLBACK, 0, (f"charset {charsets.FALLBACK}, guessed: not UTF-8",))


def _known(name: str) -> str:
    try:
        found = charsets.known(name)
    except ValueError as error:
        raise OptionError(f"{error}, found {name!r}", name="--charset") from None
    if found in _UNFIT:
        raise OptionError(f"expected a charset that tables have, found {name!r}", name="--charset")
    return found


def _unmarked_utf16(head: bytes) -> str:
    """Which UTF-16 it is: in Western text nearly every pair of octets has a zero."""
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) * 10 > pairs * 7:
        return "utf-16-le"
    return "utf-16-be" if pairs and head[::2].count(0) * 10 > pairs * 7 else ""


def _is_utf8(head: bytes, file: BinaryIO) -> bool:
    """Whether the file is UTF-8, or begins with UTF-8 that has letters outside ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    letters = False
    block = head
    while block:
        try:
            letters |= not decoder.decode(block).isascii()
        except UnicodeDecodeError as error:
            return letters or not error.object[: error.start].isascii()
        block = file.read(_BLOCK)
    return True


def text_octets(octets: bytes, charset: str) -> bytes:
    """Octets in which rows can be found: UTF-16 becomes UTF-8, other charsets are unchanged."""
    if not charset.startswith("utf-16"):
        return octets
    return octets.decode(charset, "surrogatepass").encode("utf-8", "surrogatepass")


def charset_of(charset: str) -> str:
    """The charset of ``text_octets``."""
    return "utf-8" if charset.startswith("utf-16") else charset


#: Octets of complete rows, how many rows they are, and whether the fast reader can read them.
Measured: TypeAlias = tuple[int, int, bool]
#: Measures octets that begin at a row: how much of them is at most so many complete rows. If the
#: last argument says that the file ends there, the rest is a row.
Measure = Callable[[bytes, int, bool], Measured]


def chunks(table: Table, file: BinaryIO, rows: int, measure: Measure) -> Iterator[Chunk]:
    """Ranges of the file with at most ``rows`` rows and LONGEST_RANGE octets each.

    ``measure`` finds the rows.
    """
    row = table.first_row
    for number, (start, end, count, plain) in enumerate(_ranges(table, file, rows, measure)):
        yield Chunk(number=number, first_row=row, count=count, start=start, end=end, plain=plain)
        row += count


def _ranges(
    table: Table, file: BinaryIO, rows: int, measure: Measure
) -> Iterator[tuple[int, int, int, bool]]:
    """Start and end of each range, its number of rows, and whether the fast reader can read it."""
    charset, start = table.charset, table.start
    file.seek(start)
    blocks = _blocks(file, charset)
    buffer, more, size = b"", True, _BLOCK // 2
    while more or buffer:
        # The next range is about as long as the last one; if it is longer, read more and try again.
        while more and len(buffer) < size + size // 8:
            buffer, more = _longer(buffer, blocks)
        size, count, plain = measure(buffer, rows, not more)
        while count < rows and more and len(buffer) < LONGEST_RANGE:
            buffer, more = _longer(buffer, blocks)
            size, count, plain = measure(buffer, rows, not more)
        if not size and buffer:  # a row that is longer than a range
            size = size_in(buffer, charset)
            buffer, more, rest = _after_row(table.newline.encode(), blocks, charset)
            yield start, start + size + rest, 1, False
            start += size + rest
        elif size:
            end = start + size_in(buffer[:size], charset)
            yield start, end, count, plain
            start, buffer = end, buffer[size:]


def lines_in(octets: bytes, newline: bytes, most: int, *, last: bool) -> tuple[int, int, int]:
    """Size and number of at most ``most`` complete lines; the longest, or 0 if none is too long."""
    size, count = _line_ends(octets, newline, most)
    if last and count < most and size < len(octets):
        size, count = len(octets), count + 1
    # If every half of the limit has a line end, no line is over the limit.
    half = LONGEST_ROW // 2
    if all(octets.find(newline, n, n + half) >= 0 for n in range(0, size - half, half)):
        return size, count, 0
    return size, count, max(map(len, octets[:size].split(newline)))


def _line_ends(octets: bytes, newline: bytes, most: int) -> tuple[int, int]:
    """The offset after the last of at most ``most`` line ends, and how many they are.

    Steps become smaller where there are too many; that is faster than to divide the octets.
    """
    at = count = 0
    step = max(most, 1) * _OCTETS_OF_A_ROW
    while at < len(octets) and count < most:
        found = octets.count(newline, at, at + step)
        if count + found > most:
            step //= 2
        else:
            at, count = at + step, count + found
    return octets.rfind(newline, 0, at) + 1, count


def _longer(buffer: bytes, blocks: Iterator[bytes]) -> tuple[bytes, bool]:
    block = next(blocks, b"")
    return buffer + block, bool(block)


def _after_row(newline: bytes, blocks: Iterator[bytes], charset: str) -> tuple[bytes, bool, int]:
    """Octets after the current row, whether there are any, and how many octets were skipped."""
    skipped = 0
    for block in blocks:
        at = block.find(newline) + 1
        skipped += size_in(block[:at] if at else block, charset)
        if at:
            return block[at:], True, skipped
    return b"", False, skipped


def head_of_rows(file: BinaryIO, charset: str) -> tuple[bytes, int]:
    """At most HEAD octets from the first line that is not too long for a row, and its number."""
    blocks = _blocks(file, charset)
    buffer, more, line = b"", True, 1
    while True:
        while more and len(buffer) <= LONGEST_ROW:
            buffer, more = _longer(buffer, blocks)
        at = buffer.find(b"\n")
        if len(buffer) <= LONGEST_ROW or 0 <= at <= LONGEST_ROW:
            return buffer[:HEAD], line
        line += 1
        if at >= 0:
            buffer = buffer[at + 1 :]
        else:
            buffer, more, _ = _after_row(b"\n", blocks, charset)


def _blocks(file: BinaryIO, charset: str) -> Iterator[bytes]:
    if not charset.startswith("utf-16"):
        yield from iter(lambda: file.read(_BLOCK), b"")
        return
    decoder = codecs.getincrementaldecoder(charset)("surrogatepass")
    while block := file.read(_BLOCK):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")


def size_in(octets: bytes, charset: str) -> int:
    """How many octets of the file became these octets in ``text_octets``."""
    if not charset.startswith("utf-16"):
        return len(octets)
    return len(octets.decode("utf-8", "surrogatepass").encode(charset, "surrogatepass"))


def read(path: str, start: int, end: int) -> bytes:
    """Octets of a file; raises SourceError if the file has become shorter."""
    try:
        with reading.open_file(path) as file:
            file.seek(start)
            octets = file.read(end - start)
    except OSError as error:
        raise unreadable(path, error) from None
    except SourceError as error:
        raise error.at(source=path) from None
    if len(octets) < end - start:
        raise SourceError("the file has become shorter since it was opened", source=path)
    return octets


def digest(path: str, start: int, end: int) -> bytes:
    """BLAKE2 of a range of a file, 16 octets, read block by block."""
    found = hashlib.blake2b(digest_size=16)
    for at in range(start, end, _BLOCK):
        found.update(read(path, at, min(at + _BLOCK, end)))
    return found.digest()


def unreadable(path: str, error: OSError | ValueError) -> SourceError:
    """The error of a file that the system cannot read."""
    return reading.unreadable(error).at(source=path)
