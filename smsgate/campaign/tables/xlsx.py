"""Spreadsheets (Office Open XML): the first sheet, its first row the header.

A sheet can only be read from its beginning, so chunks hold its rows. Archives that unpack to more
than a sheet of recipients needs are refused before they are unpacked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import warnings
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.tables import notables, unpacking
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.model import (
    MOST_COLUMNS,
    Chunk,
    RowError,
    Table,
    TableKind,
    TableOptions,
    roles,
    wrong_width,
)

#: Rows that a sheet can have, by the limits that spreadsheet programs set to ECMA-376.
MOST_ROWS = 2**20
_LARGEST_WHOLE = 2**53  # a float holds no larger whole number exactly


def open_xlsx(path: str, file: BinaryIO, options: TableOptions) -> Table:
    """The table in a spreadsheet's first sheet; raises SourceError and OptionError."""
    found = next(_sheet(file), None)
    if found is None or not any(found):
        raise SourceError("expected a header with the names of columns, found none", line=1)
    columns = tuple(cell.strip() for cell in found)
    to, aliases = roles(columns, options)
    return Table(
        path=path, kind=TableKind.XLSX, columns=columns, to=to, aliases=aliases, first_row=2
    )


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Chunks that hold ``rows`` rows each, without the empty ones."""
    sheet = islice(_sheet(file), 1, None)
    row = table.first_row
    number = 0
    while taken := list(islice(sheet, rows)):
        found = tuple(
            (row + n, _fitted(cells, len(table.columns), row + n))
            for n, cells in enumerate(taken)
            if any(cells)
        )
        yield Chunk(number=number, first_row=row, count=len(taken), rows=found)
        row += len(taken)
        number += 1


def _fitted(cells: list[str], width: int, row: int) -> list[str] | RowError:
    """A sheet omits empty cells at the end of a row, and has formatted ones beyond its table."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) > width:
        return wrong_width(cells, width, row)
    return cells + [""] * (width - len(cells))


def digest(chunk: Chunk) -> bytes:
    """BLAKE2 of the rows of a chunk, 16 octets."""
    found = hashlib.blake2b(digest_size=16)
    for row, cells in chunk.rows:
        found.update(repr((row, cells if isinstance(cells, list) else cells.args)).encode())
    return found.digest()


def _sheet(file: BinaryIO) -> Iterator[list[str]]:
    """The cells of each row as texts, the header among them."""
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and heavy
    except ImportError:
        raise OptionError(
            "spreadsheets need openpyxl: pip install 'smsenc[xlsx]'",
            name="RECIPIENTS",
        ) from None
    # openpyxl prints warnings about invalid dates; the user sees those in their cells.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        unpacking.check(file)
        notables.check_archive(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the size that the file states may be wrong
            for row, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if row > MOST_ROWS or len(cells) > MOST_COLUMNS:
                    raise SourceError(
                        f"expected at most {MOST_ROWS} rows of {MOST_COLUMNS} columns, found more",
                        line=row,
                    )
                yield [_text(cell) for cell in cells]
        finally:
            book.close()
    except (SourceError, OptionError):
        raise
    except OSError as error:
        raise raw.unreadable("", error) from None
    except Exception as error:  # noqa: BLE001 - openpyxl raises errors of any type for damaged files
        raise SourceError(f"expected a spreadsheet, found it damaged ({error!r:.80})") from None


def _text(value: object) -> str:
    """A cell as it is shown; whole numbers without the fraction that a sheet stores for them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_WHOLE:
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
