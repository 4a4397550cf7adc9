"""Opt-out lists: numbers that must not receive messages, stored in eight octets each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from converters.errors import SourceError
from converters.shared import charsets
from smsenc import SmsencError
from smsenc.messagefile.folding import folded
from smsenc.messagefile.parameters import lines_of
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.tables import notables
from smsgate.campaign.tables.model import NUMBER_COLUMNS, RejectCode, RowError
from smsgate.outbox.reading import read_file

MOST_OCTETS = 256 * 2**20
_EXPECTED = "expected a list of numbers (a text file or CSV)"
_ZIP = b"PK\x03\x04"
MOST_NUMBERS = 10_000_000
#: Lines without a number; a file with more is no list of numbers.
MOST_ERRORS = 1_000


@dataclass(frozen=True, slots=True)
class OptOut:
    """A sorted set of numbers; ``digits in opt_out`` says whether it has one."""

    numbers: array[int] = field(default_factory=lambda: array("Q"), repr=False)

    def __contains__(self, digits: str) -> bool:
        number = int(digits)
        index = bisect_left(self.numbers, number)
        return index < len(self.numbers) and self.numbers[index] == number

    def __len__(self) -> int:
        return len(self.numbers)


def read_optout(path: str, numbers: Numbers) -> tuple[OptOut, tuple[RowError, ...]]:
    """The numbers in a file with a number on each line, and the errors of lines without one.

    Empty lines and lines that begin with ``#`` are skipped, and so are a first line that names the
    column, as in a list that the gateway writes, and everything after a comma, semicolon or tab,
    unless that is a number too. Raises SourceError for a file that cannot be
    read or is no list: a part of it would not do.
    """
    errors: list[RowError] = []
    try:
        octets = read_file(path, MOST_OCTETS)
        if octets.startswith(_ZIP):
            raise SourceError(f"{_EXPECTED}, found a spreadsheet or another zip archive")
        notables.check(octets, _EXPECTED)
        text, _charset = charsets.decode(octets)
        found = array("Q", _numbers(text, numbers, errors))
    except SmsencError as error:
        raise error.at(source=path) from None
    found = array("Q", (number for number, _same in groupby(sorted(found))))
    return OptOut(found), tuple(error.at(source=path) for error in errors)


def _numbers(text: str, numbers: Numbers, errors: list[RowError]) -> Iterator[int]:
    count = 0
    for line, text_line in enumerate(lines_of(text), 1):
        cell, further = _cells(text_line)
        header = line == 1 and cell.casefold() in NUMBER_COLUMNS
        if cell and not header and not cell.startswith("#"):
            try:
                number = int(numbers(cell))
                if further and _is_number(further, numbers):
                    raise RowError(_TWO, code=RejectCode.TWO_NUMBERS)
                yield number
                count += 1
            except RowError as error:
                errors.append(error.at(line=line))
            if len(errors) > MOST_ERRORS:
                raise SourceError(
                    f"expected a list of numbers, found {len(errors)} lines without one", line=line
                )
            if count > MOST_NUMBERS:
                raise SourceError(f"expected at most {MOST_NUMBERS} numbers, found more", line=line)


_TWO = "expected one number in a line, found another one after it"
_PLUS = ("+", "\uff0b", "00")


def _cells(line: str) -> tuple[str, str]:
    """The cell with the number, and the one after it."""
    if line.isascii() and line.isdigit():
        return line, ""
    if line.strip().startswith(("tel:", "sms:")):
        return line.strip(), ""  # a semicolon is part of it
    cells = [*line.replace(";", ",").replace("\t", ",").split(",", 2), ""]
    return folded(cells[0]).strip('"'), folded(cells[1]).strip('"')


def _is_number(cell: str, numbers: Numbers) -> bool:
    """Whether a further cell is certainly a number, and not a date or an identifier."""
    if not cell.startswith(_PLUS) and sum(map(str.isdecimal, cell)) < _MOST_OF_A_DATE:
        return False
    try:
        numbers(cell)
    except RowError:
        return False
    return True


#: Digits of a number without its country code that is no date (YYYYMMDD).
_MOST_OF_A_DATE = 10
