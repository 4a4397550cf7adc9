"""Rows that were left out, given back as they came with what was wrong, to be mended and sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: In front of the table's own columns, so that a row with too many cells keeps them all. The
#: names are unlike those that a table has: the file is read again as a table when it is mended.
COLUMNS = ("rejected_row", "rejected_column", "rejected_code", "rejected_reason")


class Reject(NamedTuple):
    """A row that is not sent; ``row`` as a person counts, ``column`` where one is to blame."""

    row: int
    column: str
    code: str
    reason: str
    cells: tuple[str, ...] = ()


def written(columns: tuple[str, ...], rejects: Iterable[Reject]) -> Iterator[bytes]:
    """The octets of a CSV file in UTF-8 with a header, line by line."""
    yield _line((*COLUMNS, *columns))
    for row, column, code, reason, cells in rejects:
        yield _line((str(row), column, code, reason, *cells))


def _line(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8", "backslashreplace")
