"""CSV and TSV: delimiter, header, ranges of rows, and the rows themselves (RFC 4180).

What a record is, Python's csv reader decides. Where nothing in the octets needs care (no quote, no
lone CR, no long line) rows are as many as line ends, and are counted at once.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.model import (
    LONGEST_ROW,
    MOST_COLUMNS,
    Chunk,
    Row,
    RowError,
    Table,
    Wanted,
    roles,
)

#: A quoted cell has fewer; where one has more, its quote was never closed.
MOST_LINES = 100
_DELIMITERS = ",;\t|:"
_LOOKED_AT = 50  # rows, to tell the delimiter
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon"}


# Opening.


def open_csv(path: str, file: BinaryIO, wanted: Wanted) -> Table:
    """The table in a file of separated cells; raises SourceError and OptionError."""
    charset, start, notes = raw.told_apart(file, wanted.charset)
    file.seek(start)
    octets = raw.text_octets(file.read(raw.HEAD), charset)
    newline = "\n" if b"\n" in octets or b"\r" not in octets else "\r"
    view = octets.decode("latin-1")
    delimiter, skipped, note = _delimiter(path, view, newline, wanted.delimiter)
    header, size = _header(view[skipped:], delimiter, newline, charset)
    columns = tuple(column.strip() for column in header)
    to, aliases = roles(columns, wanted)
    head = octets[: skipped + size]
    return Table(
        path=path,
        kind="csv",
        columns=columns,
        to=to,
        aliases=aliases,
        notes=(*notes, note, *_odd(file, charset)),
        charset=charset,
        delimiter=delimiter,
        newline=newline,
        start=start + raw.size_in(head, charset),
        first_row=2,
    )


def _odd(file: BinaryIO, charset: str) -> tuple[str, ...]:
    if charset.startswith("utf-16") and os.fstat(file.fileno()).st_size % 2:
        return ("the last octet is half a character and left out",)
    return ()


def _delimiter(path: str, view: str, newline: str, told: str | None) -> tuple[str, int, str]:
    """The delimiter, octets of a line that only names it, and a note on it."""
    first = view.partition(newline)[0].rstrip("\r")
    skipped = 0
    if first[:4].lower() == "sep=" and len(first) == 5:  # as spreadsheets write it for themselves
        skipped = view.find(newline) + 1
        told = told or first[4]
    if told is not None:
        return _checked(told), skipped, f"delimiter {_NAMES.get(told, told)}, as told"
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
    """Which delimiter gives most rows as many cells as the header, then the most cells."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths: list[int] = []
        for cells, _end in records(view, delimiter, newline):
            widths.append(len(cells) if isinstance(cells, list) else 0)
            if len(widths) == _LOOKED_AT:
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


# Records, from octets seen as characters of one octet each.


def records(view: str, delimiter: str, newline: str) -> Iterator[tuple[list[str] | str, int]]:
    """Each record, or what is wrong with its line, and where it ends in ``view``.

    A quote that is not closed within MOST_LINES costs its own line and not those behind it.
    """
    lines = [line + newline for line in view.split(newline)]
    lines[-1] = lines[-1][: -len(newline)]
    if not lines[-1]:
        lines.pop()
    first = end = 0
    while first < len(lines):
        for trouble, taken, cells in _in_turn(lines, first, delimiter):
            end += sum(map(len, lines[first : first + taken])) if taken > 1 else len(lines[first])
            first += taken
            yield trouble or cells, end


def _in_turn(lines: list[str], first: int, delimiter: str) -> Iterator[tuple[str, int, list[str]]]:
    """Records from line ``first`` on, until one is in trouble: what it is, lines taken, cells."""
    begun = fed = first

    def feed() -> Iterator[str]:
        nonlocal fed
        while fed < len(lines) and fed - begun <= MOST_LINES:
            fed += 1
            yield lines[fed - 1]

    reader = csv.reader(feed(), delimiter=delimiter)
    trouble, cells = "", []
    while begun < len(lines) and not trouble:
        try:
            cells = next(reader, [])
        except csv.Error:
            trouble = _trouble(lines[begun])
        taken = fed - begun
        if not trouble and (taken > 1 or fed == len(lines)):
            trouble = _no_record(lines[begun:fed], delimiter, ended=fed == len(lines))
        elif len(lines[begun]) > LONGEST_ROW:
            trouble = _too_long(len(lines[begun]))
        taken = 1 if trouble else taken
        begun += taken
        yield trouble, taken, cells


def _trouble(line: str) -> str:
    if "\r" in line.rstrip("\r\n"):
        return "a carriage return inside a row"
    return _UNCLOSED if len(line) <= LONGEST_ROW else _too_long(len(line))


def _too_long(octets: int) -> str:
    return f"a row of {octets} octets, more than {LONGEST_ROW}"


def _no_record(lines: list[str], delimiter: str, *, ended: bool) -> str:
    """Why lines that were taken for a record are none; empty where they are one.

    The reader ends a record that is still open only where no line follows (``ended``).
    """
    if len(lines) > MOST_LINES:
        return _UNCLOSED
    size = sum(map(len, lines))
    if size > LONGEST_ROW:
        return _too_long(size)
    if not ended:
        return ""
    more = csv.reader([*lines, "\n", "\n"], delimiter=delimiter)
    next(more)
    return _UNCLOSED if more.line_num > len(lines) else ""


_UNCLOSED = "a quote that is not closed"


# Chunks.


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Ranges of the file, of so many rows each."""
    newline = table.newline.encode()

    def measure(octets: bytes, most: int, last: bool) -> tuple[int, int, bool]:  # noqa: FBT001 - of a fixed signature
        size, count, longest = lines_in(octets, newline, most, last=last)
        if longest <= LONGEST_ROW and _lines_are_records(octets[:size], table):
            return size, count, True
        return _records_in(octets, table, most, last=last)

    row = table.first_row
    found = raw.ranges(file, table.charset, table.start, newline, rows, measure)
    for number, (start, end, count, plain) in enumerate(found):
        yield Chunk(number=number, first_row=row, count=count, start=start, end=end, plain=plain)
        row += count


def _lines_are_records(octets: bytes, table: Table) -> bool:
    """Whether each line is a record of its own."""
    if b"\r" in octets and table.newline == "\n" and octets.count(b"\r") != octets.count(b"\r\n"):
        return False
    if b'"' not in octets:
        return True
    lines = octets.decode("latin-1").split(table.newline)
    # One more behind them: a quote that is still open would take it in.
    reader = csv.reader([*lines, "" if lines[-1] else "x", "x"], delimiter=table.delimiter)
    try:
        return sum(1 for _ in reader) == len(lines) + 2
    except csv.Error:
        return False


def lines_in(octets: bytes, newline: bytes, most: int, *, last: bool) -> tuple[int, int, int]:
    """Size and number of at most ``most`` whole lines; how long the longest is, if that matters."""
    lines = octets.split(newline, most)
    rest = lines.pop() if not last or len(lines) > most or not lines[-1] else b""
    size = len(octets) - len(rest)
    # Within half of the limit there is always a line end, unless a line may be over it.
    half = LONGEST_ROW // 2
    if all(octets.find(newline, n, n + half) >= 0 for n in range(0, size - half, half)):
        return size, len(lines), 0
    return size, len(lines), max(map(len, lines), default=0)


def _records_in(octets: bytes, table: Table, most: int, *, last: bool) -> tuple[int, int, bool]:
    """Size and number of at most ``most`` whole records; plain when none is in trouble."""
    lines = most + MOST_LINES
    while True:  # no more lines are looked at than needed: as many again follow in the buffer
        size, found, _longest = lines_in(octets, table.newline.encode(), lines, last=last)
        all_of_them = found < lines
        view = octets[:size].decode("latin-1")
        end, count, plain = _counted(view, table, most, last=last and all_of_them)
        if count == most or all_of_them:
            return end, count, plain
        lines *= 2


def _counted(view: str, table: Table, most: int, *, last: bool) -> tuple[int, int, bool]:
    size = count = 0
    plain = True
    for cells, end in records(view, table.delimiter, table.newline):
        trouble = isinstance(cells, str)
        if trouble and not last and _may_close(view, size, table):
            break
        size, count, plain = end, count + 1, plain and not trouble
        if count == most:
            break
    return size, count, plain


def _may_close(view: str, start: int, table: Table) -> bool:
    """Whether a quote that is open from ``start`` on might be closed behind ``view``."""
    return len(view) - start <= LONGEST_ROW and view.count(table.newline, start) <= MOST_LINES


# Rows.


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """The rows of a chunk; blank lines are none, and a row of empty cells is one."""
    if chunk.end - chunk.start > 2 * raw.LONGEST_RANGE:
        message = f"expected a row, found {_too_long(chunk.end - chunk.start)}"
        yield chunk.first_row, RowError(message, code="too-long", row=chunk.first_row)
        return
    octets = raw.text_octets(raw.read(table.path, chunk.start, chunk.end), table.charset)
    text = _strict(octets, table.charset) if chunk.plain else None
    found: Iterable[list[str] | RowError]
    if text is None:
        found = _with_care(octets, table)
    else:
        found = csv.reader(io.StringIO(text, table.newline), delimiter=table.delimiter)
    width = len(table.columns)
    for row, cells in enumerate(found, chunk.first_row):
        if isinstance(cells, RowError):
            yield row, cells.at(line=row)
        elif len(cells) == width:
            yield row, cells
        elif cells:
            yield row, _misfit(row, cells, width)


def _strict(octets: bytes, charset: str) -> str | None:
    try:
        return octets.decode(raw.charset_of(charset))
    except UnicodeDecodeError:
        return None


def _with_care(octets: bytes, table: Table) -> Iterator[list[str] | RowError]:
    """Each record decoded by itself; one that cannot be read comes with its line as one cell."""
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
                code="unreadable",
                cells=(line.decode(raw.charset_of(table.charset), "replace"),),
            )
        start = end


def _decoded(cells: list[str], charset: str) -> list[str] | None:
    try:
        return [cell.encode("latin-1").decode(raw.charset_of(charset)) for cell in cells]
    except UnicodeDecodeError:
        return None


def _misfit(row: int, cells: list[str], width: int) -> RowError:
    message = f"expected {width} cells, found {len(cells)}"
    return RowError(message, code="cells", row=row, cells=tuple(cells))
