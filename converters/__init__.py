"""From source files to payloads, and from payloads to what a phone shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsenc.exports import lazily

if TYPE_CHECKING:
    from converters.errors import GuardError, SourceError
    from converters.pipeline import convert, items

__all__ = ["GuardError", "SourceError", "convert", "items"]

__getattr__ = lazily(__name__, {"errors": "GuardError SourceError", "pipeline": "convert items"})
