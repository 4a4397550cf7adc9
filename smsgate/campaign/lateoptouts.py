"""Rows that earlier runs of a campaign wrote, and whose numbers have opted out since.

The chunks that the journal has are read again. A row of a chunk that is as it was is in the files
that the journal names for its row number. From the first chunk on that has changed, rows may have
other numbers: there a row is known by its key, and it may be in any file.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from converters.errors import GuardError
from converters.shared.words import counted
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import unpacked
from smsgate.campaign.rows.recipients import opted_out
from smsgate.campaign.schedule import Map
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk
from smsgate.campaign.worker import ChunkTask, opted_out_recipients

_UNSENT, _SENT = 1, 2
_MOST_ROWS, _MOST_FILES = 3, 20  # in a message


class WrittenChunk(NamedTuple):
    """A chunk that an earlier run wrote; ``keys`` are of its rows, if they may have moved."""

    campaign: Campaign
    chunk: Chunk
    keys: bytes | None


@dataclass(slots=True)
class LateOptOuts:
    """How many rows opted out late: ``sent`` ones, and those that can still be held back.

    ``first`` are the first rows of the ``unsent``, and ``files`` are all files that they are in;
    ``moved`` of them may be in any other.
    ``begun`` says that a gateway may have seen files of the campaign, so that to write all of them
    again would send them twice.
    """

    sent: int = 0
    unsent: int = 0
    moved: int = 0
    first: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    begun: bool = False


def written_rows(task: WrittenChunk) -> array[int]:
    """The rows of a chunk whose numbers have opted out, in the order of the table.

    Of a chunk that has keys, only those that were written before.
    """
    found = opted_out_recipients(
        ChunkTask(task.campaign, task.chunk), contents=task.keys is not None
    )
    if task.keys is None:
        return array("I", found.rows)
    before = frozenset(unpacked(task.keys))
    pairs = zip(found.rows, found.keys, strict=True)
    return array("I", (row for row, key in pairs if key in before))


def keys_among(task: ChunkTask, before: frozenset[int]) -> frozenset[int]:
    """Those of the keys ``before`` that belong to rows whose numbers have opted out."""
    if not opted_out(task.campaign):
        return frozenset()
    return before.intersection(opted_out_recipients(task).keys)


def find(campaign: Campaign, ledger: Ledger, chunks: Iterable[Chunk], over: Map) -> LateOptOuts:
    """The rows that earlier runs wrote, and whose numbers have opted out since.

    Four octets are kept for each row that has opted out, and one to say where it is.
    """
    found = LateOptOuts()
    if not ledger.chunks() or not opted_out(campaign):
        return found
    given: deque[WrittenChunk] = deque()
    same, moved = array("I"), array("I")
    for rows in over(written_rows, _tasks(campaign, ledger, chunks, given)):
        (same if given.popleft().keys is None else moved).extend(rows)
    if same or moved:
        _place(ledger, same, moved, found)
    return found


def _tasks(
    campaign: Campaign, ledger: Ledger, chunks: Iterable[Chunk], given: deque[WrittenChunk]
) -> Iterator[WrittenChunk]:
    changed = False
    for chunk in chunks:
        if finished := ledger.chunk(chunk.number):
            changed = changed or finished.digest != kinds.digest(campaign.table, chunk)
            given.append(WrittenChunk(campaign, chunk, finished.keys if changed else None))
            yield given[-1]


def _place(ledger: Ledger, same: array[int], moved: array[int], found: LateOptOuts) -> None:
    """Fill ``found`` with the files that rows are in."""
    where, sent = bytearray(len(same)), ledger.sent_files()
    waiting = False
    for name, rows in ledger.written_rows():
        is_sent = name in sent
        found.begun |= is_sent
        waiting |= not is_sent
        if _mark(same, where, rows, _SENT if is_sent else _UNSENT) and not is_sent:
            found.files.append(name)
    unsent = [row for row, flags in zip(same, where, strict=True) if flags & _UNSENT]
    found.moved = len(moved) if waiting else 0
    unsent.extend(moved[: found.moved])
    found.unsent, found.first = len(unsent), sorted(unsent)[:_MOST_ROWS]
    found.sent = where.count(_SENT) + len(moved) - found.moved


def _mark(rows: array[int], where: bytearray, numbers: bytes, flag: int) -> bool:
    """Note that those of the rows that are among ``numbers`` are there; whether any is."""
    some = False
    for (number,) in struct.iter_unpack("<I", numbers):
        index = bisect_left(rows, number)
        if index < len(rows) and rows[index] == number:
            where[index] |= flag
            some = True
    return some


def check(found: LateOptOuts, out: Path) -> None:
    """Raise GuardError for rows that can still be held back; its line is the first of them."""
    if not found.unsent:
        return
    one = found.unsent == 1
    raise GuardError(
        f"{counted(found.unsent, 'row')} {'was' if one else 'were'} written by an earlier run, and "
        f"{'its number has' if one else 'their numbers have'} opted out since"
        f"{_details(found)}: {_remedy(found, out)}",
        line=found.first[0],
    )


def _remedy(found: LateOptOuts, out: Path) -> str:
    if not found.begun:
        them = "it" if found.unsent == 1 else "them"
        return f"use another --out to write the campaign without {them}, and do not upload {out}"
    if found.moved:
        return "run the table as it was before it changed, which tells their files"
    return (
        "other files of the campaign were sent, so remove these before upload, and send their "
        "other rows as a table of their own with another --name"
    )


def _details(found: LateOptOuts) -> str:
    """The first rows, if there are others than the first, and their files."""
    rows = ", ".join(map(str, found.first)) if found.unsent > 1 else ""
    more = ", …" if found.unsent > len(found.first) else ""
    files = ", ".join(found.files[:_MOST_FILES])
    others = len(found.files) - _MOST_FILES
    files += f" and {counted(others, 'other file')}" if others > 0 else ""
    parts = [f"rows {rows}{more}" if rows else "", f"in {files}" if files else ""]
    said = ", ".join(filter(None, parts))
    return f" ({said})" if said else ""
