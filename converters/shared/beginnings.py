"""How cards and calendars are recognised; apart from their readers, which take long to load."""

from __future__ import annotations

import codecs
import re

#: Octets at the start of a source that are looked at.
HEAD = 4096
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def begins(octets: bytes, name: str) -> bool:
    """Whether a source begins with a component of that name, in any case and in UTF-16 too."""
    head = octets[:HEAD]
    if utf_16(head):
        head = head.replace(b"\0", b"")
    pattern = (
        rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN\s*:\s*" + name.encode() + rb"[^\w\n]{0,40}$"
    )
    return re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def utf_16(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` if a source begins in one of them, else empty."""
    if head.startswith(_UTF_16_MARKS):
        return "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    place = head.upper().find("BEGIN:V".encode("utf-16-le"))
    return "" if place < 0 else "utf-16-be" if place % 2 else "utf-16-le"
