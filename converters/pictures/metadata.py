"""Picture files without their metadata: what is not pixels may be damaged without harm."""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from converters.api import Action, Loss
from converters.shared.words import quoted

if TYPE_CHECKING:
    from PIL.Image import Image


class Piece(NamedTuple):
    """A chunk or segment of a picture file: its kind, and its octets with their header.

    ``metadata`` says that the pixels do not depend on it.
    """

    kind: str
    octets: bytes
    metadata: bool


def without(name: str, source: bytes) -> Iterator[tuple[str, bytes]]:
    """What is left out, and the file without it: one kind of metadata, then all metadata."""
    if name not in _FORMATS:
        return
    cut, joined = _FORMATS[name]
    pieces = cut(source)
    kinds = list(dict.fromkeys(piece.kind for piece in pieces if piece.metadata))
    if 1 < len(kinds) <= _MOST_KINDS and len(source) <= _MOST_TRIED:
        for kind in kinds:
            yield kind, joined(_left(pieces, {kind}))
    if kinds:
        yield kinds[0] if len(kinds) == 1 else "metadata", joined(_left(pieces, set(kinds)))


def _left(pieces: list[Piece], kinds: set[str]) -> list[Piece]:
    """The pieces without the metadata of those kinds."""
    return [piece for piece in pieces if not (piece.metadata and piece.kind in kinds)]


#: A file with more kinds of metadata, or of more octets, is only read without all of it.
_MOST_KINDS, _MOST_TRIED = 8, 4_000_000


def ignored(what: str, why: str) -> Loss:
    """The loss of metadata that cannot be read."""
    return Loss(what=what, action=Action.IGNORED, why=f"damaged ({why})")


def colour_profile_lost(image: Image) -> Loss | None:
    """The loss of a colour profile that is none; all profiles are ignored, because grey is sent."""
    if "icc_profile" not in image.info:
        return None
    profile = image.info["icc_profile"]
    if profile and profile[36:40] == b"acsp" and len(profile) >= int.from_bytes(profile[:4], "big"):
        return None
    return ignored("colour profile", f"expected an ICC profile, found {_shown(profile)}")


def exif_data_lost(image: Image) -> Loss | None:
    """The loss of EXIF data that are none; Pillow is silent about those of a JPEG."""
    data = image.info.get("exif")
    if not isinstance(data, bytes) or data.removeprefix(b"Exif\0\0")[:4] in _TIFF:
        return None
    found = _shown(data.removeprefix(b"Exif\0\0"))
    return ignored("EXIF data", f"expected a TIFF header, found {found}")


#: A TIFF begins with the order of octets and 42, or 43 for long offsets.
_TIFF = frozenset((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


def _shown(octets: bytes | None) -> str:
    return quoted(octets[:8].decode("latin-1")) if octets else "none"


# --- PNG: length, type, data, checksum (PNG, third edition, 5.3) ----------------------------------

_PNG = 8
#: Besides the critical chunks, which begin with a capital letter.
_PIXEL_CHUNKS = frozenset((b"tRNS", b"acTL", b"fcTL", b"fdAT"))
_CHUNK = re.compile(rb"[A-Za-z]{4}")


def _chunks(source: bytes) -> list[Piece]:
    pieces, at = [], _PNG
    while at + 8 <= len(source):
        end = at + 12 + int.from_bytes(source[at : at + 4], "big")
        kind = source[at + 4 : at + 8]
        known = _CHUNK.fullmatch(kind) is not None
        if not known or (kind != b"IDAT" and end > len(source)):
            end = source.find(b"IDAT", at + 8) - 4  # where a length is wrong
            if end < at + 8:
                break
            pieces.append(Piece(_name(kind), source[at:end], metadata=True))
        else:
            octets = source[at:end]
            whole = crc32(octets[4:-4]).to_bytes(4, "big") == octets[-4:]
            needed = kind[:1].isupper() or (kind in _PIXEL_CHUNKS and whole)
            pieces.append(Piece(_name(kind), octets, metadata=not needed))
        at = end
    return pieces


def _name(kind: bytes) -> str:
    text = kind.decode("latin-1")
    return f"chunk {text if _CHUNK.fullmatch(kind) else quoted(text)}"


def _joined_chunks(pieces: list[Piece]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(piece.octets for piece in pieces)


# --- WebP: type, length, data, an octet of padding (RFC 9649, 2.3) --------------------------------

_PIXELS_OF_WEBP = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))
#: In VP8X: a colour profile, EXIF and XMP follow.
_METADATA_FLAGS = 0x20 | 0x08 | 0x04


def _riff(source: bytes) -> list[Piece]:
    pieces, at = [], 12
    while at + 8 <= len(source):
        kind, length = source[at : at + 4], int.from_bytes(source[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        octets = source[at:end]
        if kind == b"VP8X" and len(octets) > 8:
            octets = octets[:8] + bytes((octets[8] & ~_METADATA_FLAGS,)) + octets[9:]
        pieces.append(Piece(_name(kind.strip()), octets, kind not in _PIXELS_OF_WEBP))
        at = end
    return pieces


def _joined_riff(pieces: list[Piece]) -> bytes:
    body = b"WEBP" + b"".join(piece.octets for piece in pieces)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


# --- JPEG: FF, marker, length, data, up to the first scan (ITU-T T.81, B.1.1) ---------------------

_SCAN = 0xDA
#: APP0 is JFIF, APP14 says how colours are stored; the other APPn and COM are metadata.
_METADATA_MARKERS = frozenset((*range(0xE1, 0xEE), 0xEF, 0xFE))
#: Where reading goes on if a length is wrong: a table, a frame, or a scan.
_NEXT = re.compile(rb"\xff[\xdb\xc0-\xc2\xc4\xda]\x00")


def _segments(source: bytes) -> list[Piece]:
    """The segments up to the first scan, and all that follows."""
    pieces, at = [Piece("SOI", source[:2], metadata=False)], 2
    while source[at : at + 1] == b"\xff" and at + 4 <= len(source):
        marker = source[at + 1]
        end = at + 2 + int.from_bytes(source[at + 2 : at + 4], "big")
        metadata = marker in _METADATA_MARKERS
        if metadata and source[end : end + 1] != b"\xff":
            found = _NEXT.search(source, at + 4)
            end = found.start() if found else end
        if marker == _SCAN:
            break
        pieces.append(Piece(_marker_name(marker), source[at:end], metadata))
        at = end
    return [*pieces, Piece("scan", source[at:], metadata=False)]


def colours_of_scan(source: bytes) -> int:
    """How many colours the first scan of a JPEG holds; 255 if it is not found."""
    scan = _segments(source)[-1].octets
    return scan[4] if scan[1:2] == bytes((_SCAN,)) and len(scan) > 4 else 255


def _marker_name(marker: int) -> str:
    return f"segment APP{marker - 0xE0}" if marker & 0xF0 == 0xE0 else f"segment {marker:02X}"


def _joined(pieces: list[Piece]) -> bytes:
    return b"".join(piece.octets for piece in pieces)


_FORMATS: dict[str, tuple[Callable[[bytes], list[Piece]], Callable[[list[Piece]], bytes]]] = {
    "PNG": (_chunks, _joined_chunks),
    "WEBP": (_riff, _joined_riff),
    "JPEG": (_segments, _joined),
}
