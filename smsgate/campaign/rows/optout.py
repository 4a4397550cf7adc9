"""Opt-out lists: numbers that must not receive messages, stored in eight octets each."""

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

#: Octets of a list: about ten million numbers.
MOST_OCTETS = 256 * 2**20


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

    Empty lines and lines that begin with ``#`` are skipped, and so is everything after a comma,
    semicolon or tab. Raises SourceError for a file that cannot be read.
    """
    try:
        text, _charset = charsets.decode(read_file(path, MOST_OCTETS))
    except SmsencError as error:
        raise error.at(source=path) from None
    errors: list[RowError] = []
    found = array("Q", sorted(set(_numbers(text, numbers, errors))))
    return OptOut(found), tuple(error.at(source=path) for error in errors)


def _numbers(text: str, numbers: Numbers, errors: list[RowError]) -> Iterator[int]:
    for line, text_line in enumerate(text.split("\n"), 1):
        cell = text_line.replace(";", ",").replace("\t", ",").partition(",")[0].strip().strip('"')
        if cell and not cell.startswith("#"):
            try:
                yield int(numbers(cell))
            except RowError as error:
                errors.append(error.at(line=line))
