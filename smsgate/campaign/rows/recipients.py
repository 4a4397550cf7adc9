"""The rows of a chunk that are sent: numbers read, opt-outs and duplicates left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
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
#: The content of the message of each row (cells for a template, an attachment's digest), and the
#: errors of rows that have none, by the index of the row.
Content = Callable[[list[list[str]]], tuple[list[tuple[str, ...]], Mapping[int, RowError]]]

T = TypeVar("T")


@dataclass(slots=True)
class Recipients:
    """The rows that are sent, as parallel columns: with a million rows, columns are fast.

    ``rows`` are the numbers of rows, ``numbers`` and ``countries`` the recipients', ``cells`` the
    cells as they were read. ``lines`` are number and content with UNIT between them, ``keys`` what
    the journal knows them by. The other rows were rejected, have opted out, are blank, or are
    repeated.
    """

    rows: list[int] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    contents: list[tuple[str, ...]] = field(default_factory=list)
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

    def keep(self, indices: list[int]) -> None:
        """Leave out all rows but those with these indices."""
        self.rows = _picked(self.rows, indices)
        self.numbers = _picked(self.numbers, indices)
        self.countries = _picked(self.countries, indices)
        self.cells = _picked(self.cells, indices)
        self.contents = _picked(self.contents, indices)
        self.lines = _picked(self.lines, indices)
        self.keys = array("Q", [self.keys[n] for n in indices])


def _picked(column: list[T], indices: list[int]) -> list[T]:
    return [column[n] for n in indices]


def find_recipients(
    campaign: Campaign, chunk: Chunk, content: Content, known: frozenset[int] = frozenset()
) -> Recipients:
    """The rows of a chunk that are sent, without those whose keys are ``known``."""
    found = Recipients()
    _read_numbers(campaign, chunk, found)
    _read_contents(campaign, content, found)
    if known or len(set(found.keys)) < len(found.keys):
        _leave_out(set(known), found)
    return found


def _read_numbers(campaign: Campaign, chunk: Chunk, found: Recipients) -> None:
    """Fill ``found`` with the rows that have a number which has not opted out."""
    located: list[tuple[int, str, str, list[str]]] = []
    opted_out = _opted_out(campaign.opt_out, campaign.region)
    locate = Numbers(campaign.region).locate
    to = campaign.table.to
    for row, cells in kinds.read(campaign.table, chunk):
        try:
            if isinstance(cells, RowError):
                raise cells
            number, country = locate(cells[to])
        except RowError as error:
            if is_blank(error.cells if isinstance(cells, RowError) else cells):
                found.blank += 1
            else:
                found.rejects.append(_rejected(campaign, row, cells, error))
            continue
        if opted_out and number in opted_out:
            found.opted_out += 1
        else:
            located.append((row, number, country, cells))
    if located:
        columns = map(list, zip(*located, strict=True))
        found.rows, found.numbers, found.countries, found.cells = columns


def _read_contents(campaign: Campaign, content: Content, found: Recipients) -> None:
    """Add contents, lines and keys to the rows in ``found``, and leave out those without any."""
    contents, errors = content(found.cells)
    found.contents = contents
    found.lines = [UNIT.join((n, *c)) for n, c in zip(found.numbers, contents, strict=True)]
    found.keys = unpacked(keys_of(found.numbers if campaign.unique else found.lines))
    if errors:
        for index, error in errors.items():
            row, cells = found.rows[index], found.cells[index]
            found.rejects.append(_rejected(campaign, row, cells, error))
        found.keep([n for n in range(len(contents)) if n not in errors])


def _leave_out(known: set[int], found: Recipients) -> None:
    """Leave out rows whose keys are known or are those of an earlier row."""
    new = []
    for index, key in enumerate(found.keys):
        if key not in known:
            known.add(key)
            new.append(index)
    found.repeated = len(found.keys) - len(new)
    found.keep(new)


def _rejected(campaign: Campaign, row: int, cells: list[str] | RowError, error: RowError) -> Reject:
    if isinstance(cells, RowError):
        return Reject(row, error.name or "", error.code, error.message, error.cells)
    column = error.name or campaign.table.columns[campaign.table.to]
    return Reject(row, column, error.code, error.message, tuple(cells))


@lru_cache(maxsize=2)
def _opted_out(path: str | None, region: str | None) -> OptOut | None:
    # The process that starts the campaign reports the errors of this file.
    return None if path is None else read_optout(path, Numbers(region))[0]
