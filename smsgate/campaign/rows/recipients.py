"""The rows of a chunk that are sent: numbers read, opt-outs and duplicates left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import add
from typing import TypeVar

from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import Keys, keys_of, unpacked
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.optout import OptOut, read_optout
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, RowError, is_blank

#: Between number and cells in a line; no cell of a row that is sent contains it.
UNIT = "\x1f"
#: From columns, the content of the message of each row (cells for a template, an attachment's
#: digest), and the errors of rows that have none, by the index of the row.
Content = Callable[[list[list[str]]], tuple[Iterable[tuple[str, ...]], Mapping[int, RowError]]]

T = TypeVar("T")


@dataclass(slots=True)
class Recipients:
    """The rows that are sent, as parallel columns: with a million rows, columns are fast.

    ``rows`` are the numbers of rows, ``numbers`` and ``countries`` the recipients', ``columns`` the
    table's as they were read. ``lines`` are number and content with UNIT between them, ``keys``
    what the journal knows them by. The other rows were rejected, have opted out, are blank, or are
    repeated.
    """

    rows: Sequence[int]
    numbers: list[str]
    countries: list[str]
    columns: list[list[str]]
    lines: list[str] = field(default_factory=list)
    keys: Keys = field(default_factory=lambda: array("Q"))
    rejects: list[Reject] = field(default_factory=list)
    opted_out: int = 0
    blank: int = 0
    repeated: int = 0

    @property
    def read(self) -> int:
        """How many rows of the chunk were read."""
        return len(self.rows) + len(self.rejects) + self.opted_out + self.blank + self.repeated

    def cells(self, index: int) -> tuple[str, ...]:
        """The cells of a row as they were read."""
        return tuple([column[index] for column in self.columns])

    def content(self, index: int) -> tuple[str, ...]:
        """The content of a row's message."""
        return tuple(self.lines[index].split(UNIT)[1:])

    def keep(self, indices: Sequence[int]) -> None:
        """Leave out all rows but those with these indices."""
        self.rows = picked(self.rows, indices)
        self.numbers = picked(self.numbers, indices)
        self.countries = picked(self.countries, indices)
        self.columns = [picked(column, indices) for column in self.columns]
        if self.lines:
            self.lines = picked(self.lines, indices)
            self.keys = array("Q", picked(self.keys, indices))


def picked(column: Sequence[T], indices: Sequence[int]) -> list[T]:
    """The cells of a column at some indices, which are in order."""
    return list(column) if len(indices) == len(column) else [column[n] for n in indices]


def find_recipients(
    campaign: Campaign,
    chunk: Chunk,
    content: Content,
    known: frozenset[int] = frozenset(),
    *,
    opted_out: bool = False,
) -> Recipients:
    """The rows of a chunk that are sent, without those whose keys are ``known``.

    With ``opted_out`` they are those that would be sent if their numbers had not opted out.
    """
    found = _read_numbers(campaign, chunk, only=opted_out)
    _read_contents(campaign, content, found)
    if known or len(frozenset(found.keys)) < len(found.keys):
        _leave_out(set(known), found)
    return found


def _read_numbers(campaign: Campaign, chunk: Chunk, *, only: bool) -> Recipients:
    """The rows that have a number which has not opted out; with ``only``, one which has."""
    read = kinds.read_columns(campaign.table, chunk)
    texts = read.cells[campaign.table.to]
    numbers, countries, errors = Numbers(campaign.region).locate_all(texts)
    found = Recipients(read.rows, numbers, countries, read.cells)
    for row, error in read.errors:
        _leave(found, Reject(row, error.name or "", error.code, error.message, error.cells))
    for index, error in errors.items():
        _leave(found, _rejected(campaign, found, index, error))
    listed = opted_out(campaign)
    if errors or listed:
        keep = [n for n in range(len(texts)) if n not in errors]
        if listed:
            keep = [n for n in keep if (numbers[n] in listed) is only]
        found.opted_out = len(texts) - len(errors) - len(keep)
        found.keep(keep)
    return found


def _leave(found: Recipients, reject: Reject) -> None:
    """Count a row that cannot be read or has no number: as rejected, or as blank."""
    if is_blank(reject.cells):
        found.blank += 1
    else:
        found.rejects.append(reject)


def _read_contents(campaign: Campaign, content: Content, found: Recipients) -> None:
    """Add lines and keys to the rows in ``found``, and leave out those without a content."""
    contents, errors = content(found.columns)
    found.lines = list(map(UNIT.join, map(add, zip(found.numbers, strict=True), contents)))
    found.keys = unpacked(keys_of(found.numbers if campaign.unique else found.lines))
    if errors:
        for index, error in errors.items():
            found.rejects.append(_rejected(campaign, found, index, error))
        found.keep([n for n in range(len(found.lines)) if n not in errors])


def _leave_out(known: set[int], found: Recipients) -> None:
    """Leave out rows whose keys are known or are those of an earlier row."""
    new = []
    for index, key in enumerate(found.keys):
        if key not in known:
            known.add(key)
            new.append(index)
    found.repeated = len(found.keys) - len(new)
    found.keep(new)


def _rejected(campaign: Campaign, found: Recipients, index: int, error: RowError) -> Reject:
    column = error.name or campaign.table.columns[campaign.table.to]
    return Reject(found.rows[index], column, error.code, error.message, found.cells(index))


def opted_out(campaign: Campaign) -> OptOut | None:
    """The numbers that receive nothing; raises SourceError."""
    return _opted_out(campaign.opt_out, campaign.region)


@lru_cache(maxsize=2)
def _opted_out(path: str | None, region: str | None) -> OptOut | None:
    # The process that starts the campaign reports the errors of this file.
    return None if path is None else read_optout(path, Numbers(region))[0]
