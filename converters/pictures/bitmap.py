"""One-bit pictures, and the OTA bitmap of Smart Messaging that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from smsenc import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: More pixels than any source of a phone's picture needs.
MOST_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Bitmap:
    """``width`` x ``height`` pixels of one bit, 1 = black.

    ``bits`` are packed as in messages: rows from the top, most significant bit first, no padding
    between rows; the spare bits of the last octet are zero.
    """

    width: int
    height: int
    bits: bytes

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        octets = -(-self.width * self.height // 8)
        if len(self.bits) != octets:
            raise DecodeError(
                f"expected {octets} octets for {self.width}x{self.height} pixels, "
                f"found {len(self.bits)}"
            )
        if self.bits[-1] & (1 << self._spare) - 1:
            raise DecodeError("expected zeros after the last pixel, found ones")

    @classmethod
    def from_rows(cls, rows: Sequence[str]) -> Bitmap:
        """Bitmap of rows drawn with ``#`` (black) and ``.`` (white)."""
        text = "".join(rows)
        if not text or text.strip("#.") or len(set(map(len, rows))) != 1:
            raise DecodeError("expected rows of # and ., all of one length, found others")
        return cls(len(rows[0]), len(rows), _octets(text.translate(_PIXEL_TO_BIT)))

    @classmethod
    def from_padded(cls, width: int, height: int, data: bytes) -> Bitmap:
        """Bitmap of rows that each begin with a new octet, as in most files; 1 = black."""
        check_size(width, height)
        stride = -(-width // 8)
        if len(data) != stride * height:
            raise DecodeError(
                f"expected {stride * height} octets for {width}x{height} pixels, found {len(data)}"
            )
        if width % 8 == 0:
            return cls(width, height, data)
        starts = range(0, len(data), stride)
        text = "".join(
            f"{int.from_bytes(data[n : n + stride]):0{stride * 8}b}"[:width] for n in starts
        )
        return cls(width, height, _octets(text))

    @classmethod
    def from_packed(cls, width: int, height: int, data: bytes) -> Bitmap:
        """Bitmap of rows without padding; spare bits and octets after the pixels are ignored."""
        pixels = width * height
        bits = data[: -(-pixels // 8)]
        if pixels % 8 and len(bits) * 8 > pixels:
            bits = bits[:-1] + bytes((bits[-1] & 0xFF << -pixels % 8 & 0xFF,))
        return cls(width, height, bits)

    @property
    def padded(self) -> bytes:
        """The rows, each padded with zeros to whole octets."""
        if self.width % 8 == 0:
            return self.bits
        text = self._text()
        starts = range(0, len(text), self.width)
        return b"".join(_octets(text[n : n + self.width]) for n in starts)

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows from the top, drawn with ``#`` (black) and ``.`` (white)."""
        text = self._text().translate(_BIT_TO_PIXEL)
        return tuple(text[at : at + self.width] for at in range(0, len(text), self.width))

    def _text(self) -> str:
        """The pixels as zeros and ones."""
        bits = int.from_bytes(self.bits, "big") >> self._spare
        return f"{bits:0{self.width * self.height}b}"

    @property
    def _spare(self) -> int:
        return -self.width * self.height % 8


def check_size(width: int, height: int) -> None:
    """Raise DecodeError for a picture without pixels, or with more than ``MOST_PIXELS``."""
    if not (width >= 1 and height >= 1 and width * height <= MOST_PIXELS):
        raise DecodeError(
            f"expected a picture of 1 to {MOST_PIXELS} pixels, found {width}x{height}"
        )


def _octets(bits: str) -> bytes:
    """Zeros and ones packed, most significant bit first, the last octet padded with zeros."""
    octets = -(-len(bits) // 8)
    return int(bits.ljust(octets * 8, "0"), 2).to_bytes(octets, "big")


_PIXEL_TO_BIT = str.maketrans("#.", "10")
_BIT_TO_PIXEL = str.maketrans("10", "#.")


# --- OTA bitmap (Smart Messaging 3.0.0, as Nokia's own receivers read it) -------------------------
#
#   infofield [extfield]* width height depth data
#
# Bits of the infofield: 80 an extfield follows, 40 compressed, 20 external palette, 10 sizes of two
# octets, 0F number of animated icons after the data. ``encode_bitmap`` writes 00 only.

_EXTENDED, _COMPRESSED, _PALETTE, _WIDE, _ICONS = 0x80, 0x40, 0x20, 0x10, 0x0F
_DEPTH = 0x01
#: Width and height are one octet each.
LONGEST_SIDE = 255
_MOST_EXTFIELDS = 16


def encode_bitmap(bitmap: Bitmap) -> bytes:
    """Return the OTA bitmap: a header of four octets and the packed pixels.

    Raises DecodeError for a side over 255 pixels.
    """
    if max(bitmap.width, bitmap.height) > LONGEST_SIDE:
        raise DecodeError(
            f"expected at most {LONGEST_SIDE}x{LONGEST_SIDE} pixels, "
            f"found {bitmap.width}x{bitmap.height}"
        )
    return bytes((0x00, bitmap.width, bitmap.height, _DEPTH)) + bitmap.bits


def decode_bitmap(data: bytes, start: int = 0) -> Bitmap:
    """Return the picture in the OTA bitmap at ``start``; what follows it is ignored, as phones do.

    Extension fields, sizes of two octets, and 01 as the infofield, a known misreading of the
    specification, are read too, although ``encode_bitmap`` does not write them. Raises DecodeError.
    """
    info = _octet(data, start)
    if info & (_COMPRESSED | _PALETTE) or info & _ICONS > 1:
        raise DecodeError(
            f"expected a plain picture (infofield 00), found {info:02X}", offset=start
        )
    at = _after_infofield(data, start)
    width, at = _side(data, at, wide=bool(info & _WIDE))
    height, at = _side(data, at, wide=bool(info & _WIDE))
    depth = _octet(data, at)
    if depth != _DEPTH:
        raise DecodeError(f"expected one bit per pixel (depth 01), found {depth:02X}", offset=at)
    return _bitmap(width, height, data[at + 1 :], offset=start)


def _octet(data: bytes, at: int) -> int:
    if at >= len(data):
        raise DecodeError("expected the header of a picture, found its end", offset=at)
    return data[at]


def _after_infofield(data: bytes, start: int) -> int:
    for at in range(start, start + _MOST_EXTFIELDS + 1):
        if not _octet(data, at) & _EXTENDED:
            return at + 1
    raise DecodeError(
        f"expected at most {_MOST_EXTFIELDS} extension fields, found more", offset=start
    )


def _side(data: bytes, at: int, *, wide: bool) -> tuple[int, int]:
    first = _octet(data, at)
    if not wide:
        return first, at + 1
    second = _octet(data, at + 1)
    # Programs disagree on the byte order; up to 255, one of the two octets is zero either way.
    return (first | second if 0 in (first, second) else first | second << 8), at + 2


def _bitmap(width: int, height: int, data: bytes, *, offset: int) -> Bitmap:
    for name, side in (("width", width), ("height", height)):
        if not 1 <= side <= LONGEST_SIDE:
            raise DecodeError(
                f"expected a {name} of 1..{LONGEST_SIDE} pixels, found {side}", offset=offset
            )
    try:
        return Bitmap.from_packed(width, height, data)
    except DecodeError as error:
        raise error.at(offset=offset) from None


# --- What the phone shows ------------------------------------------------------------------------

_HALVES = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}


def draw(bitmap: Bitmap) -> tuple[str, ...]:
    """The picture in a frame, as lines of text that show two rows of pixels each."""
    rows = bitmap.rows
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue="." * bitmap.width)
    edge = f"+{'-' * bitmap.width}+"
    return (edge, *(f"|{_line(upper, lower)}|" for upper, lower in pairs), edge)


def _line(upper: str, lower: str) -> str:
    return "".join(_HALVES[a + b] for a, b in zip(upper, lower, strict=True))


def content(bitmap: Bitmap) -> dict[str, object]:
    """The picture for programs, as JSON can hold it."""
    return {"width": bitmap.width, "height": bitmap.height, "rows": list(bitmap.rows)}


def dimensions(bitmap: Bitmap) -> str:
    """``72x14 pixels``."""
    return f"{bitmap.width}x{bitmap.height} pixels"
