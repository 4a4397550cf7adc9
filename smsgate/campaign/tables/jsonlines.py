"""JSON lines: each line is an object, whose names are the columns (UTF-8, or UTF-16 with a BOM)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

from converters.errors import SourceError
from smsgate.campaign.tables import octets as raw
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
    listed,
    roles,
)

#: An object whose numbers keep their spelling.
_Object: TypeAlias = dict[str, object]


def open_json_lines(path: str, file: BinaryIO, options: TableOptions) -> Table:
    """The table in a file of objects; columns are all names in 64 KiB of it.

    These begin with the first line that is not too long to be a row. Raises SourceError if that is
    not an object, OptionError for a column that is missing.
    """
    charset, start, notes = raw.detect(file, options.charset)
    file.seek(start)
    columns = _columns(*raw.head_of_rows(file, charset), raw.charset_of(charset))
    to, aliases = roles(columns, options)
    return Table(
        path=path,
        kind=TableKind.JSON_LINES,
        columns=columns,
        to=to,
        aliases=aliases,
        notes=notes,
        charset=charset,
        start=start,
    )


def _columns(head: bytes, first: int, charset: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    lines = head.split(b"\n")
    for row, line in enumerate(lines, first):
        found = _object(line, charset) if line.strip() else {}
        if isinstance(found, dict):
            names |= dict.fromkeys(found)
        elif not names:
            raise SourceError(found.message, line=row)
    if not names:
        raise SourceError("expected an object with the names of columns, found none", line=first)
    if len(names) > MOST_COLUMNS:
        raise SourceError(f"expected at most {MOST_COLUMNS} columns, found {len(names)}")
    return tuple(names)


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Ranges of the file with ``rows`` lines each."""

    def measure(octets: bytes, most: int, last: bool) -> raw.Measured:  # noqa: FBT001 - as raw.Measure
        size, count, _longest = raw.lines_in(octets, b"\n", most, last=last)
        return size, count, True

    return raw.chunks(table, file, rows, measure)


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """The rows of a chunk. A missing name is an empty cell, an unknown one is ignored.

    A name with two different values makes its row unreadable.
    Numbers keep their spelling, so that a damaged one (4.41E+11) is recognised.
    """
    if not chunk.plain:
        message = f"expected at most {LONGEST_ROW} octets, found {chunk.end - chunk.start}"
        row = chunk.first_row
        yield row, RowError(message, code=RejectCode.TOO_LONG, row=row)
        return
    octets = raw.text_octets(raw.read(table.path, chunk.start, chunk.end), table.charset)
    charset = raw.charset_of(table.charset)
    for row, line in enumerate(octets.split(b"\n"), chunk.first_row):
        if line.strip():
            found = _row(line, charset, table.columns)
            if isinstance(found, RowError):
                found.cells = (line[:LONGEST_ROW].decode(charset, "replace").rstrip("\r"),)
                found.at(line=row)
            yield row, found


def _row(line: bytes, charset: str, columns: tuple[str, ...]) -> list[str] | RowError:
    found = _object(line, charset)
    return _cells(found, columns) if isinstance(found, dict) else found


def _object(line: bytes, charset: str) -> _Object | RowError:
    if len(line) > LONGEST_ROW:
        message = f"expected at most {LONGEST_ROW} octets, found {len(line)}"
        return RowError(message, code=RejectCode.TOO_LONG)
    try:
        text = line.decode(charset)
        found = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_with_doubled)
    except UnicodeDecodeError:
        return _unreadable(f"expected {charset} characters, found others")
    except json.JSONDecodeError as error:
        return _unreadable(f"expected JSON, found {error.msg.lower()} at {error.pos + 1}")
    except RecursionError:
        return _unreadable("expected an object, found one that is nested too deep")
    if not isinstance(found, dict):
        return _unreadable(f"expected an object, found {type(found).__name__}")
    return found


class _Doubled:
    """In place of two different values of the same name, of which nobody knows the right one."""


def _with_doubled(pairs: list[tuple[str, object]]) -> _Object:
    found = dict(pairs)
    if len(found) < len(pairs):
        found |= {name: _Doubled() for name, value in pairs if value != found[name]}
    return found


def _unreadable(message: str) -> RowError:
    return RowError(message, code=RejectCode.UNREADABLE)


#: Cells for JSON's own words.
_WORDS: dict[object, str] = {None: "", True: "true", False: "false"}


def _cells(found: _Object, columns: tuple[str, ...]) -> list[str] | RowError:
    cells = []
    for column in columns:
        value = found.get(column, "")
        if isinstance(value, _Doubled):
            return _unreadable(f"expected one value of {listed((column,))}, found several")
        if isinstance(value, dict | list):
            kind = "an object" if isinstance(value, dict) else "a list"
            message = f"expected a text or a number in {listed((column,))}, found {kind}"
            return _unreadable(message)
        cells.append(value if isinstance(value, str) else _WORDS[value])
    return cells
