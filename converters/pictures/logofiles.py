"""The logo files of the phones' own programs: NOL, NGG, NLM, NSL, OTB and WBMP, both ways.

The layouts are those that gnokii and gammu use. Pixels are 1 = black in all formats but WBMP.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap
from typing import NamedTuple

from converters.errors import SourceError
from converters.pictures.bitmap import Bitmap, check_size, decode_bitmap, encode_bitmap
from converters.pictures.operators import Network
from smsenc import DecodeError


class LogoFile(NamedTuple):
    """The content of a logo file: pictures of one size, their purpose, and a network.

    ``use`` is one of ``USES``; ``behind`` are octets after the last picture.
    """

    images: tuple[Bitmap, ...]
    use: str = "picture"
    network: Network | None = None
    behind: int = 0


#: The purposes of the pictures in an NLM file, by its type octet.
USES = ("operator", "caller", "start-up", "picture")


class Format(NamedTuple):
    """How files of one format are recognised (from all octets), read and written."""

    name: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes], LogoFile]
    write: Callable[[LogoFile], bytes]


def sniff(first: bytes) -> bool:
    """Whether a file that begins so can be a logo file."""
    return any(row.matches(first) for row in FORMATS.values())


def read(source: bytes) -> LogoFile | None:
    """The pictures of a logo file; None for a file of another kind. Raises SourceError."""
    for row in FORMATS.values():
        if row.matches(source):
            try:
                return row.read(source)
            except DecodeError as error:
                raise SourceError(error.message, offset=error.offset, name=row.name) from error
    _check_length(source)
    return None


def _check_length(source: bytes) -> None:
    """Raise SourceError if the file begins as an OTB or WBMP of likely size and has another length.

    These have no signature: only the length of a whole file tells that it is one.
    """
    for name, header in (("OTB", _otb_header), ("WBMP", _wbmp_header)):
        try:
            width, height, start = header(source)
        except DecodeError:
            continue
        found = len(source) - start
        expected = -(-width * height // 8) if name == "OTB" else -(-width // 8) * height
        if 0 < width <= _LIKELY_SIDE >= height > 0 and found != expected:
            raise SourceError(
                f"expected {expected} octets of pixels, found {found}",
                offset=len(source),
                name=name,
            )


_LIKELY_SIDE = 1024


def write(logo: LogoFile, suffix: str) -> bytes:
    """The octets of a file of the format that ``suffix`` names in ``FORMATS``.

    Raises DecodeError for sides that the format cannot hold. Only NLM holds several pictures.
    """
    return FORMATS[suffix].write(logo)


def _take(data: bytes, start: int, octets: int, what: str = "pixels") -> bytes:
    found = data[start : start + octets]
    if len(found) < octets:
        raise DecodeError(
            f"expected {octets} octets of {what}, found {len(found)}", offset=len(data)
        )
    return found


def _little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


# --- NOL and NGG: an operator logo and a caller icon, one ASCII digit for each pixel --------------
#
#   NOL: "NOL" 00 01 00  MCC MNC  width height  01 00 01 00  00 00   numbers little endian
#   NGG: "NGG" 00 01 00           width height  01 00 01 00  00 00

_VERSION = b"\x00\x01\x00"
_TAIL = bytes.fromhex("01000100 0000")
_NOL, _NGG = b"NOL" + _VERSION, b"NGG" + _VERSION


def _read_nol(data: bytes) -> LogoFile:
    codes = _take(data, len(_NOL), 4, "a network")
    bitmap = _digits(data, 10)
    return LogoFile((bitmap,), "operator", _network(codes))


def _read_ngg(data: bytes) -> LogoFile:
    return LogoFile((_digits(data, 6),), "caller")


def _network(codes: bytes) -> Network | None:
    """None for 0 and 0, which mean no network, and for codes that no network has."""
    mcc, mnc = (int.from_bytes(codes[n : n + 2], "little") for n in (0, 2))
    try:
        return Network(f"{mcc:03}", f"{mnc:02}") if mcc else None
    except DecodeError:
        return None


def _digits(data: bytes, start: int) -> Bitmap:
    """The picture whose size is at ``start``; text may follow it."""
    sides = _take(data, start, 4, "a size")
    width, height = (int.from_bytes(sides[n : n + 2], "little") for n in (0, 2))
    check_size(width, height)
    digits = _take(data, start + 4 + len(_TAIL), width * height)
    if digits.strip(b"01"):
        raise DecodeError("expected pixels of 0 and 1, found others", offset=start + 4 + len(_TAIL))
    text = digits.translate(_DIGIT_TO_PIXEL).decode("ascii")
    return Bitmap.from_rows([text[n : n + width] for n in range(0, len(text), width)])


_DIGIT_TO_PIXEL = bytes.maketrans(b"01", b".#")
_PIXEL_TO_DIGIT = str.maketrans(".#", "01")


def _write_nol(logo: LogoFile) -> bytes:
    codes = (int(logo.network.mcc), int(logo.network.mnc)) if logo.network else (0, 0)
    return _NOL + _little(*codes) + _as_digits(logo.images[0])


def _write_ngg(logo: LogoFile) -> bytes:
    return _NGG + _as_digits(logo.images[0])


def _as_digits(bitmap: Bitmap) -> bytes:
    digits = "".join(bitmap.rows).translate(_PIXEL_TO_DIGIT).encode()
    return _little(bitmap.width, bitmap.height) + _TAIL + digits


# --- NLM: "NLM " 01  use  images - 1  width height  01, then the images, rows padded to octets ----

_NLM = b"NLM \x01"


def _read_nlm(data: bytes) -> LogoFile:
    use, more, width, height, depth = _take(data, len(_NLM), 5, "a header")
    if use >= len(USES) or depth != 1:
        raise DecodeError(
            f"expected use 0..3 and depth 1, found {use} and {depth}", offset=len(_NLM)
        )
    check_size(width, height)
    octets = -(-width // 8) * height
    start = len(_NLM) + 5
    images = (_take(data, start + n * octets, octets) for n in range(more + 1))
    return LogoFile(tuple(Bitmap.from_padded(width, height, image) for image in images), USES[use])


def _write_nlm(logo: LogoFile) -> bytes:
    first = logo.images[0]
    if max(first.width, first.height, len(logo.images) - 1) > 0xFF:
        raise DecodeError(f"expected at most 255x255 pixels, found {first.width}x{first.height}")
    head = (USES.index(logo.use), len(logo.images) - 1, first.width, first.height, 1)
    return _NLM + bytes(head) + b"".join(image.padded for image in logo.images)


# --- NSL: blocks of four letters, size (big endian) and data; an octet is eight rows of a column --
#
#   FORM  all that follows, in it  VERS MODL COMM (text, any of them)  NSLD pixels

#: Screens by the number of octets of their pixels.
_SCREENS = {504: (84, 48), 768: (96, 60), 864: (96, 65)}
_BAND = 8
_BLOCKS = (b"VERS", b"MODL", b"COMM", b"NSLD")


def _is_nsl(data: bytes) -> bool:
    return data.startswith(b"FORM") and data[6:10] in _BLOCKS  # words may begin with FORM


def _read_nsl(data: bytes) -> LogoFile:
    at = 6
    while at < len(data):
        name, octets = data[at : at + 4], int.from_bytes(_take(data, at + 4, 2, "a length"), "big")
        block = _take(data, at + 6, octets, "a block")
        if name == b"NSLD":
            return LogoFile((_from_bands(block, at + 6),), "start-up")
        at += 6 + octets
    raise DecodeError("expected a block NSLD, found none", offset=len(data))


def _from_bands(block: bytes, offset: int) -> Bitmap:
    if len(block) not in _SCREENS:
        known = ", ".join(map(str, _SCREENS))
        raise DecodeError(f"expected pixels in {known} octets, found {len(block)}", offset=offset)
    width, height = _SCREENS[len(block)]
    return Bitmap.from_rows(
        ["".join(".#"[c >> y % _BAND & 1] for c in _band(block, width, y)) for y in range(height)]
    )


def _band(block: bytes, width: int, y: int) -> bytes:
    return block[y // _BAND * width :][:width]


def _write_nsl(logo: LogoFile) -> bytes:
    screen = logo.images[0]
    sizes = {size: octets for octets, size in _SCREENS.items()}
    if (screen.width, screen.height) not in sizes:
        known = ", ".join(starmap("{}x{}".format, sizes))
        raise DecodeError(f"expected {known} pixels, found {screen.width}x{screen.height}")
    data = b"".join(
        bytes(map(_column, zip(*screen.rows[y : y + _BAND], strict=True)))
        for y in range(0, screen.height, _BAND)
    )
    block = b"NSLD" + len(data).to_bytes(2, "big") + data
    return b"FORM" + len(block).to_bytes(2, "big") + block


def _column(pixels: tuple[str, ...]) -> int:
    return sum((pixel == "#") << y for y, pixel in enumerate(pixels))


# --- OTB: the OTA bitmap as a file ----------------------------------------------------------------


def _is_otb(data: bytes) -> bool:
    """Infofield 00, or 01 by mistake, and exactly the octets of such a picture."""
    if len(data) < 5 or data[0] > 1 or data[3] != 1 or not data[1] * data[2]:
        return False
    return len(data) - 4 in (-(-data[1] * data[2] // 8), -(-data[1] // 8) * data[2])


def _otb_header(data: bytes) -> tuple[int, int, int]:
    if len(data) < _OTB_HEADER or data[0] > 1 or data[3] != 1:
        raise DecodeError("expected the header of an OTB, found other octets", offset=0)
    return data[1], data[2], _OTB_HEADER


_OTB_HEADER = 4


def _read_otb(data: bytes) -> LogoFile:
    # ImageMagick begins every row with a new octet, which only the file's length reveals.
    if len(data) - 4 > -(-data[1] * data[2] // 8):
        return LogoFile((Bitmap.from_padded(data[1], data[2], data[4:]),))
    return LogoFile((decode_bitmap(data),))


def _write_otb(logo: LogoFile) -> bytes:
    return encode_bitmap(logo.images[0])


# --- WBMP type 0 (WAP-237-WAEMT): 00 00, sides in groups of seven bits, rows padded, 1 = white ----


def _is_wbmp(data: bytes) -> bool:
    try:
        width, height, start = _wbmp_header(data)
        return width * height > 0 and len(data) - start >= -(-width // 8) * height
    except DecodeError:
        return False


def _wbmp_header(data: bytes) -> tuple[int, int, int]:
    if data[:2] != bytes(2):
        raise DecodeError("expected 00 00 of a WBMP, found other octets", offset=0)
    width, at = _multibyte(data, 2)
    height, at = _multibyte(data, at)
    return width, height, at


def _multibyte(data: bytes, start: int) -> tuple[int, int]:
    number = 0
    for at, octet in enumerate(data[start : start + 4], start):
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            return number, at + 1
    raise DecodeError("expected a side in at most four octets, found more or none", offset=start)


def _read_wbmp(data: bytes) -> LogoFile:
    width, height, at = _wbmp_header(data)
    check_size(width, height)
    octets = -(-width // 8) * height
    pixels = _take(data, at, octets).translate(_INVERTED)
    images = (Bitmap.from_padded(width, height, pixels),)
    return LogoFile(images, behind=len(data) - at - octets)


_INVERTED = bytes(range(255, -1, -1))


def _write_wbmp(logo: LogoFile) -> bytes:
    bitmap = logo.images[0]
    white = Bitmap(bitmap.width, bitmap.height, _inverse(bitmap))
    return bytes(2) + _groups(bitmap.width) + _groups(bitmap.height) + white.padded


def _inverse(bitmap: Bitmap) -> bytes:
    """Every pixel inverted; the spare bits of the last octet stay zero."""
    bits = bitmap.bits.translate(_INVERTED)
    spare = -bitmap.width * bitmap.height % 8
    return bits[:-1] + bytes((bits[-1] >> spare << spare,))


def _groups(number: int) -> bytes:
    groups = bytes((number & 0x7F,))
    while number := number >> 7:
        groups = bytes((number & 0x7F | 0x80,)) + groups
    return groups


def _starts(*first: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(first)


#: By suffix. OTB and WBMP have no signature, only a header that fits the file's length.
FORMATS = {
    ".nol": Format("NOL", _starts(b"NOL\x00"), _read_nol, _write_nol),
    ".ngg": Format("NGG", _starts(b"NGG\x00"), _read_ngg, _write_ngg),
    ".nlm": Format("NLM", _starts(_NLM), _read_nlm, _write_nlm),
    ".nsl": Format("NSL", _is_nsl, _read_nsl, _write_nsl),
    ".otb": Format("OTB", _is_otb, _read_otb, _write_otb),
    ".wbmp": Format("WBMP", _is_wbmp, _read_wbmp, _write_wbmp),
}
