"""Characters <-> septets <-> packed octets (3GPP TS 23.038, clauses 6.1.2.1 and 6.2.1).

Septets are kept one in each octet, so that they can be counted, cut and compared; ``pack`` makes
the octets that are sent. It is fast because loops in C do the work: ``bytes.translate`` for the
alphabet, and integers as bit strings for the packing.
"""

from __future__ import annotations

import codecs
from functools import lru_cache

from smsenc.alphabets import (
    ESCAPE,
    EXTENSION_OF,
    SEPTET_OF,
    characters_of,
    septets_of,
)
from smsenc.errors import DecodeError, EncodeError
from smsenc.national import Language

_ESCAPE = bytes((ESCAPE,))
_NONE = 0xFF  # in the table below: no such character
_EXTENDED = 0x80  # in the table below: after an escape

# GSM characters that are not in Latin-1 (Greek capitals and the euro sign) get code points of the
# C1 controls, which are not GSM characters, so that one table of 256 entries has all of them.
_BEYOND_LATIN1 = sorted(c for c in SEPTET_OF | EXTENSION_OF if ord(c) > 0xFF)
_STAND_IN = {c: chr(0x80 + n) for n, c in enumerate(_BEYOND_LATIN1)}


def _mark(character: str) -> int:
    if character in SEPTET_OF:
        return SEPTET_OF[character]
    if character in EXTENSION_OF:
        return _EXTENDED | EXTENSION_OF[character]
    return _NONE


_LATIN1 = bytes(_mark(chr(n)) for n in range(256))
_EXTENDED_PAIRS = tuple(
    (bytes((_EXTENDED | n,)), bytes((ESCAPE, n))) for n in EXTENSION_OF.values()
)


def encode(
    text: str, locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT
) -> bytes:
    """Septets of ``text``, one in each octet; a character of the single shift table is a pair.

    Raises EncodeError with the first character that is in neither table, and its index.
    """
    septets = try_encode(text, locking, single)
    if septets is None:
        table = septets_of(locking, single)
        offset = next(n for n, c in enumerate(text) if c not in table)
        character = text[offset]
        raise EncodeError(
            f"expected a GSM 7-bit character, found {character!r} (U+{ord(character):04X})",
            character=character,
            offset=offset,
        )
    return septets


def try_encode(
    text: str, locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT
) -> bytes | None:
    """Septets of ``text``; None if a character is in neither table."""
    if locking or single:
        table = septets_of(locking, single)
        return b"".join(map(table.__getitem__, text)) if set(text) <= table.keys() else None
    if not text.isascii() and (first := text[0]) > "\xff" and first not in _STAND_IN:
        return None  # most texts in another script begin with a letter of it
    try:
        septets = text.encode("latin-1").translate(_LATIN1)
    except UnicodeEncodeError as error:
        return _with_stand_ins(text, error.start)
    return septets if septets.isascii() else _with_pairs(septets)


def _with_stand_ins(text: str, at: int) -> bytes | None:
    """Septets of a text whose character ``at`` is the first that is not in Latin-1."""
    replaced = ""
    while (stand_in := _STAND_IN.get(text[at])) and stand_in not in text:
        replaced += text[at]
        text = text.replace(text[at], stand_in)
        try:
            return _with_pairs(text.encode("latin-1").translate(_latin1_with(replaced)))
        except UnicodeEncodeError as error:
            at = error.start
    return None


@lru_cache(maxsize=256)
def _latin1_with(replaced: str) -> bytes:
    """The table with the stand-ins of these characters and no others."""
    table = bytearray(_LATIN1)
    for character in replaced:
        table[ord(_STAND_IN[character])] = _mark(character)
    return bytes(table)


def _with_pairs(septets: bytes) -> bytes | None:
    if _NONE in septets:
        return None
    for mark, pair in _EXTENDED_PAIRS:
        septets = septets.replace(mark, pair)
    return septets


def decode(
    septets: bytes, locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT
) -> str:
    """Text of ``septets`` (one in each octet); every septet 0..127 has a character.

    For an escape without a character of its own see ``alphabets.characters_of``; at the end it
    reads as a space.
    """
    if not septets.isascii():
        offset = next(n for n, septet in enumerate(septets) if septet > 0x7F)
        raise DecodeError(f"expected a septet 0..127, found {septets[offset]}", offset=offset)
    main, shifted = characters_of(locking, single)
    out = []
    position = 0
    while (escape := septets.find(_ESCAPE, position)) >= 0:
        out.append(_plain(septets[position:escape], main))
        out.append(_plain(septets[escape + 1 : escape + 2], shifted) or " ")
        position = escape + 2
    out.append(_plain(septets[position:], main))
    return "".join(out)


def _plain(septets: bytes, table: str) -> str:
    return codecs.charmap_decode(septets, "strict", table)[0]


def lengths(septets: bytes) -> bytes:
    """The number of septets of each character, 1 or 2; an escape at the end is a character."""
    out = bytearray()
    position = 0
    while position < len(septets):
        out.append(2 if septets[position] == ESCAPE and position + 1 < len(septets) else 1)
        position += out[-1]
    return bytes(out)


# Packing. As a little-endian number, the septets have 7 useful bits in every 8; three steps close
# the gaps (7+7, 14+14, 28+28 bits). Then every eighth octet is empty and is deleted.
_LANES = 255 * 160 // 8  # of 8 septets each: a message has at most 255 parts of 160 septets


def _lanes(mask: int) -> int:
    return int.from_bytes(mask.to_bytes(8, "little") * _LANES, "little")


_LOW_7, _HIGH_7 = _lanes(0x007F007F007F007F), _lanes(0x7F007F007F007F00)
_LOW_14, _HIGH_14 = _lanes(0x00003FFF00003FFF), _lanes(0x3FFF00003FFF0000)
_LOW_28, _HIGH_28 = _lanes(0x000000000FFFFFFF), _lanes(0x0FFFFFFF00000000)


def fill_bits(header_octets: int) -> int:
    """Zero bits between a header of that length and the first septet (23.040, 9.2.3.24)."""
    return -header_octets * 8 % 7


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Octets of at most 160 ``septets``, least significant bit first, after ``fill`` zero bits."""
    octets = _without_gaps(septets)
    if fill:
        size = len(septets) * 7 + fill + 7 >> 3
        return (int.from_bytes(octets, "little") << fill).to_bytes(size, "little")
    return octets


def pack_all(septets: bytes, ends: list[int], fill: int = 0) -> list[bytes]:
    """``pack`` for each of at most 255 pieces, which end at ``ends``.

    With padding to 160 septets, each piece has 140 octets of one long number. A piece is short
    enough that its fill bits stay inside them.
    """
    pieces = [septets[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    octets = _without_gaps(b"".join([piece.ljust(160, b"\0") for piece in pieces]))
    if fill:
        octets = (int.from_bytes(octets, "little") << fill).to_bytes(len(octets), "little")
    return [
        octets[140 * n : 140 * n + (len(piece) * 7 + fill + 7 >> 3)]
        for n, piece in enumerate(pieces)
    ]


def _without_gaps(septets: bytes) -> bytes:
    bits = int.from_bytes(septets, "little")
    bits -= (bits & _HIGH_7) >> 1  # a number less its half is the number shifted by one
    bits = bits & _LOW_14 | (bits & _HIGH_14) >> 2
    bits = bits & _LOW_28 | (bits & _HIGH_28) >> 4
    octets = bytearray(bits.to_bytes(len(septets), "little"))
    del octets[7::8]
    return bytes(octets)


def unpack(octets: bytes, count: int, *, fill: int = 0) -> bytes:
    """The ``count`` septets in ``octets`` after ``fill`` bits: the inverse of ``pack``."""
    if not count:
        return b""  # without septets there are no fill bits either
    if count * 7 + fill > len(octets) * 8:
        raise DecodeError(
            f"expected {count} septets after {fill} fill bits, found {len(octets)} octets",
            offset=len(octets),
        )
    bits = int.from_bytes(octets, "little") >> fill
    octets = bits.to_bytes(len(octets), "little")
    pieces = [_with_gaps(octets[n : n + _PIECE]) for n in range(0, len(octets), _PIECE)]
    return b"".join(pieces)[:count]


_PIECE = 7 * _LANES


def _with_gaps(octets: bytes) -> bytes:
    """The inverse of ``_without_gaps``: 8 septets of each 7 octets; zeros fill the last ones."""
    lanes = -(-len(octets) // 7)
    octets = octets.ljust(7 * lanes, b"\0")
    spread = bytearray(8 * lanes)
    for n in range(7):
        spread[n::8] = octets[n::7]
    bits = int.from_bytes(spread, "little")
    bits = bits & _LOW_28 | bits << 4 & _HIGH_28
    bits = bits & _LOW_14 | bits << 2 & _HIGH_14
    bits = bits & _LOW_7 | bits << 1 & _HIGH_7
    return bits.to_bytes(8 * lanes, "little")
