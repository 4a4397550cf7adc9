"""Rejected rows as a CSV file, with the reasons, to be corrected and sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from smsgate.campaign.tables.model import RejectCode
from smsgate.masking import masked

#: Columns before those of the table, so that a row with too many cells keeps them all. No table has
#: columns with these names: the file is read as a table again when its rows have been corrected.
COLUMNS = ("rejected_row", "rejected_column", "rejected_code", "rejected_reason")


class Reject(NamedTuple):
    """A row that is not sent: its number as a person counts, the column at fault or "", and why."""

    row: int
    column: str
    code: RejectCode
    reason: str
    cells: tuple[str, ...] = ()


def csv_lines(columns: tuple[str, ...], rejects: Iterable[Reject]) -> Iterator[bytes]:
    """The lines of a CSV file in UTF-8, with a header for a table of ``columns``.

    Passwords are masked; those of the rows already are in the journal.
    """
    yield _line((*COLUMNS, *map(masked, columns)))
    for row, column, code, reason, cells in rejects:
        yield _line((str(row), column, code, reason, *cells))


def _line(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8", "backslashreplace")
