"""Tables of recipients: which kind a file is, its rows in chunks, and the rows of a chunk.

A chunk is small where the file can be read from its middle (CSV, TSV, JSON lines): a range of
octets that any process reads for itself. Spreadsheets and cards are read in turn, and their
chunks hold the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from smsenc import SmsencError
from smsgate.campaign.tables import cards, csvtable, jsonlines, octets, xlsx
from smsgate.campaign.tables.model import Chunk, Row, RowError, Table, Wanted
from smsgate.outbox.reading import check_kind

__all__ = ["Chunk", "Row", "RowError", "Table", "chunks", "digest", "open_table", "read"]


class _Kind(NamedTuple):
    """How one kind of table is told, opened, cut into chunks, and read."""

    suffixes: tuple[str, ...]
    begins: tuple[bytes, ...]
    opened: Callable[[str, BinaryIO, Wanted], Table]
    chunks: Callable[[Table, BinaryIO, int], Iterator[Chunk]]
    read: Callable[[Table, Chunk], Iterator[Row]]


def _rows(_table: Table, chunk: Chunk) -> Iterator[Row]:
    return iter(chunk.rows)


#: The first kind that fits by suffix, else by what the file begins with; the last fits all.
_KINDS = {
    "xlsx": _Kind((".xlsx", ".xlsm"), (b"PK\x03\x04",), xlsx.open_xlsx, xlsx.chunks, _rows),
    "vcf": _Kind((".vcf", ".vcard"), (b"BEGIN:VCARD",), cards.open_cards, cards.chunks, _rows),
    "json lines": _Kind(
        (".jsonl", ".ndjson"),
        (b"{",),
        jsonlines.open_json_lines,
        jsonlines.chunks,
        jsonlines.read,
    ),
    "csv": _Kind(
        (".csv", ".tsv", ".tab"), (b"",), csvtable.open_csv, csvtable.chunks, csvtable.read
    ),
}


def _kind(path: str, head: bytes) -> _Kind:
    lower = path.lower()
    for kind in _KINDS.values():
        if lower.endswith(kind.suffixes):
            return kind
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().upper()
    return next(kind for kind in _KINDS.values() if begins.startswith(kind.begins))


def open_table(
    path: str,
    *,
    columns: Mapping[str, str] = MappingProxyType({}),
    charset: str | None = None,
    delimiter: str | None = None,
) -> Table:
    """The table in a file, its header read.

    ``columns`` gives columns names of the user's: ``to`` is the one with the number, which is
    otherwise known by its name. Raises SourceError for a file that cannot be read and OptionError
    for a column, charset or delimiter that does not go with it.
    """
    wanted = Wanted(tuple(columns.items()), charset, delimiter)
    try:
        check_kind(path)
        with open(path, "rb") as file:
            kind = _kind(path, file.read(octets.HEAD))
            file.seek(0)
            return kind.opened(path, file, wanted)
    except (OSError, ValueError) as error:
        raise octets.unreadable(path, error) from None
    except SmsencError as error:
        raise error.at(source=path) from None


def chunks(table: Table, rows: int = 10_000) -> Iterator[Chunk]:
    """All rows behind the header, in chunks of so many; raises SourceError.

    The same file and ``rows`` give the same chunks, and rows added at its end change the last one
    alone.
    """
    try:
        with open(table.path, "rb") as file:
            yield from _KINDS[table.kind].chunks(table, file, rows)
    except OSError as error:
        raise octets.unreadable(table.path, error) from None
    except SmsencError as error:
        raise error.at(source=table.path) from None


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """Each row of a chunk: its number in the file (the header is row 1), and its cells.

    A row that is damaged or has too few or too many cells comes as a RowError in their place.
    Raises SourceError where the file is no longer there or has become shorter.
    """
    return _KINDS[table.kind].read(table, chunk)


def digest(table: Table, chunk: Chunk) -> bytes:
    """What tells whether a chunk has changed: BLAKE2 of its octets (or rows), 16 octets."""
    if chunk.end:
        return octets.digest(table.path, chunk.start, chunk.end)
    return xlsx.digest(chunk)
