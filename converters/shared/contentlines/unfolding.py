"""Octets of a source to logical lines: blocks of complete lines, then lines without their folds."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import lru_cache

from converters.errors import SourceError
from converters.shared.beginnings import utf_16
from converters.shared.contentlines.continuation import FOLDED_AT_SPACES, SPACE, Folding, more
from converters.shared.contentlines.lines import (
    MOST_CACHED,
    MOST_CACHED_OCTETS,
    encoding_and_charset,
    parse_line,
)

#: A source is read in blocks of about this size, so that memory does not grow with the source.
BLOCK_OCTETS = 1 << 16
#: Octets of a line beyond this are dropped; no value that can be sent is nearly so long.
MOST_LINE_OCTETS = 1 << 20


# Octets to blocks of complete lines, all in one charset as far as ASCII goes.


def blocks(octets: bytes) -> Iterator[bytes]:
    """A source in pieces of complete lines; UTF-16, by its mark or its letters, becomes UTF-8.

    Other charsets are left alone: each property has its own. ``octets`` need only have a length,
    slices and ``find``, as a memory-mapped file has. Raises SourceError for damaged UTF-16.
    """
    codec = utf_16(octets[:1024])
    return _utf_16_blocks(octets, codec) if codec else _plain_blocks(octets)


def _plain_blocks(octets: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(octets):
        end = _line_end(octets, start + BLOCK_OCTETS)
        yield octets[start : min(end, start + BLOCK_OCTETS + MOST_LINE_OCTETS)]
        start = end


def _line_end(octets: bytes, at: int) -> int:
    """Where the line around ``at`` ends: after a line feed, or without one after a return."""
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
        complete, line_feed, rest = (rest + text.removeprefix(mark).encode()).rpartition(b"\n")
        rest, mark = rest[:MOST_LINE_OCTETS], ""
        yield complete + line_feed
    yield rest


# Blocks to physical lines, and those to logical lines.


def _physical_lines(octets: bytes) -> Iterator[bytes]:
    for block in blocks(octets):
        # A program that writes CR LF in text mode makes CR CR LF of it.
        yield from block.replace(b"\r\r\n", b"\n").splitlines()


def logical_lines(octets: bytes, folding: Folding | None = None) -> Iterator[tuple[int, bytes]]:
    """Unfolded lines with the number of their first physical line, from 1.

    A quoted-printable soft break continues with the next line, unless that is a property or a
    BEGIN or END; base64 continues in lines without a leading space (both vCard 2.1). Empty lines
    end nothing. ``folding`` gets notes on the line that comes next.
    """
    folding = folding or Folding()
    pieces: list[bytes] = []
    first, kind, size = 0, "", 0
    for number, piece in enumerate(_physical_lines(octets), start=1):
        if pieces and (kind or piece.startswith(SPACE)):
            added = more(pieces, piece, kind, folding)
            if added is not None:
                size += len(added) + 1
                if size <= MOST_LINE_OCTETS:
                    pieces.append(added)
                continue
        if not piece:
            continue
        if pieces:
            yield first, b"".join(pieces)
        pieces, first, size = [piece], number, 0
        kind = _kind(piece.partition(b":")[0][:MOST_CACHED_OCTETS])
        if kind == "VERSION":
            kind, version = "", piece.partition(b":")[2].strip()
            folding.keep_space = version in FOLDED_AT_SPACES
            folding.strict = not folding.keep_space
    if pieces:
        yield first, b"".join(pieces)


@lru_cache(MOST_CACHED)  # saves 8 % of the time of a card
def _kind(head: bytes) -> str:
    """What decides how a line continues: its encoding, or VERSION."""
    line = parse_line(0, head + b":")
    return line.name if line.name == "VERSION" else encoding_and_charset(line.params)[0]
