"""How many octets of pixels a picture file that ends too early should have, and has."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from converters.errors import SourceError

#: Octets of pixels that the header announces, and those that the file holds.
Counts = tuple[int, int]


def check(name: str, source: bytes) -> None:
    """Raise SourceError if the file holds fewer octets of pixels than its header announces."""
    count = _COUNTS.get(name)
    counts = count(source) if count else None
    if counts and counts[1] < counts[0]:
        expected, found = counts
        raise SourceError(
            f"expected {expected} octets of pixels, found {found}", offset=len(source), name=name
        )


def check_claim(source: bytes) -> None:
    """Raise SourceError for a PNG that cannot hold the pixels that its header announces."""
    if sum((width + 1) * height for width, height in _png_rows(source)) > _MOST_INFLATED * len(
        source
    ):
        check("PNG", source)


# --- PNG: each row of pixels follows an octet that names its filter -------------------------------

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = frozenset((1, 2, 4, 8, 16))
#: Where the seven passes of an interlaced picture begin, and their steps: x, y (PNG, 8.2).
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8)),
    *((2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_AT_ONCE = ((0, 0, 1, 1),)


#: The most octets that deflate makes of one.
_MOST_INFLATED = 1032


def _png_rows(source: bytes) -> list[tuple[int, int]]:
    """Octets of a row and number of rows, for each pass; empty if the header is damaged."""
    if len(source) < 29 or source[12:16] != b"IHDR":
        return []
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", source[16:29])
    bits = depth * _SAMPLES.get(colour, 0) if depth in _DEPTHS else 0
    passes = _PASSES if interlaced else _AT_ONCE
    sides = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    return [(-(-w * bits // 8), h) for w, h in sides if w > 0 and h > 0 and bits]


def _png(source: bytes) -> Counts | None:
    rows = _png_rows(source)
    if not rows:
        return None
    inflated = _inflated(source)
    return None if inflated is None else (sum(w * h for w, h in rows), _of_pixels(rows, inflated))


def _of_pixels(rows: list[tuple[int, int]], inflated: int) -> int:
    """How many of the inflated octets are pixels."""
    found = 0
    for width, height in rows:
        here = min(inflated, (width + 1) * height)
        whole, rest = divmod(here, width + 1)
        found += whole * width + max(rest - 1, 0)
        inflated -= here
    return found


def _inflated(source: bytes) -> int | None:
    """Octets that the chunks IDAT hold before compression; None if they are damaged."""
    import zlib  # noqa: PLC0415 - wanted only for damaged files

    inflate, total, at = zlib.decompressobj(), 0, 8
    while at + 8 <= len(source) and not inflate.eof:
        end = at + 8 + int.from_bytes(source[at : at + 4], "big")
        data = source[at + 8 : end] if source[at + 4 : at + 8] == b"IDAT" else b""
        while data and not inflate.eof:
            try:
                total += len(inflate.decompress(data, _LOT))
            except zlib.error:
                return None
            data = inflate.unconsumed_tail
        at = end + 4
    return total


_LOT = 1 << 20

# --- BMP: rows of whole groups of four octets, unless compressed ----------------------------------

_PLAIN = frozenset((0, 3, 6))


def _bmp(source: bytes) -> Counts | None:
    if len(source) < 26:
        return None
    start, header = struct.unpack("<II", source[10:18])
    if header == 12:  # OS/2
        width, height, _planes, bits, packing = *struct.unpack("<HHHH", source[18:26]), 0
    elif len(source) >= 34:
        width, height, _planes, bits, packing = struct.unpack("<iiHHI", source[18:34])
    else:
        return None
    if packing not in _PLAIN or width <= 0:
        return None
    return (width * bits + 31) // 32 * 4 * abs(height), max(len(source) - start, 0)


# --- PPM ------------------------------------------------------------------------------------------

_SPACE = rb"(?:\s|#[^\n]*\n)+"
_PBM = re.compile(rb"P4%s(\d{1,9})%s(\d{1,9})\s" % ((_SPACE,) * 2))
_PNM = re.compile(rb"P([56])%s(\d{1,9})%s(\d{1,9})%s(\d{1,5})\s" % ((_SPACE,) * 3))


def _ppm(source: bytes) -> Counts | None:
    if bits := _PBM.match(source):
        return -(-int(bits[1]) // 8) * int(bits[2]), len(source) - bits.end()
    head = _PNM.match(source)
    if not head:
        return None
    octets = (3 if head[1] == b"6" else 1) * (2 if int(head[4]) > 255 else 1)
    return int(head[2]) * int(head[3]) * octets, len(source) - head.end()


# --- GIF: pixels as LZW codes, in blocks of up to 255 octets (GIF89a, appendix F) -----------------

_IMAGE, _EXTENSION = 0x2C, 0x21
#: Counting takes about a second for so many octets.
_MOST_COUNTED = 2_000_000


def _gif(source: bytes) -> Counts | None:
    """The pixels of the first frame."""
    if len(source) > _MOST_COUNTED or len(source) < 13:
        return None
    at = 13 + _table(source[10])
    while source[at : at + 1] == bytes((_EXTENSION,)):
        at = _blocks(source, at + 2)[1]
    head = source[at : at + 11]
    if len(head) < 11 or head[0] != _IMAGE:
        return None
    width, height, flags = struct.unpack("<HHB", head[5:10])
    start = at + 10 + _table(flags)
    if start >= len(source) or not 1 <= source[start] <= 11:
        return None
    return width * height, _pixels(_blocks(source, start + 1)[0], source[start], width * height)


def _table(flags: int) -> int:
    """Octets of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(source: bytes, at: int) -> tuple[bytes, int]:
    """The data of the blocks from ``at`` on, and where they end."""
    found = []
    while at < len(source) and source[at]:
        found.append(source[at + 1 : at + 1 + source[at]])
        at += 1 + source[at]
    return b"".join(found), at + 1


def _pixels(data: bytes, bits: int, most: int) -> int:
    """How many pixels the codes stand for: each new one for one more than the code before."""
    clear = 1 << bits
    lengths = [1] * clear + [0, 0]
    width, total, before, waiting, have = bits + 1, 0, 0, 0, 0
    for octet in data:
        waiting |= octet << have
        have += 8
        while have >= width:
            code, waiting, have = waiting & (1 << width) - 1, waiting >> width, have - width
            if code == clear:
                del lengths[clear + 2 :]
                width, before = bits + 1, 0
                continue
            if code == clear + 1 or code > len(lengths) or total >= most:
                return min(total, most)
            if before and len(lengths) < 4096:
                lengths.append(before + 1)
                width = min(12, max(width, len(lengths).bit_length()))
            before = lengths[code] if code < len(lengths) else 0
            total += before
    return min(total, most)


_COUNTS: dict[str, Callable[[bytes], Counts | None]] = {
    "PNG": _png,
    "BMP": _bmp,
    "PPM": _ppm,
    "GIF": _gif,
}
