"""Octets of a table's file: which charset they are in, and ranges of whole rows.

Rows are found in octets, not in characters: of the charsets that tables may have, none has a line
end, a quote or a delimiter inside another character. UTF-16 is turned into UTF-8 on the way.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from converters.errors import SourceError
from converters.shared import charsets
from smsenc import OptionError
from smsgate.outbox import reading

#: What is looked at to find out charset, delimiter and columns.
HEAD = 64 * 1024
#: No range is longer, unless one row alone is.
LONGEST_RANGE = 4 * 2**20
_BLOCK = 2**20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Octets below 0x40 stand for other things in its characters.
_UNFIT = frozenset(("iso2022_jp",))


class Octets(NamedTuple):
    """How a file's octets are read: charset, where the text begins, what to tell people."""

    charset: str
    start: int
    notes: tuple[str, ...]


def told_apart(file: BinaryIO, wanted: str | None) -> Octets:
    """The charset by what the user says, by mark, by the octets: UTF-8, else windows-1252.

    A file that is UTF-8 up to a damaged row stays UTF-8: the row is rejected, not the letters of
    all others. Raises OptionError for a charset that no table can have.
    """
    head = file.read(HEAD)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Octets(_known(wanted or name), len(mark), (f"byte order mark of {name}",))
    if wanted:
        name = _known(wanted)
        return Octets("utf-16-le" if name == "utf-16" else name, 0, (f"charset {name}, as told",))
    if name := _unmarked_utf16(head):
        return Octets(name, 0, (f"charset {name}, by its empty octets",))
    if _is_utf8(head, file):
        return Octets("utf-8", 0, ("charset utf-8",))
    return Octets(charsets.FALLBACK, 0, (f"charset {charsets.FALLBACK}, guessed: not UTF-8",))


def _known(name: str) -> str:
    try:
        found = charsets.known(name)
    except ValueError as error:
        raise OptionError(f"{error}, found {name!r}", name="--charset") from None
    if found in _UNFIT:
        raise OptionError(f"expected a charset that tables have, found {name!r}", name="--charset")
    return found


def _unmarked_utf16(head: bytes) -> str:
    """Western text has an empty octet in nearly each pair, and has none otherwise."""
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) * 10 > pairs * 7:
        return "utf-16-le"
    return "utf-16-be" if pairs and head[::2].count(0) * 10 > pairs * 7 else ""


def _is_utf8(head: bytes, file: BinaryIO) -> bool:
    """Whether the file is UTF-8, or was until one place that comes behind other letters of it."""
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
    """Octets in which a row can be found: UTF-16 becomes UTF-8, all others are as they were."""
    if not charset.startswith("utf-16"):
        return octets
    return octets.decode(charset, "surrogatepass").encode("utf-8", "surrogatepass")


def charset_of(charset: str) -> str:
    """The charset of ``text_octets``."""
    return "utf-8" if charset.startswith("utf-16") else charset


class Range(NamedTuple):
    """Octets of whole rows, how many rows they are, and whether the quick way reads them."""

    start: int
    end: int
    rows: int
    plain: bool


#: Of octets that begin at a row: how many of them are so many whole rows (at the end of the file,
#: when the last argument says so, the rest is one); how many rows that is, and if it is plain.
Measure = Callable[[bytes, int, bool], tuple[int, int, bool]]


def ranges(  # noqa: PLR0913, PLR0917 - the file's, and the caller's
    file: BinaryIO, charset: str, start: int, newline: bytes, rows: int, measure: Measure
) -> Iterator[Range]:
    """Ranges of at most so many rows and LONGEST_RANGE octets, from ``start`` to the end."""
    file.seek(start)
    blocks = _blocks(file, charset)
    buffer, more, size = b"", True, _BLOCK // 2
    while more or buffer:
        # As many octets as the last range had will mostly do; what is too little is read again.
        while more and len(buffer) < size + size // 8:
            buffer, more = _longer(buffer, blocks)
        size, count, plain = measure(buffer, rows, not more)
        while count < rows and more and len(buffer) < LONGEST_RANGE:
            buffer, more = _longer(buffer, blocks)
            size, count, plain = measure(buffer, rows, not more)
        if not size and buffer:  # a row that is longer than a range
            size, count, plain = size_in(buffer, charset), 1, False
            buffer, more, skipped = _behind(newline, blocks, charset)
            yield Range(start, start + size + skipped, count, plain)
            start += size + skipped
        elif size:
            end = start + size_in(buffer[:size], charset)
            yield Range(start, end, count, plain)
            start, buffer = end, buffer[size:]


def _longer(buffer: bytes, blocks: Iterator[bytes]) -> tuple[bytes, bool]:
    block = next(blocks, b"")
    return buffer + block, bool(block)


def _behind(newline: bytes, blocks: Iterator[bytes], charset: str) -> tuple[bytes, bool, int]:
    """What follows the end of the row that is being read, if any does, and what was passed over."""
    skipped = 0
    for block in blocks:
        at = block.find(newline) + 1
        skipped += size_in(block[:at] if at else block, charset)
        if at:
            return block[at:], True, skipped
    return b"", False, skipped


def _blocks(file: BinaryIO, charset: str) -> Iterator[bytes]:
    if not charset.startswith("utf-16"):
        yield from iter(lambda: file.read(_BLOCK), b"")
        return
    decoder = codecs.getincrementaldecoder(charset)("surrogatepass")
    while block := file.read(_BLOCK):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")


def size_in(octets: bytes, charset: str) -> int:
    """How many octets of the file ``text_octets`` came from."""
    if not charset.startswith("utf-16"):
        return len(octets)
    return len(octets.decode("utf-8", "surrogatepass").encode(charset, "surrogatepass"))


def read(path: str, start: int, end: int) -> bytes:
    """Octets of a file; raises SourceError where it has fewer of them by now."""
    try:
        with open(path, "rb") as file:
            file.seek(start)
            octets = file.read(end - start)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(octets) < end - start:
        raise SourceError("expected the file as it was, found it shorter", source=path)
    return octets


def digest(path: str, start: int, end: int) -> bytes:
    """BLAKE2 of octets of a file, 16 octets, however long the range is."""
    found = hashlib.blake2b(digest_size=16)
    for at in range(start, end, _BLOCK):
        found.update(read(path, at, min(at + _BLOCK, end)))
    return found.digest()


def unreadable(path: str, error: OSError | ValueError) -> SourceError:
    """The error of a file that the system does not give us."""
    return reading.unreadable(error).at(source=path)
