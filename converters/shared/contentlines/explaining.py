"""The octets of cards and calendars as they are sent: a field for each line."""

from __future__ import annotations

from collections.abc import Iterator

from smsenc.octetmap import Cursor, Explain, Field

_LONGEST_NAME = 40


def lines(clause: str) -> Explain:
    """Explains lines of ``NAME;PARAM=…:value``; ``clause`` is their specification."""

    def explain(data: bytes) -> Iterator[Field]:
        at = Cursor()
        for line in data.splitlines(keepends=True):
            head, colon, value = line.decode("utf-8", "replace").strip("\r\n").partition(":")
            if not (colon or line.endswith(b"\n")):
                value = f"{head} (cut by the end of the part)"
            yield at.field(len(line), _name(head), value or head, clause)

    return explain


def _name(head: str) -> str:
    return head.partition(";")[0].strip()[:_LONGEST_NAME] or "line"
