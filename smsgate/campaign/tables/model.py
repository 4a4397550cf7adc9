"""What tables of recipients are between the room that reads them and those that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from smsenc import OptionError, SmsencError

#: Names of the column with the number, best first; compared without case.
NUMBER_COLUMNS = (
    *("to", "phone", "mobile", "number", "msisdn", "tel", "cell", "cellphone", "telephone"),
    *("phone number", "phone_number", "phonenumber", "mobile number", "mobile_number"),
    *("mobile phone", "recipient", "handy", "telefon", "gsm"),
)
#: What ``--column`` calls the column of the number.
TO = "to"
MOST_COLUMNS = 1000
#: Octets; no row that becomes a message of 35 parts is longer.
LONGEST_ROW = 64 * 1024


class RowError(SmsencError):
    """A row that is left out: why in one word (``code``), with its cells as they came.

    ``line`` is the row as a person counts (the header is row 1), ``name`` the column.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "row",
        row: int | None = None,
        column: str | None = None,
        cells: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, line=row, name=column)
        self.code = code
        self.cells = cells


#: A row's number and its cells, one a column; or why it has none.
Row = tuple[int, list[str] | RowError]


def one_by_one(
    content: Callable[[list[str]], Sequence[str]], rows: Iterable[list[str]]
) -> tuple[list[tuple[str, ...]], dict[int, RowError]]:
    """What ``content`` makes of each row, and by their places the errors of those it refuses."""
    found: list[tuple[str, ...]] = []
    errors: dict[int, RowError] = {}
    for place, cells in enumerate(rows):
        try:
            found.append(tuple(content(cells)))
        except RowError as error:
            errors[place] = error
            found.append(())
    return found, errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that was opened: where its rows begin, and how to read them. It can be pickled.

    ``to`` is the index of the column with the number; ``aliases`` are further names of columns,
    given by the user; ``notes`` tell people what was found out. ``start`` is the octet and
    ``first_row`` the number of the first row behind the header.
    """

    path: str
    kind: str
    columns: tuple[str, ...]
    to: int
    aliases: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    charset: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    start: int = 0
    first_row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows in turn: octets ``start`` to ``end`` of the file, or the rows themselves.

    ``count`` is how many rows of the file it holds, blank ones among them. ``plain`` says that
    nothing in it needs care, so that the quick way reads it.
    """

    number: int
    first_row: int
    count: int
    start: int = 0
    end: int = 0
    plain: bool = True
    rows: tuple[Row, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user said of a table: names of columns by their role, charset and delimiter."""

    columns: tuple[tuple[str, str], ...] = ()
    charset: str | None = None
    delimiter: str | None = None


def roles(columns: tuple[str, ...], wanted: Wanted) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Index of the column with the number, and the other names that the user gave to columns.

    Raises OptionError, which lists the columns, where there is no such column or more than one.
    """
    named = {role: _index(columns, name, f"--column {role}") for role, name in wanted.columns}
    to = named.pop(TO, None)
    return _guessed(columns) if to is None else to, tuple(named.items())


def _index(columns: tuple[str, ...], name: str, option: str) -> int:
    found = places(columns, name)
    if len(found) != 1:
        many = "one column" if found else "a column of the table"
        raise OptionError(f"expected {many} ({listed(columns)}), found {name!r}", name=option)
    return found[0]


def places(columns: tuple[str, ...], name: str) -> list[int]:
    """Where a column of that name stands: as it is spelt, else without regard to case."""
    exact = [n for n, column in enumerate(columns) if column == name]
    folded = name.strip().casefold()
    return exact or [n for n, column in enumerate(columns) if column.casefold() == folded]


def _guessed(columns: tuple[str, ...]) -> int:
    for name in NUMBER_COLUMNS:
        if places(columns, name):
            return _index(columns, name, "--column to")
    expected = ", ".join(NUMBER_COLUMNS[:6])
    raise OptionError(
        f"expected a column called {expected} …, found {listed(columns)}", name="--column to"
    )


_MOST_LISTED = 20


def listed(columns: tuple[str, ...]) -> str:
    """The names of columns for an error: the first of them, each short."""
    more = f" and {len(columns) - _MOST_LISTED} more" if len(columns) > _MOST_LISTED else ""
    return ", ".join(repr(column[:40]) for column in columns[:_MOST_LISTED]) + more
