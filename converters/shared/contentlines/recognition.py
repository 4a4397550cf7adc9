"""What a source begins with: whether it is a card or a calendar, and what it is if not."""

from __future__ import annotations

import re

from converters.errors import SourceError
from converters.shared.contentlines.unfolding import logical_lines, utf_16
from converters.shared.words import quoted

#: Octets at the start of a source that are looked at.
_HEAD = 4096


def begins(octets: bytes, name: str) -> bool:
    """Whether a source begins with a component of that name, in any case and in UTF-16 too."""
    head = octets[:_HEAD]
    if utf_16(head):
        head = head.replace(b"\0", b"")
    pattern = (
        rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN\s*:\s*" + name.encode() + rb"[^\w\n]{0,40}$"
    )
    return re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def not_found(octets: bytes, expected: str) -> SourceError:
    """Error for a source without the component that was expected."""
    if not octets[:_HEAD].strip():
        return SourceError(f"expected {expected}, found an empty file")
    if octets[:16] == b"##fileformat=VCF":
        return SourceError(f"expected {expected}, found a genomics VCF (##fileformat=VCF)", line=1)
    number, first = next(logical_lines(octets[:_HEAD]), (1, b""))
    found = quoted(first.decode("utf-8", "replace"))
    return SourceError(f"expected {expected}, found {found}", line=number)
