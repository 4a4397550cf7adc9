"""Octets of a text file to characters: byte order mark, then UTF-8, then windows-1252."""

from __future__ import annotations

import codecs

from smsenc import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Read when nothing else fits. Five octets mean nothing in it; those are taken as C1 controls.
FALLBACK = "windows-1252"


def decode(octets: bytes) -> tuple[str, str]:
    """Text and the charset it was read in.

    Raises SourceError where a byte order mark promises what the octets do not hold.
    """
    for mark, charset in _MARKS:
        if octets.startswith(mark):
            return decode_as(octets[len(mark) :], charset), charset
    try:
        return octets.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return "".join(map(_windows_1252, octets)), FALLBACK


def decode_as(octets: bytes, charset: str) -> str:
    """Text in a named charset; raises SourceError with the offset where it does not fit."""
    try:
        return octets.decode(charset)
    except LookupError:
        raise SourceError(f"expected a charset, found {charset!r}") from None
    except UnicodeDecodeError as error:
        found = octets[error.start : error.start + 1].hex().upper() or "the end"
        raise SourceError(
            f"expected {charset} characters, found {found}", offset=error.start
        ) from None


def _windows_1252(octet: int) -> str:
    return bytes((octet,)).decode("windows-1252", "replace").replace("\ufffd", chr(octet))
