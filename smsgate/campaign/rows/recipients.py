"""The rows of a chunk that are to be sent: numbers read, opt-outs and duplicates left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import add

from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import keys_of, unpacked
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.optout import OptOut, read_optout
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, RowError

#: Between number and cells; no cell that stays in a row holds it.
UNIT = "\x1f"
#: What of each row makes its message (cells for a template, an attachment's digest), and the errors
#: of rows in which nothing does, by their places.
Content = Callable[[list[list[str]]], tuple[list[tuple[str, ...]], Mapping[int, RowError]]]


@dataclass(slots=True)
class Recipients:
    """Rows in turn, column by column: the quick way through a million of them.

    ``lines`` are number and content with UNIT between; ``keys`` are what the journal knows them by.
    """

    rows: list[int]
    countries: list[str]
    cells: list[list[str]]  # as they came
    contents: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # characters of each number
    rejects: list[Reject] = field(default_factory=list)
    opted_out: int = 0
    keys: array[int] = field(default_factory=lambda: array("Q"))
    repeated: int = 0

    @property
    def read(self) -> int:
        """How many rows of the chunk were looked at."""
        return len(self.rows) + len(self.rejects) + self.opted_out + self.repeated

    def keep(self, places: list[int]) -> None:
        """Leave out all rows but those at ``places``."""
        for name in ("rows", "lines", "sizes", "countries", "cells", "contents"):
            column = getattr(self, name)
            setattr(self, name, [column[n] for n in places])
        self.keys = array("Q", [self.keys[n] for n in places] if self.keys else ())


def recipients(
    campaign: Campaign, chunk: Chunk, content: Content, known: frozenset[int] = frozenset()
) -> Recipients:
    """The rows of a chunk that are sent something, without those whose keys are ``known``."""
    found = _read(campaign, chunk, content)
    subjects = found.lines
    if campaign.unique:
        subjects = [line[:size] for line, size in zip(found.lines, found.sizes, strict=True)]
    found.keys = unpacked(keys_of(subjects))
    if known or len(set(found.keys)) < len(found.keys):
        _drop_known(found, set(known))
    return found


def _drop_known(found: Recipients, seen: set[int]) -> None:
    places = []
    for place, key in enumerate(found.keys):
        if key not in seen:
            seen.add(key)
            places.append(place)
    found.repeated = len(found.keys) - len(places)
    found.keep(places)


def _read(campaign: Campaign, chunk: Chunk, content: Content) -> Recipients:
    # Column by column: what is done to a whole column is done by C.
    found, numbers = _located(campaign, chunk)
    found.contents, errors = content(found.cells)
    found.sizes = list(map(len, numbers))
    found.lines = list(map(UNIT.join, map(add, zip(numbers, strict=True), found.contents)))
    if errors:
        for place, error in errors.items():
            row, cells = found.rows[place], found.cells[place]
            found.rejects.append(_rejected(campaign, row, cells, error))
        found.keep([n for n in range(len(numbers)) if n not in errors])
    return found


def _located(campaign: Campaign, chunk: Chunk) -> tuple[Recipients, list[str]]:
    """Rows whose number was found and who want messages; and those numbers."""
    # One loop that calls nothing but what decides: it runs a million times.
    rows: list[int] = []
    numbers: list[str] = []
    countries: list[str] = []
    kept: list[list[str]] = []
    rejects: list[Reject] = []
    left_out = 0
    opted_out = _opted_out(campaign.opt_out, campaign.region)
    locate = Numbers(campaign.region).locate
    to = campaign.table.to
    for row, cells in kinds.read(campaign.table, chunk):
        try:
            if isinstance(cells, RowError):
                raise cells
            number, country = locate(cells[to])
        except RowError as error:
            rejects.append(_rejected(campaign, row, cells, error))
            continue
        if opted_out and number in opted_out:
            left_out += 1
            continue
        rows.append(row)
        numbers.append(number)
        countries.append(country)
        kept.append(cells)
    found = Recipients(rows=rows, countries=countries, cells=kept)
    found.rejects, found.opted_out = rejects, left_out
    return found, numbers


def _rejected(campaign: Campaign, row: int, cells: list[str] | RowError, error: RowError) -> Reject:
    if isinstance(cells, RowError):
        return Reject(row, error.name or "", error.code, error.message, error.cells)
    column = error.name or campaign.table.columns[campaign.table.to]
    return Reject(row, column, error.code, error.message, tuple(cells))


@lru_cache(maxsize=2)
def _opted_out(path: str | None, region: str | None) -> OptOut | None:
    # What is wrong in that file is said once, by who starts the campaign.
    return None if path is None else read_optout(path, Numbers(region))[0]
