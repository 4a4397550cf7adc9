"""One-bit pictures: the OTA bitmap of Smart Messaging and the two logos made of it.

An *operator logo* replaces the network's name on the display, a *caller icon* is shown for a group
of callers. Each is an OTA bitmap with a few octets in front.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from converters.api import View, Viewer
from smsenc import DecodeError, Payload, Port

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Width and height are one octet each on the air, and no phone had a larger screen.
LONGEST_SIDE = 255


@dataclass(frozen=True, slots=True)
class Bitmap:
    """``width`` x ``height`` pixels of one bit, 1 = black.

    ``bits`` are packed as on the air: rows from the top, MSB first, no padding between rows; what
    is left over of the last octet is zero.
    """

    width: int
    height: int
    bits: bytes

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if not 1 <= side <= LONGEST_SIDE:
                raise DecodeError(f"expected a {name} of 1..{LONGEST_SIDE} pixels, found {side}")
        octets = -(-self.width * self.height // 8)
        if len(self.bits) != octets:
            raise DecodeError(
                f"expected {octets} octets for {self.width}x{self.height} pixels, "
                f"found {len(self.bits)}"
            )
        if self.bits[-1] & (1 << self._spare) - 1:
            raise DecodeError("expected zeros behind the last pixel, found ones")

    @classmethod
    def from_rows(cls, rows: Sequence[str]) -> Bitmap:
        """Bitmap of rows drawn with ``#`` (black) and ``.`` (white)."""
        text = "".join(rows)
        if not text or text.strip("#.") or len(set(map(len, rows))) != 1:
            raise DecodeError("expected rows of # and ., all of one length, found others")
        spare = -len(text) % 8
        bits = int(text.translate(_PIXEL_TO_BIT), 2) << spare
        return cls(len(rows[0]), len(rows), bits.to_bytes((len(text) + spare) // 8, "big"))

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows from the top, drawn with ``#`` (black) and ``.`` (white)."""
        pixels = self.width * self.height
        bits = int.from_bytes(self.bits, "big") >> self._spare
        text = f"{bits:0{pixels}b}".translate(_BIT_TO_PIXEL)
        return tuple(text[at : at + self.width] for at in range(0, pixels, self.width))

    @property
    def _spare(self) -> int:
        return -self.width * self.height % 8


_PIXEL_TO_BIT = str.maketrans("#.", "10")
_BIT_TO_PIXEL = str.maketrans("10", "#.")


# --- OTA bitmap (Smart Messaging 3.0.0, as Nokia's own receivers read it) -------------------------
#
#   infofield [extfield]* width height depth data
#
# Bits of the infofield: 80 an extfield follows, 40 compressed, 20 external palette, 10 sizes of two
# octets, 0F number of animated icons behind the data. Phones are sent 00 only.

_EXTENDED, _COMPRESSED, _PALETTE, _WIDE, _ICONS = 0x80, 0x40, 0x20, 0x10, 0x0F
_DEPTH = 0x01
_MOST_EXTFIELDS = 16


def encode_bitmap(bitmap: Bitmap) -> bytes:
    """Return the OTA bitmap: a header of four octets and the packed pixels."""
    return bytes((0x00, bitmap.width, bitmap.height, _DEPTH)) + bitmap.bits


def decode_bitmap(data: bytes, start: int = 0) -> Bitmap:
    """Return the picture in the OTA bitmap at ``start``; what follows it is ignored, as on phones.

    Read besides what ``encode_bitmap`` writes: extension fields, sizes of two octets, and 01 for
    the infofield, a known misreading of the specification. Raises DecodeError.
    """
    info = _octet(data, start)
    if info & (_COMPRESSED | _PALETTE) or info & _ICONS > 1:
        raise DecodeError(
            f"expected a plain picture (infofield 00), found {info:02X}", offset=start
        )
    at = _behind_infofield(data, start)
    width, at = _side(data, at, wide=bool(info & _WIDE))
    height, at = _side(data, at, wide=bool(info & _WIDE))
    depth = _octet(data, at)
    if depth != _DEPTH:
        raise DecodeError(f"expected one bit a pixel (depth 01), found {depth:02X}", offset=at)
    return _bitmap(width, height, data[at + 1 :], offset=start)


def _octet(data: bytes, at: int) -> int:
    if at >= len(data):
        raise DecodeError("expected the header of a picture, found its end", offset=at)
    return data[at]


def _behind_infofield(data: bytes, start: int) -> int:
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
    # Writers disagree on the byte order; up to 255 one of the two octets is zero in either.
    return (first | second if 0 in (first, second) else first | second << 8), at + 2


def _bitmap(width: int, height: int, data: bytes, *, offset: int) -> Bitmap:
    pixels = width * height
    bits = data[: -(-pixels // 8)]
    if pixels % 8 and len(bits) * 8 > pixels:
        bits = bits[:-1] + bytes((bits[-1] & 0xFF << -pixels % 8 & 0xFF,))
    try:
        return Bitmap(width, height, bits)
    except DecodeError as error:
        raise error.at(offset=offset) from None


# --- Network: MCC and MNC ------------------------------------------------------------------------

# No MCC begins with 03 (ITU-T E.212), which is well: its first octet would be 30, the mark of the
# specification form.
_NETWORK = re.compile(r"((?!03)[0-9]{3})-?([0-9]{2,3})")


@dataclass(frozen=True, slots=True)
class Network:
    """A mobile network: country code of three digits, network code of two or three (E.212)."""

    mcc: str
    mnc: str

    def __post_init__(self) -> None:
        if not _NETWORK.fullmatch(f"{self.mcc}-{self.mnc}"):
            raise DecodeError(f"expected the MCC and MNC of a network, found {self}")

    def __str__(self) -> str:
        return f"{self.mcc}-{self.mnc}"


def parse_network(text: str) -> Network:
    """Network of ``262-07`` or ``26207``; ValueError for anything else."""
    match = _NETWORK.fullmatch(text)
    if not match:
        raise ValueError("expected MCC and MNC such as 262-07")
    return Network(match[1], match[2])


def encode_network(network: Network) -> bytes:
    """Three octets of BCD, low half first: 262-07 is 62 F2 70.

    A third digit of the MNC stands in the place of the F (3GPP TS 24.008, 10.5.1.3).
    """
    return _swapped(network.mcc + network.mnc[2:].rjust(1, "F") + network.mnc[:2])


def decode_network(data: bytes, start: int = 0) -> Network:
    """Return the network in the three octets at ``start``; DecodeError if they are no digits."""
    octets = data[start : start + 3]
    if len(octets) < 3:
        raise DecodeError(
            f"expected three octets of MCC and MNC, found {len(octets)}", offset=start
        )
    digits = _swapped(octets.hex()).hex()
    try:
        return Network(digits[:3], digits[4:] + digits[3:4].rstrip("f"))
    except DecodeError as error:
        raise error.at(offset=start) from None


def _swapped(digits: str) -> bytes:
    return bytes.fromhex("".join(b + a for a, b in zip(digits[::2], digits[1::2], strict=True)))


# --- Operator logo and caller icon ---------------------------------------------------------------

_VERSION = b"\x30"
_LINE_FEED = b"\x0a"

#: What stands before the network and between it and the picture, by form. The short form leaves
#: out what the specification asks for, so that 72x14 pixels fit one SMS; phones take both.
FORMS = {"short": (b"", b""), "spec": (_VERSION, _LINE_FEED)}

#: An expiry date may stand before the line feed: Nokia's receiver looks for it this far.
_LINE_FEED_BEFORE = 16


def encode_operator_logo(bitmap: Bitmap, network: Network, form: str = "short") -> bytes:
    """Return data for Port.OPERATOR_LOGO, in one of ``FORMS``."""
    before, between = FORMS[form]
    return before + encode_network(network) + between + encode_bitmap(bitmap)


def decode_operator_logo(data: bytes) -> tuple[Network, Bitmap]:
    """Network and picture of an operator logo in either form. Raises DecodeError."""
    versioned = data.startswith(_VERSION)
    network = decode_network(data, int(versioned))
    start = _behind_line_feed(data) if versioned else 3 + data.startswith(_LINE_FEED, 3)
    return network, decode_bitmap(data, start)


def _behind_line_feed(data: bytes) -> int:
    at = data.find(_LINE_FEED, 4, _LINE_FEED_BEFORE)
    if at < 0:
        raise DecodeError("expected a line feed (0A) before the picture, found none", offset=4)
    return at + 1


def encode_caller_icon(bitmap: Bitmap) -> bytes:
    """Return data for Port.CALLER_ICON."""
    return _VERSION + encode_bitmap(bitmap)


def decode_caller_icon(data: bytes) -> Bitmap:
    """Picture of a caller icon, with or without the version octet, which some senders leave out."""
    return decode_bitmap(data, int(data.startswith(_VERSION)))


# --- What the phone shows ------------------------------------------------------------------------

_HALVES = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}


def draw(bitmap: Bitmap) -> tuple[str, ...]:
    """Draw the picture in a frame, two rows of pixels a line of text."""
    rows = bitmap.rows
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue="." * bitmap.width)
    edge = f"+{'-' * bitmap.width}+"
    return (edge, *(f"|{_line(upper, lower)}|" for upper, lower in pairs), edge)


def _line(upper: str, lower: str) -> str:
    return "".join(_HALVES[a + b] for a, b in zip(upper, lower, strict=True))


def _view_operator_logo(payload: Payload) -> View:
    network, bitmap = decode_operator_logo(payload.data)
    return View(
        content={**_content(bitmap), "mcc-mnc": str(network)},
        lines=(*draw(bitmap), f"{_size(bitmap)}, network {network}"),
    )


def _view_caller_icon(payload: Payload) -> View:
    bitmap = decode_caller_icon(payload.data)
    return View(content=_content(bitmap), lines=(*draw(bitmap), _size(bitmap)))


def _content(bitmap: Bitmap) -> dict[str, object]:
    return {"width": bitmap.width, "height": bitmap.height, "rows": list(bitmap.rows)}


def _size(bitmap: Bitmap) -> str:
    return f"{bitmap.width}x{bitmap.height} pixels"


OPERATOR_LOGO = Viewer(kind="operator-logo", port=Port.OPERATOR_LOGO, view=_view_operator_logo)
CALLER_ICON = Viewer(kind="caller-icon", port=Port.CALLER_ICON, view=_view_caller_icon)
