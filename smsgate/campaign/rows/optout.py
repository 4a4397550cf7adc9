"""Numbers that want no messages: digits as whole numbers, eight octets each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from converters.shared import charsets
from smsenc import SmsencError
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.tables.model import RowError
from smsgate.outbox.reading import read_file

#: Of the file: ten million numbers.
MOST_OCTETS = 256 * 2**20


@dataclass(frozen=True, slots=True)
class OptOut:
    """A sorted set of numbers; ``digits in optout`` asks it."""

    numbers: array[int] = field(default_factory=lambda: array("Q"), repr=False)

    def __contains__(self, digits: str) -> bool:
        number = int(digits)
        place = bisect_left(self.numbers, number)
        return place < len(self.numbers) and self.numbers[place] == number

    def __len__(self) -> int:
        return len(self.numbers)


def read_optout(path: str, numbers: Numbers) -> tuple[OptOut, tuple[RowError, ...]]:
    """The numbers in a file, one a line, and the lines that hold none.

    Empty lines and those that begin with ``#`` are passed over; behind a comma, semicolon or tab
    anything may stand. Raises SourceError for a file that cannot be read.
    """
    try:
        text, _charset = charsets.decode(read_file(path, MOST_OCTETS))
    except SmsencError as error:
        raise error.at(source=path) from None
    errors: list[RowError] = []
    found = array("Q", sorted(set(_numbers(text, numbers, errors))))
    return OptOut(found), tuple(error.at(source=path) for error in errors)


def _numbers(text: str, numbers: Numbers, errors: list[RowError]) -> Iterator[int]:
    for line, written in enumerate(text.split("\n"), 1):
        cell = written.replace(";", ",").replace("\t", ",").partition(",")[0].strip().strip('"')
        if cell and not cell.startswith("#"):
            try:
                yield int(numbers(cell))
            except RowError as error:
                errors.append(error.at(line=line))
