"""The lines of mo.log, as ``smsenc.messagefile.logs`` reads them: a reply may have several.

2026-11-29 10:00:00 447700900123<TAB>448311000000<TAB>The first line of the text,
<TAB>and the second one

A line that goes on begins with a tab, and no other line does, so no text can look like a reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smsenc.messagefile.logs import LONGEST_REPLY
from smsgate.gateway.logs.lines import stamp
from smsgate.masking import harmless

_NEXT, _GOES_ON = "\n\t", "\n\t\t"
_LINE_END = re.compile("\r\n|\r|\n")
_STRANGE = re.compile("[^0-9A-Za-z]")
#: Characters of a line, which have at most four octets each: readers leave longer lines out.
_MOST = 2000
#: Characters of a text, with room for the words about what was left out.
_LONGEST = LONGEST_REPLY - 500
_NOBODY = "0"


class ReplyRow(NamedTuple):
    """A row of ``tables.reply``."""

    id: int
    time: float
    handset: str
    number: str
    text: str | None
    udh: str
    data: str | None
    note: str | None


def reply(row: ReplyRow) -> str:
    """The lines of a reply."""
    handset = _STRANGE.sub("", row.handset) or _NOBODY
    number = _STRANGE.sub("", row.number)
    return f"{stamp(int(row.time))} {handset}\t{number}\t{_NEXT.join(_lines(_said(row)))}\n"


def _said(row: ReplyRow) -> str:
    """A text, or octets in hex as in message files; what they lack is said behind."""
    if row.text is not None:
        return row.text
    header = f"udh:{row.udh} " if row.udh else ""
    lack = f" [{row.note}]" if row.note else ""
    data = row.data or ""
    return f"{header}data:{_cut(data, _LONGEST // 2)}{lack}"


def _lines(text: str) -> Iterator[str]:
    for line in _LINE_END.split(_cut(text, _LONGEST)):
        shown = harmless(line, len(line) * _LONGEST_ESCAPE)
        yield _GOES_ON.join(shown[n : n + _MOST] for n in range(0, len(shown) or 1, _MOST))


_LONGEST_ESCAPE = 6  # characters of ``\u2028``


def _cut(text: str, most: int) -> str:
    left_out = len(text) - most
    return f"{text[:most]}… ({left_out} characters left out)" if left_out > 0 else text
