"""Tables of recipients: the kind of a file, its rows in chunks, and the rows of a chunk.

A file that can be read from any row on (CSV, TSV, JSON lines) has small chunks: a range of octets
that any process reads for itself. Spreadsheets and vCards are read from the beginning, and their
chunks hold the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from smsenc import OptionError, SmsencError
from smsgate.campaign.tables import cards, csvtable, jsonlines, notables, octets, xlsx
from smsgate.campaign.tables.model import (
    Chunk,
    Row,
    RowError,
    Table,
    TableKind,
    TableOptions,
    is_blank,
)
from smsgate.outbox.reading import open_file


class _Format(NamedTuple):
    """How one kind of table is recognised, opened, divided into chunks, and read."""

    suffixes: tuple[str, ...]
    begins: tuple[bytes, ...]
    open: Callable[[str, BinaryIO, TableOptions], Table]
    chunks: Callable[[Table, BinaryIO, int], Iterator[Chunk]]
    read: Callable[[Table, Chunk], Iterator[Row]]
    columns: Callable[[Table, Chunk], list[list[str]] | None] = lambda _table, _chunk: None


def _stored_rows(_table: Table, chunk: Chunk) -> Iterator[Row]:
    return iter(chunk.rows)


#: In order of recognition: by suffix, else by the first octets; the last one fits every file.
_FORMATS = {
    TableKind.XLSX: _Format(
        (".xlsx", ".xlsm"), (b"PK\x03\x04",), xlsx.open_xlsx, xlsx.chunks, _stored_rows
    ),
    TableKind.VCF: _Format(
        (".vcf", ".vcard"), (b"BEGIN:VCARD",), cards.open_cards, cards.chunks, _stored_rows
    ),
    TableKind.JSON_LINES: _Format(
        (".jsonl", ".ndjson"),
        (b"{",),
        jsonlines.open_json_lines,
        jsonlines.chunks,
        jsonlines.read,
    ),
    TableKind.CSV: _Format(
        (".csv", ".tsv", ".tab"),
        (b"",),
        csvtable.open_csv,
        csvtable.chunks,
        csvtable.read,
        csvtable.columns,
    ),
}


def _format(path: str, head: bytes) -> _Format:
    lower = path.lower()
    for found in _FORMATS.values():
        if lower.endswith(found.suffixes):
            return found
    return next(found for found in _FORMATS.values() if _begins(head, found.begins))


def _begins(head: bytes, begins: tuple[bytes, ...]) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(begins)


def open_table(
    path: str,
    *,
    columns: Mapping[str, str] = MappingProxyType({}),
    charset: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    """The table in a file, with its header read; ``sheet`` is that of a spreadsheet.

    ``columns`` maps roles to names of columns: ``to`` is the column with the number, which is
    otherwise detected by its name; any other role is a further name for a column. Raises
    SourceError for a file that cannot be read and OptionError for a column, charset, delimiter or
    sheet that does not fit the file.
    """
    options = TableOptions(tuple(columns.items()), charset, delimiter, sheet)
    try:
        with open_file(path) as file:
            head = file.read(octets.HEAD)
            found = _format(path, head)
            if not _begins(head, found.begins) or found is _FORMATS[TableKind.CSV]:
                notables.check(head)  # in spite of its suffix, or of no other format
            if sheet is not None and found is not _FORMATS[TableKind.XLSX]:
                raise OptionError("only a spreadsheet has sheets", name="--sheet")
            file.seek(0)
            return found.open(path, file, options)
    except (OSError, ValueError) as error:
        raise octets.unreadable(path, error) from None
    except SmsencError as error:
        raise error.at(source=path) from None


def chunks(table: Table, rows: int = 10_000) -> Iterator[Chunk]:
    """All rows after the header, in chunks of ``rows`` rows; raises SourceError.

    The same file and ``rows`` give the same chunks. Rows added at the end of the file change the
    last chunk only.
    """
    try:
        with open_file(table.path) as file:
            yield from _FORMATS[table.kind].chunks(table, file, rows)
    except OSError as error:
        raise octets.unreadable(table.path, error) from None
    except SmsencError as error:
        raise error.at(source=table.path) from None


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """Each row of a chunk: its number in the file (the header is row 1) and its cells.

    A row that is damaged or has too few or too many cells has a RowError in place of its cells.
    Raises SourceError if the file is no longer there or has become shorter.
    """
    return _FORMATS[table.kind].read(table, chunk)


class Columns(NamedTuple):
    """The rows of a chunk, column by column: their numbers and cells; and the rows with errors."""

    rows: Sequence[int]
    cells: list[list[str]]
    errors: list[tuple[int, RowError]]


def read_columns(table: Table, chunk: Chunk) -> Columns:
    """What ``read`` returns, as columns; with a million rows, they are faster than rows."""
    if (found := _FORMATS[table.kind].columns(table, chunk)) is not None:
        return Columns(range(chunk.first_row, chunk.first_row + len(found[0])), found, [])
    rows: list[int] = []
    cells: list[list[str]] = []
    errors: list[tuple[int, RowError]] = []
    for row, one in read(table, chunk):
        if isinstance(one, RowError):
            errors.append((row, one))
        else:
            rows.append(row)
            cells.append(one)
    return Columns(
        rows, list(map(list, zip(*cells, strict=True))) or [[] for _ in table.columns], errors
    )


def has_rows(table: Table) -> bool:
    """Whether there is a row with content after the header; raises SourceError."""
    rows = (cells for chunk in chunks(table) for _, cells in read(table, chunk))
    return any(not isinstance(cells, list) or not is_blank(cells) for cells in rows)


def digest(table: Table, chunk: Chunk) -> bytes:
    """BLAKE2 of the octets or rows of a chunk, 16 octets: it changes when they change."""
    if chunk.end:
        return octets.digest(table.path, chunk.start, chunk.end)
    return xlsx.digest(chunk)
