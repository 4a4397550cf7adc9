"""The octets of cards and calendars as they are sent: a field for each line."""

from __future__ import annotations

from collections.abc import Iterator

from smsenc.octetmap import Cursor, Field

_LONGEST_NAME = 40


def lines(clause: str, data: bytes) -> Iterator[Field]:
    """Lines of ``NAME;PARAM=…:value``; ``clause`` is their specification."""
    at = Cursor()
    for line in data.splitlines(keepends=True):
        head, colon, value = line.decode("utf-8", "replace").strip("\r\n").partition(":")
        if not (colon or line.endswith(b"\n")):
            value = f"{head} (cut by the end of the part)"
        yield at.field(len(line), _name(head), value or head, clause)


def _name(head: str) -> str:
    return head.partition(";")[0].strip()[:_LONGEST_NAME] or "line"
