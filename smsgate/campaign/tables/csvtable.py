"""CSV and TSV: delimiter, header, ranges of rows, and the rows themselves (RFC 4180).

Where every line is a record of its own, rows are counted by their line ends.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import BinaryIO

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.csvrecords import MOST_LINES, records, too_long
from smsgate.campaign.tables.model import (
    LONGEST_ROW,
    MOST_COLUMNS,
    Chunk,
    RejectCode,
    Row,
    RowError,
    Table,
    TableKind,
    TableOptions,
    roles,
    wrong_width,
)

_DELIMITERS = ",;\t|:"
_SAMPLE_ROWS = 50  # to detect the delimiter
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon"}


# Opening ------------------------------------------------------------------------------------------


def open_csv(path: str, file: BinaryIO, options: TableOptions) -> Table:
    """The table in a file of separated cells; raises SourceError and OptionError."""
    charset, start, notes = raw.detect(file, options.charset)
    file.seek(start)
    octets = raw.text_octets(file.read(raw.HEAD), charset)
    newline = "\n" if b"\n" in octets or b"\r" not in octets else "\r"
    view = octets.decode("latin-1")
    delimiter, skipped, note = _delimiter(path, view, newline, options.delimiter)
    header, size = _header(view[skipped:], delimiter, newline, charset)
    columns = tuple(column.strip() for column in header)
    to, aliases = roles(columns, options)
    head = octets[: skipped + size]
    return Table(
        path=path,
        kind=TableKind.CSV,
        columns=columns,
        to=to,
        aliases=aliases,
        notes=(*notes, note, *_odd_octet(file, charset)),
        charset=charset,
        delimiter=delimiter,
        newline=newline,
        start=start + raw.size_in(head, charset),
        first_row=2,
    )


def _odd_octet(file: BinaryIO, charset: str) -> tuple[str, ...]:
    if charset.startswith("utf-16") and os.fstat(file.fileno()).st_size % 2:
        return ("the last octet is half a character and is left out",)
    return ()


def _delimiter(path: str, view: str, newline: str, given: str | None) -> tuple[str, int, str]:
    """The delimiter, the length of a first line that only names it, and a note for the user."""
    first = view.partition(newline)[0].rstrip("\r")
    skipped = 0
    if first[:4].lower() == "sep=" and len(first) == 5:  # spreadsheet programs write this line
        skipped = view.find(newline) + 1
        given = given or first[4]
    if given is not None:
        return _checked(given), skipped, f"delimiter {_NAMES.get(given, given)}, as given"
    if path.lower().endswith((".tsv", ".tab")):
        return "\t", 0, "delimiter tab"
    found = _likeliest(view[: raw.HEAD], newline)
    return found, 0, f"delimiter {_NAMES.get(found, found)}"


def _checked(delimiter: str) -> str:
    given = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if len(given) != 1 or not given.isascii() or given in '"\r\n\0':
        raise OptionError(f"expected one ASCII character, found {delimiter!r}", name="--delimiter")
    return given


def _likeliest(view: str, newline: str) -> str:
    """The delimiter with which most rows have as many cells as the header, then the most cells."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths: list[int] = []
        for cells, _end in records(view, delimiter, newline):
            widths.append(len(cells) if isinstance(cells, list) else 0)
            if len(widths) == _SAMPLE_ROWS:
                break
        if not widths or widths[0] < 2:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(_DELIMITERS, key=fit)


def _header(view: str, delimiter: str, newline: str, charset: str) -> tuple[list[str], int]:
    cells, size = next(records(view, delimiter, newline), ([], 0))
    if isinstance(cells, str):
        raise SourceError(f"expected a header, found {cells}", line=1)
    if not any(cells):
        raise SourceError("expected a header with the names of columns, found none", line=1)
    if len(cells) > MOST_COLUMNS:
        raise SourceError(f"expected at most {MOST_COLUMNS} columns, found {len(cells)}", line=1)
    decoded = _decoded(cells, charset)
    if decoded is None:
        raise SourceError(f"expected {charset} characters in the header, found others", line=1)
    return decoded, size


# Chunks -------------------------------------------------------------------------------------------


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Ranges of the file with ``rows`` rows each."""
    newline = table.newline.encode()

    def measure(octets: bytes, most: int, last: bool) -> raw.Measured:  # noqa: FBT001 - as raw.Measure
        size, count, longest = raw.lines_in(octets, newline, most, last=last)
        if longest <= LONGEST_ROW and _lines_are_records(octets[:size], table):
            return size, count, True
        return _records_in(octets, table, most, last=last)

    return raw.chunks(table, file, rows, measure)


def _lines_are_records(octets: bytes, table: Table) -> bool:
    """Whether each line is a record of its own."""
    if b"\r" in octets and table.newline == "\n" and octets.count(b"\r") != octets.count(b"\r\n"):
        return False
    if b'"' not in octets:
        return True
    lines = octets.decode("latin-1").split(table.newline)
    # Two more lines after them: a quote that is still open would make them part of its record.
    reader = csv.reader([*lines, "" if lines[-1] else "x", "x"], delimiter=table.delimiter)
    try:
        return sum(1 for _ in reader) == len(lines) + 2
    except csv.Error:
        return False


def _records_in(octets: bytes, table: Table, most: int, *, last: bool) -> raw.Measured:
    """Size and number of at most ``most`` complete records; plain if none has a problem."""
    lines = most + MOST_LINES
    while True:  # not the whole buffer at once: it may hold twice as many lines as needed
        size, found, _longest = raw.lines_in(octets, table.newline.encode(), lines, last=last)
        all_lines = found < lines
        view = octets[:size].decode("latin-1")
        end, count, plain = _count_records(view, table, most, last=last and all_lines)
        if count == most or all_lines:
            return end, count, plain
        lines *= 2


def _count_records(view: str, table: Table, most: int, *, last: bool) -> raw.Measured:
    size = count = 0
    plain = True
    for cells, end in records(view, table.delimiter, table.newline):
        problem = isinstance(cells, str)
        if problem and not last and _may_close(view, size, table):
            break
        size, count, plain = end, count + 1, plain and not problem
        if count == most:
            break
    return size, count, plain


def _may_close(view: str, start: int, table: Table) -> bool:
    """Whether a quote that is open from ``start`` on might be closed after ``view``."""
    return len(view) - start <= LONGEST_ROW and view.count(table.newline, start) <= MOST_LINES


# Rows ---------------------------------------------------------------------------------------------


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """The rows of a chunk without its empty lines; a row of empty cells is a row."""
    if chunk.end - chunk.start > 2 * raw.LONGEST_RANGE:
        message = f"expected a row, found {too_long(chunk.end - chunk.start)}"
        row = chunk.first_row
        yield row, RowError(message, code=RejectCode.TOO_LONG, row=row)
        return
    octets = _octets(table, chunk)
    text = _decoded_whole(octets, table.charset) if chunk.plain else None
    found: Iterable[list[str] | RowError]
    if text is None:
        found = _record_by_record(octets, table)
    else:
        found = csv.reader(io.StringIO(text, table.newline), delimiter=table.delimiter)
    width = len(table.columns)
    if table.newline == "\r":
        found = map(_with_line_feeds, found)
    for row, cells in enumerate(found, chunk.first_row):
        if isinstance(cells, RowError):
            yield row, cells.at(line=row)
        elif len(cells) == width:
            yield row, cells
        elif cells:
            yield row, wrong_width(cells, width, row)


def columns(table: Table, chunk: Chunk) -> list[list[str]] | None:
    """The columns of a chunk in which ``read`` finds as many cells as columns in each row."""
    if not chunk.plain or table.newline != "\n":
        return None
    text = _decoded_whole(_octets(table, chunk), table.charset)
    if text is None:
        return None
    delimiter, width = table.delimiter, len(table.columns)
    text = text.replace("\r\n", "\n") if '"' not in text else text
    if '"' in text or "\r" in text:
        rows = list(csv.reader(io.StringIO(text, "\n"), delimiter=delimiter))
        return list(map(list, zip(*rows, strict=True))) if set(map(len, rows)) == {width} else None
    # Without quotes all cells are divided at once, which takes a fifth of the time of csv.reader.
    lines = text.removesuffix("\n").split("\n")
    if "" in lines or set(map(str.count, lines, repeat(delimiter))) != {width - 1}:
        return None
    cells = delimiter.join(lines).split(delimiter)
    return [cells[n::width] for n in range(width)]


_ANY_RETURN = re.compile("\r\n?")


def _with_line_feeds(cells: list[str] | RowError) -> list[str] | RowError:
    """The cells of a file whose lines end with carriage returns."""
    return cells if isinstance(cells, RowError) else [_ANY_RETURN.sub("\n", one) for one in cells]


def _octets(table: Table, chunk: Chunk) -> bytes:
    return raw.text_octets(raw.read(table.path, chunk.start, chunk.end), table.charset)


def _decoded_whole(octets: bytes, charset: str) -> str | None:
    try:
        return octets.decode(raw.charset_of(charset))
    except UnicodeDecodeError:
        return None


def _record_by_record(octets: bytes, table: Table) -> Iterator[list[str] | RowError]:
    """Each record decoded by itself; the error of an unreadable one has its line as one cell."""
    view = octets.decode("latin-1")
    start = 0
    for cells, end in records(view, table.delimiter, table.newline):
        decoded = None if isinstance(cells, str) else _decoded(cells, table.charset)
        if decoded is not None:
            yield decoded
        else:
            found = cells if isinstance(cells, str) else f"octets that are not {table.charset}"
            line = view[start : min(end, start + LONGEST_ROW)].rstrip("\r\n").encode("latin-1")
            yield RowError(
                f"expected a row, found {found}",
                code=RejectCode.UNREADABLE,
                cells=(line.decode(raw.charset_of(table.charset), "replace"),),
            )
        start = end


def _decoded(cells: list[str], charset: str) -> list[str] | None:
    try:
        return [cell.encode("latin-1").decode(raw.charset_of(charset)) for cell in cells]
    except UnicodeDecodeError:
        return None
