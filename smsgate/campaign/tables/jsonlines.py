"""JSON lines: one object a line, its names the columns (UTF-8, or UTF-16 with its mark)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from converters.errors import SourceError
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.csvtable import lines_in
from smsgate.campaign.tables.model import (
    LONGEST_ROW,
    MOST_COLUMNS,
    Chunk,
    Row,
    RowError,
    Table,
    Wanted,
    listed,
    roles,
)


def open_json_lines(path: str, file: BinaryIO, wanted: Wanted) -> Table:
    """The table in a file of objects; columns are the names in the first 64 KiB of them.

    Raises SourceError where the first line is no object, OptionError for columns it lacks.
    """
    charset, start, notes = raw.told_apart(file, wanted.charset)
    file.seek(start)
    head = raw.text_octets(file.read(raw.HEAD), charset)
    columns = _columns(head, raw.charset_of(charset))
    to, aliases = roles(columns, wanted)
    return Table(
        path=path,
        kind="json lines",
        columns=columns,
        to=to,
        aliases=aliases,
        notes=notes,
        charset=charset,
        start=start,
    )


def _columns(head: bytes, charset: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    lines = head.split(b"\n")
    for row, line in enumerate(lines, 1):
        found = _object(line, charset) if line.strip() else {}
        if isinstance(found, dict):
            names |= dict.fromkeys(found)
        elif not names:
            raise SourceError(found.message, line=row)
    if not names:
        raise SourceError("expected an object with the names of columns, found none", line=1)
    if len(names) > MOST_COLUMNS:
        raise SourceError(f"expected at most {MOST_COLUMNS} columns, found {len(names)}")
    return tuple(names)


def chunks(table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Ranges of the file, of so many lines each."""

    def measure(octets: bytes, most: int, last: bool) -> tuple[int, int, bool]:  # noqa: FBT001 - of a fixed signature
        size, count, _longest = lines_in(octets, b"\n", most, last=last)
        return size, count, True

    row = table.first_row
    found = raw.ranges(file, table.charset, table.start, b"\n", rows, measure)
    for number, (start, end, count, plain) in enumerate(found):
        yield Chunk(number=number, first_row=row, count=count, start=start, end=end, plain=plain)
        row += count


def read(table: Table, chunk: Chunk) -> Iterator[Row]:
    """The rows of a chunk. A name that is missing is an empty cell, an unknown one is passed over.

    Numbers keep their spelling, so that one damaged on its way (4.41E+11) is seen to be.
    """
    if not chunk.plain:
        message = f"expected at most {LONGEST_ROW} octets, found {chunk.end - chunk.start}"
        yield chunk.first_row, RowError(message, code="too-long", row=chunk.first_row)
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


def _object(line: bytes, charset: str) -> dict[str, Any] | RowError:
    if len(line) > LONGEST_ROW:
        message = f"expected at most {LONGEST_ROW} octets, found {len(line)}"
        return RowError(message, code="too-long")
    try:
        found = json.loads(line.decode(charset), parse_int=str, parse_float=str)
    except UnicodeDecodeError:
        return RowError(f"expected {charset} characters, found others", code="unreadable")
    except json.JSONDecodeError as error:
        message = f"expected JSON, found {error.msg.lower()} at {error.pos + 1}"
        return RowError(message, code="unreadable")
    except RecursionError:
        return RowError("expected an object, found too deep a one", code="unreadable")
    if not isinstance(found, dict):
        message = f"expected an object, found {type(found).__name__}"
        return RowError(message, code="unreadable")
    return found


#: JSON's own words.
_WORDS = {None: "", True: "true", False: "false"}


def _cells(found: dict[str, Any], columns: tuple[str, ...]) -> list[str] | RowError:
    cells = [found.get(column, "") for column in columns]
    for column, value in zip(columns, cells, strict=True):
        if isinstance(value, dict | list):
            message = f"expected a text or a number in {listed((column,))}, found {_short(value)}"
            return RowError(message, code="unreadable")
    return [value if isinstance(value, str) else _WORDS[value] for value in cells]


def _short(value: object) -> str:
    return "an object" if isinstance(value, dict) else "a list"
