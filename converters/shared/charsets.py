"""Octets of a text file to characters: byte order mark, then UTF-8, then windows-1252."""

from __future__ import annotations

import codecs

from converters.errors import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Python's names of charsets, without its codecs that are none (idna, unicode_escape …).
CHARSETS = frozenset(
    (
        *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be"),
        *(f"iso8859-{part}" for part in range(1, 17)),
        *(f"cp{page}" for page in (437, 850, 852, 866, 874, 932, 949, *range(1250, 1259))),
        *("koi8-r", "koi8-u", "mac-roman", "tis-620", "shift_jis", "euc_jp", "iso2022_jp"),
        *("euc_kr", "gb2312", "gbk", "gb18030", "big5"),
    )
)
#: The charset if nothing else fits. Five octets have no character in it; they become C1 controls.
FALLBACK = "windows-1252"


def decode(octets: bytes) -> tuple[str, str]:
    """Text and the charset it was read in.

    Raises SourceError if the octets are not in the charset that their byte order mark names.
    """
    for mark, charset in _MARKS:
        if octets.startswith(mark):
            return decode_as(octets[len(mark) :], charset), charset
    try:
        return octets.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return codecs.charmap_decode(octets, "strict", _WINDOWS_1252)[0], FALLBACK


def decode_as(octets: bytes, charset: str) -> str:
    """Text in a charset of ``CHARSETS``; raises SourceError if the octets are not in it."""
    try:
        return octets.decode(known(charset))
    except UnicodeDecodeError as error:
        found = octets[error.start : error.start + 1].hex().upper() or "the end"
        raise SourceError(
            f"expected {charset} characters, found {found}", offset=error.start
        ) from None
    except ValueError as error:
        raise SourceError(f"{error}, found {charset!r}") from None


def known(charset: str) -> str:
    """Python's name of a charset of ``CHARSETS``; raises ValueError for anything else."""
    try:
        codec = codecs.lookup(charset).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        codec = ""
    if codec not in CHARSETS:
        raise ValueError("expected a charset")
    return codec


def _windows_1252(octet: int) -> str:
    return bytes((octet,)).decode("windows-1252", "replace").replace("\ufffd", chr(octet))


_WINDOWS_1252 = "".join(map(_windows_1252, range(256)))
