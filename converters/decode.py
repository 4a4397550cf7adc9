"""From received payloads back to files: the way that ``convert`` went, walked home."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from converters.inspect import viewer_of
from smsenc import Payload, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from converters.api import Writer


def decode(payload: Payload, suffix: str) -> bytes:
    """The payload as a file of the format that ``suffix`` names.

    Raises SourceError where a payload of this kind has no such format.
    """
    return _writer(payload, suffix).write(payload)


def laid_together(payloads: Iterable[Payload], name: str) -> bytes:
    """One file of all payloads; several only where its format holds several messages."""
    suffix = PurePath(name).suffix.lower()
    given = tuple(payloads)
    if len(given) > 1 and not all(_writer(payload, suffix).joins for payload in given):
        raise SourceError(f"expected one message for a {suffix} file, found {len(given)}")
    return b"".join(decode(payload, suffix) for payload in given)


def _writer(payload: Payload, suffix: str) -> Writer:
    viewer = viewer_of(payload)
    for writer in viewer.writers:
        if writer.suffix == suffix:
            return writer
    known = " or ".join(writer.suffix for writer in viewer.writers) or "no file format"
    raise SourceError(f"expected {known} for a {viewer.kind}, found {suffix or 'no suffix'}")
