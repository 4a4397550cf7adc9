"""What a source is, if it is not the card or the calendar that was expected."""

from __future__ import annotations

from converters.errors import SourceError
from converters.shared.beginnings import HEAD
from converters.shared.contentlines.unfolding import logical_lines
from converters.shared.words import quoted


def not_found(octets: bytes, expected: str) -> SourceError:
    """Error for a source without the component that was expected."""
    if not octets[:HEAD].strip():
        return SourceError(f"expected {expected}, found an empty file")
    if octets[:16] == b"##fileformat=VCF":
        return SourceError(f"expected {expected}, found a genomics VCF (##fileformat=VCF)", line=1)
    number, first = next(logical_lines(octets[:HEAD]), (1, b""))
    found = quoted(first.decode("utf-8", "replace"))
    return SourceError(f"expected {expected}, found {found}", line=number)
