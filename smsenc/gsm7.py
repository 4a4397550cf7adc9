"""Characters <-> septets <-> packed octets (3GPP TS 23.038, clauses 6.1.2.1 and 6.2.1).

Septets travel through the package one an octet, so that they can be counted, cut and compared;
``pack`` makes the octets that go on the air. Speed comes from letting C loops do the work:
``bytes.translate`` for the alphabet, and whole numbers as bit strings for the packing.
"""

from __future__ import annotations

import codecs

from smsenc.alphabets import DEFAULT, ESCAPE, EXTENSION, EXTENSION_OF, SEPTET_OF
from smsenc.errors import DecodeError, EncodeError

_ESCAPE = bytes((ESCAPE,))
_NONE = 0xFF  # in the table below: no such character
_EXTENDED = 0x80  # in the table below: behind an escape

# The GSM characters that Latin-1 lacks (Greek capitals and the euro sign) are given code points of
# the C1 controls, which no GSM text holds, so that one 256-entry table serves all.
_BEYOND_LATIN1 = sorted(c for c in SEPTET_OF | EXTENSION_OF if ord(c) > 0xFF)
_STAND_IN = {c: chr(0x80 + n) for n, c in enumerate(_BEYOND_LATIN1)}


def _mark(character: str) -> int:
    if character in SEPTET_OF:
        return SEPTET_OF[character]
    if character in EXTENSION_OF:
        return _EXTENDED | EXTENSION_OF[character]
    return _NONE


_LATIN1 = bytes(_mark(chr(n)) for n in range(256))
_WITH_STAND_INS = bytes(
    _mark({v: k for k, v in _STAND_IN.items()}.get(chr(n), chr(n))) for n in range(256)
)
_EXTENDED_PAIRS = tuple(
    (bytes((_EXTENDED | n,)), bytes((ESCAPE, n))) for n in EXTENSION_OF.values()
)
# A septet that no table defines is shown as the main table shows it (clause 6.2.1.1).
_AFTER_ESCAPE = tuple(EXTENSION.get(n, DEFAULT[n]) for n in range(128))


def encode(text: str) -> bytes:
    """Septets of ``text``, one an octet; an extension character becomes escape and septet.

    Raises EncodeError with the first character that the alphabet lacks and its index.
    """
    septets = _translate(text)
    if septets is None:
        offset = next(n for n, c in enumerate(text) if _mark(c) == _NONE)
        character = text[offset]
        raise EncodeError(
            f"expected a GSM 7-bit character, found {character!r} (U+{ord(character):04X})",
            character=character,
            offset=offset,
        )
    return septets


def encodable(text: str) -> bool:
    """Tell whether every character of ``text`` is in the alphabet."""
    return _translate(text) is not None


def _translate(text: str) -> bytes | None:
    try:
        septets = text.encode("latin-1").translate(_LATIN1)
    except UnicodeEncodeError:
        for character, stand_in in _STAND_IN.items():
            if stand_in in text:
                return None
            text = text.replace(character, stand_in)
        try:
            septets = text.encode("latin-1").translate(_WITH_STAND_INS)
        except UnicodeEncodeError:
            return None
    if septets.isascii():
        return septets
    if _NONE in septets:
        return None
    for mark, pair in _EXTENDED_PAIRS:
        septets = septets.replace(mark, pair)
    return septets


def decode(septets: bytes) -> str:
    """Text of ``septets`` (one an octet); never fails on values 0..127.

    As clause 6.2.1.1 asks of a receiver: an escape before a septet without extension shows the
    main table's character, an escape before an escape or at the end shows a space.
    """
    if not septets.isascii():
        offset = next(n for n, septet in enumerate(septets) if septet > 0x7F)
        raise DecodeError(f"expected a septet 0..127, found {septets[offset]}", offset=offset)
    out = []
    position = 0
    while (escape := septets.find(_ESCAPE, position)) >= 0:
        out.append(_plain(septets[position:escape]))
        after = septets[escape + 1 : escape + 2]
        out.append(" " if after in (b"", _ESCAPE) else _AFTER_ESCAPE[after[0]])
        position = escape + 2
    out.append(_plain(septets[position:]))
    return "".join(out)


def _plain(septets: bytes) -> str:
    return codecs.charmap_decode(septets, "strict", DEFAULT)[0]


# Packing. Read little endian, the septets are a number with 7 useful bits in every 8; three steps
# close the gaps (7+7, 14+14, 28+28 bits), after which every eighth octet is empty and is deleted.
_LANES = 160 // 8  # of 8 septets, the most that one part holds


def _lanes(mask: int) -> int:
    return int.from_bytes(mask.to_bytes(8, "little") * _LANES, "little")


_STEPS = tuple(
    (_lanes(low), _lanes(high), shift)
    for low, high, shift in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)


def fill_bits(header_octets: int) -> int:
    """Zero bits between a header of that many octets and the first septet (23.040, 9.2.3.24)."""
    return -header_octets * 8 % 7


def pack(septets: bytes, *, fill: int = 0) -> bytes:
    """Octets of at most 160 ``septets``, least significant bit first, behind ``fill`` zero bits."""
    bits = int.from_bytes(septets, "little")
    for low, high, shift in _STEPS:
        bits = bits & low | (bits & high) >> shift
    count = len(septets)
    octets = bytearray(bits.to_bytes(-(-count // 8) * 8, "little"))
    del octets[7::8]
    size = (count * 7 + fill + 7) // 8
    if fill:
        return (int.from_bytes(octets, "little") << fill).to_bytes(size + 1, "little")[:size]
    return bytes(octets[:size])


def unpack(octets: bytes, count: int, *, fill: int = 0) -> bytes:
    """The ``count`` septets in ``octets`` behind ``fill`` bits: the inverse of ``pack``."""
    if count * 7 + fill > len(octets) * 8:
        raise DecodeError(
            f"expected {count} septets behind {fill} fill bits, found {len(octets)} octets",
            offset=len(octets),
        )
    bits = int.from_bytes(octets, "little") >> fill
    return bytes(bits >> shift & 0x7F for shift in range(0, count * 7, 7))
