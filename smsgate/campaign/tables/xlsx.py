"""Spreadsheets (Office Open XML): one sheet, its first row the header.

A sheet can only be read from its beginning, so chunks hold its rows. Archives that unpack to more
than a sheet of recipients needs are refused before they are unpacked.

Cells are as they are shown, with their number formats, so that an amount is ``£1,234.50`` and not
``1234.5``. Those of the table's ``bare`` columns are as they are stored: what a format adds to a
phone number is no part of it, and filters for amounts and dates need the value.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from converters.errors import SourceError
from converters.shared.words import quoted
from smsenc import OptionError
from smsenc.extras import needed
from smsgate.campaign.tables import notables, numberformats, unpacking
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.model import (
    MOST_COLUMNS,
    Chunk,
    RowError,
    Table,
    TableKind,
    TableOptions,
    listed,
    roles,
    wrong_width,
)

#: Rows that a sheet can have, by the limits that spreadsheet programs set to ECMA-376.
MOST_ROWS = 2**20


def open_xlsx(path: str, file: BinaryIO, options: TableOptions) -> Table:
    """The table in a sheet of a spreadsheet; raises SourceError and OptionError."""
    with _opened(file) as book:
        sheet = _chosen(book, options.sheet)
        found = next(_rows(sheet, frozenset()), None)
        notes = _sheet_note(sheet.title, len(book.worksheets)) if options.sheet is None else ()
    if found is None or not any(found[0]):
        expected = "expected a header with the names of columns, found none"
        raise SourceError(" in ".join((expected, *notes)), line=1)
    columns = tuple(cell.strip() for cell in found[0])
    try:
        to, aliases = roles(columns, options)
    except OptionError as error:
        raise OptionError(" in ".join((error.message, *notes)), name=error.name) from None
    return Table(
        path=path,
        kind=TableKind.XLSX,
        columns=columns,
        to=to,
        aliases=aliases,
        notes=notes,
        sheet=sheet.title,
        bare=frozenset((to,)),
        first_row=2,
    )


def _sheet_note(name: str, sheets: int) -> tuple[str, ...]:
    """Which of several sheets is read, if nobody has said it."""
    if sheets == 1:
        return ()
    return (f"sheet {quoted(name)}, the first of {sheets} (--sheet NAME reads another)",)


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Chunks that hold ``rows`` rows each, without the empty ones."""
    with _opened(file) as book:
        sheet = islice(_rows(_chosen(book, table.sheet), table.bare), 1, None)
        row = table.first_row
        number = 0
        while taken := list(islice(sheet, rows)):
            found = tuple(
                (row + n, _fitted(cells, len(table.columns), row + n))
                for n, (cells, _) in enumerate(taken)
                if any(cells)
            )
            bare = {pair: None for _, formats in taken for pair in formats}
            yield Chunk(
                number=number, first_row=row, count=len(taken), rows=found, unformatted=tuple(bare)
            )
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


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Any]:
    """The workbook; raises SourceError, also for what is found damaged inside the block."""
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and heavy
    except ImportError:
        raise OptionError(
            needed("a spreadsheet", "xlsx"),
            name="RECIPIENTS",
        ) from None
    # openpyxl prints warnings about invalid dates; the user sees those in their cells.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        unpacking.check(file)
        notables.check_archive(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()
    except (SourceError, OptionError):
        raise
    except OSError as error:
        raise raw.unreadable("", error) from None
    except Exception as error:  # noqa: BLE001 - openpyxl raises errors of any type for damaged files
        raise SourceError(f"expected a spreadsheet, found it damaged ({error!r:.80})") from None


def _chosen(book: Any, name: str | None) -> Any:
    """The sheet of that name, in any case, or the first one; raises OptionError."""
    sheets = book.worksheets
    if name is None:
        return sheets[0]
    exact = [sheet for sheet in sheets if sheet.title == name]
    found = exact or [one for one in sheets if one.title.casefold() == name.casefold()]
    if not found:
        names = listed(tuple(sheet.title for sheet in sheets))
        raise OptionError(f"expected a sheet of the file ({names}), found {name!r}", name="--sheet")
    return found[0]


#: The cells of a row as texts, and those columns, each with a format, where it is not applied.
_Row = tuple[list[str], list[tuple[int, str]]]


def _rows(sheet: Any, bare: frozenset[int]) -> Iterator[_Row]:
    """The rows of a sheet, the header among them."""
    sheet.reset_dimensions()  # the size that the file states may be wrong
    for row, cells in enumerate(sheet.iter_rows(), 1):
        if row > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise SourceError(
                f"expected at most {MOST_ROWS} rows of {MOST_COLUMNS} columns, found more",
                line=row,
            )
        left: list[tuple[int, str]] = []
        yield [_text(n, cell, bare, left) for n, cell in enumerate(cells)], left


def _text(column: int, cell: Any, bare: frozenset[int], left: list[tuple[int, str]]) -> str:
    """A cell as it is shown; formats that are not applied are added to ``left``."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if column not in bare and isinstance(value, numberformats.Value):
        code = cell.number_format
        text = numberformats.shown(value, code)
        if text is not None:
            return text
        left.append((column, code))
    return _stored(value)


_THOUSANDTHS = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")


def _stored(value: object) -> str:
    """A value without its format: a number, ``2026-12-31``, ``2026-12-31 14:30:00``.

    A fraction of three digits gets another one, so that nobody takes it for thousands.
    """
    if isinstance(value, (int, float)):
        text = numberformats.plain(value)
        return f"{text}0" if _THOUSANDTHS.fullmatch(text) else text
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
