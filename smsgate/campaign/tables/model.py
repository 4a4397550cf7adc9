"""Tables of recipients, their chunks and rows, and which column holds the number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from converters.shared.words import quoted
from smsenc import OptionError, SmsencError
from smsenc.cleanup import clean_text
from smsenc.messagefile.folding import folded

#: Names of the column with the number, best first; compared without case.
NUMBER_COLUMNS = (
    *("to", "phone", "mobile", "number", "msisdn", "tel", "cell", "cellphone", "telephone"),
    *("phone number", "phone_number", "phonenumber", "mobile number", "mobile_number"),
    *("mobile phone", "recipient", "handy", "telefon", "gsm"),
)
#: What ``--column`` calls the column with the number.
TO = "to"
#: Names of columns in which lists note who has opted out, without spaces and signs.
_OPT_OUT_COLUMNS = (
    *("optout", "optedout", "unsubscribe", "unsubscribed", "stop", "stopped", "abgemeldet"),
    *("donotcontact", "donottext", "donotsend", "dnc", "nosms", "notexts"),
    *("suppressed", "suppression", "blacklist", "blacklisted", "blocked"),
)
MOST_COLUMNS = 1000
#: Octets; no row that becomes a message of 35 parts is longer.
LONGEST_ROW = 64 * 1024


class RejectCode(StrEnum):
    """Why a row is not sent, in one word, as files of rejected rows and journals hold it."""

    # The row or a cell cannot be read.
    ROW = "row"
    CELLS = "cells"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    CONTROL_CHARACTER = "control-character"
    FIELD_MARK = "field-mark"
    VALUE = "value"
    # The number.
    NO_NUMBER = "no-number"
    SPREADSHEET = "spreadsheet"
    LETTERS = "letters"
    CHARACTERS = "characters"
    COUNTRY = "country"
    EXTENSION = "extension"
    TWO_NUMBERS = "two-numbers"
    INVALID = "invalid"
    TOO_SHORT = "too-short"
    # The number, the row or the text.
    TOO_LONG = "too-long"
    # The message.
    ATTACHMENT = "attachment"
    MAX_PARTS = "max-parts"


class RowError(SmsencError):
    """A row that is not sent: why (``code``), with its cells as they were read.

    ``line`` is the row as a person counts (the header is row 1), ``name`` the column.
    """

    def __init__(
        self,
        message: str,
        *,
        code: RejectCode = RejectCode.ROW,
        row: int | None = None,
        column: str | None = None,
        cells: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, line=row, name=column)
        self.code = code
        self.cells = cells


def wrong_width(cells: Sequence[str], width: int, row: int) -> RowError:
    """The error of a row with more or fewer cells than the table has columns."""
    message = f"expected {width} cells, found {len(cells)}"
    return RowError(message, code=RejectCode.CELLS, row=row, cells=tuple(cells))


#: What a row without content may have besides cells: delimiters of another table, and quotes.
_NO_CONTENT = " ,;|:'\"\t\n"


def is_blank(cells: Sequence[str]) -> bool:
    """Whether no cell of a row has anything in it that can be seen; False for no cells at all."""
    return bool(cells) and not any(folded(cell).strip(_NO_CONTENT) for cell in cells)


#: A row's number with its cells, one for each column, or with the reason why it has none.
Row: TypeAlias = tuple[int, "list[str] | RowError"]


def one_by_one(
    content: Callable[[Sequence[str]], Sequence[str]], columns: Sequence[list[str]]
) -> tuple[list[tuple[str, ...]], dict[int, RowError]]:
    """What ``content`` returns for each row of a table's columns, and its errors by index."""
    found: list[tuple[str, ...]] = []
    errors: dict[int, RowError] = {}
    for index, cells in enumerate(zip(*columns, strict=True)):
        try:
            found.append(tuple(content(cells)))
        except RowError as error:
            errors[index] = error
            found.append(())
    return found, errors


class TableKind(StrEnum):
    """The kinds of table files."""

    XLSX = "xlsx"
    VCF = "vcf"
    JSON_LINES = "json lines"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that was opened: where its rows begin and how to read them. It can be pickled.

    ``to`` is the index of the column with the number; ``aliases`` are names that the user gave to
    columns, with their indices; ``notes`` tell the user what was detected. ``start`` is the octet
    and ``first_row`` the number of the first row after the header. Of a spreadsheet, ``sheet`` is
    the name of the sheet, and ``bare`` are columns whose cells are read without number formats.
    """

    path: str
    kind: TableKind
    columns: tuple[str, ...]
    to: int
    aliases: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    charset: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    start: int = 0
    first_row: int = 1
    sheet: str | None = None
    bare: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Consecutive rows: octets ``start`` to ``end`` of the file, or the rows themselves.

    ``count`` is how many rows of the file it holds, empty ones included. ``plain`` says that the
    fast reader can read all of it. ``unformatted`` are columns of a spreadsheet with those number
    formats of their cells that were not applied.
    """

    number: int
    first_row: int
    count: int
    start: int = 0
    end: int = 0
    plain: bool = True
    rows: tuple[Row, ...] = field(default=(), repr=False)
    unformatted: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the user said about a table: columns by their role, charset, delimiter and sheet."""

    columns: tuple[tuple[str, str], ...] = ()
    charset: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def roles(
    columns: tuple[str, ...], options: TableOptions
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Index of the column with the number, and the names that the user gave to other columns.

    Raises OptionError, which lists the columns, if there is no such column or more than one.
    """
    named = {role: _index(columns, name, f"--column {role}") for role, name in options.columns}
    to = named.pop(TO, None)
    return _guessed(columns) if to is None else to, tuple(named.items())


def _index(columns: tuple[str, ...], name: str, option: str) -> int:
    found = indices(columns, name)
    if len(found) > 1:
        raise OptionError(ambiguous(len(found), name), name=option)
    if not found:
        expected = f"expected a column of the table ({listed(columns)})"
        raise OptionError(f"{expected}, found {name!r}", name=option)
    return found[0]


def ambiguous(count: int, name: str) -> str:
    """What is wrong with a name that ``count`` columns have."""
    number = {2: "two", 3: "three"}.get(count, str(count))
    return f"{number} columns are called {name!r}: rename those that are not meant"


def indices(columns: tuple[str, ...], name: str) -> list[int]:
    """Indices of the columns with that name: in the same case if there are any, else in any."""
    exact = [n for n, column in enumerate(columns) if column == name]
    return exact or _alike(columns, name)


def _alike(columns: tuple[str, ...], name: str) -> list[int]:
    """Indices of the columns with that name, in any case, with any spaces and invisible marks."""
    wanted = _plain(name)
    return [n for n, column in enumerate(columns) if _plain(column) == wanted]


def _plain(name: str) -> str:
    return " ".join(clean_text(name).text.split()).casefold()


def opt_out_columns(columns: Iterable[str]) -> list[str]:
    """The columns that seem to say who has opted out."""
    return [
        name
        for name in columns
        if "".join(filter(str.isalnum, name)).casefold() in _OPT_OUT_COLUMNS
    ]


def _guessed(columns: tuple[str, ...]) -> int:
    for name in NUMBER_COLUMNS:
        found = _alike(columns, name)
        if len(found) > 1:
            raise OptionError(ambiguous(len(found), name), name="--column to")
        if found:
            return found[0]
    expected = ", ".join(NUMBER_COLUMNS[:6])
    raise OptionError(
        f"expected a column called {expected} …, found {listed(columns)}", name="--column to"
    )


_MOST_LISTED = 20


def listed(columns: tuple[str, ...]) -> str:
    """Names of columns for an error: the first 20, each shortened."""
    more = f" and {len(columns) - _MOST_LISTED} more" if len(columns) > _MOST_LISTED else ""
    return ", ".join(quoted(column) for column in columns[:_MOST_LISTED]) + more
