"""The rows of a chunk that are to be sent: numbers read, opt-outs and duplicates left out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from converters.campaign import tables
from converters.campaign.job import Campaign
from converters.campaign.keys import keys_of, unpacked
from converters.campaign.numbers import Numbers
from converters.campaign.optout import OptOut, read_optout
from converters.campaign.rejects import Reject
from converters.campaign.shape import Chunk, RowError

#: Between number and cells; no cell that stays in a row holds it.
UNIT = "\x1f"
#: What of a row makes its message: cells for a template, an attachment's digest.
Content = Callable[[list[str]], list[str]]


@dataclass(slots=True)
class Recipients:
    """Rows in turn, column by column: the quick way through a million of them.

    ``lines`` are number and content with UNIT between; ``keys`` are what the journal knows them by.
    """

    rows: list[int]
    lines: list[str]
    sizes: list[int]  # characters of each number
    countries: list[str]
    cells: list[list[str]]  # as they came
    contents: list[list[str]]
    rejects: list[Reject]
    opted_out: int
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
        self.keys = array("Q", [self.keys[n] for n in places])


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
    # One loop that calls nothing but what decides: it runs a million times.
    rejects: list[Reject] = []
    taken: list[_Taken] = []
    take, join = taken.append, UNIT.join
    opted_out = _opted_out(campaign.opt_out, campaign.region)
    left_out = 0
    locate = Numbers(campaign.region).locate
    to = campaign.table.to
    for row, cells in tables.read(campaign.table, chunk):
        try:
            if isinstance(cells, RowError):
                raise cells
            number, country = locate(cells[to])
            if opted_out and number in opted_out:
                left_out += 1
                continue
            sent = content(cells)
        except RowError as error:
            rejects.append(_rejected(campaign, row, cells, error))
            continue
        take((row, join((number, *sent)), len(number), country, cells, sent))
    rows, lines, sizes, countries, kept, contents = _columns(taken)
    return Recipients(rows, lines, sizes, countries, kept, contents, rejects, left_out)


#: Row, line, characters of the number, country, cells, content.
_Taken = tuple[int, str, int, str, list[str], list[str]]


def _columns(taken: list[_Taken]) -> Iterator[list[Any]]:
    return map(list, zip(*taken, strict=True) if taken else ((),) * 6)


def _rejected(campaign: Campaign, row: int, cells: list[str] | RowError, error: RowError) -> Reject:
    if isinstance(cells, RowError):
        return Reject(row, error.name or "", error.code, error.message, error.cells)
    column = error.name or campaign.table.columns[campaign.table.to]
    return Reject(row, column, error.code, error.message, tuple(cells))


@lru_cache(maxsize=2)
def _opted_out(path: str | None, region: str | None) -> OptOut | None:
    # What is wrong in that file is said once, by who starts the campaign.
    return None if path is None else read_optout(path, Numbers(region))[0]
