"""A campaign's bill: a tally with prices, as lines for people and as JSON."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import NamedTuple

from converters.shared.words import counted, shortened
from smsenc.scripts import EMOJI, LATIN, OTHER, script_of
from smsgate.campaign.costs.prices import Prices
from smsgate.campaign.costs.tally import MOST_EXPENSIVE, CostTally

_WIDTH = 80
_MOST_SHOWN = 10
_LONGEST_NAME = 60  # of a character, with its code point


class CountryCost(NamedTuple):
    """The messages to one country; ``price`` and ``cost`` are None if no price is known."""

    country: str
    rows: int
    parts: int
    price: Decimal | None
    cost: Decimal | None


class ExpensiveRow(NamedTuple):
    """One of the most expensive rows."""

    row: int
    country: str
    parts: int
    cost: Decimal | None


class Saving(NamedTuple):
    """What substituting characters would save in rows that nothing else makes Unicode."""

    characters: str
    parts: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """A tally with prices; without prices it counts only parts."""

    tally: CostTally
    prices: Prices | None = None

    def countries(self) -> list[CountryCost]:
        """The cost of each country, the highest first."""
        found = [
            CountryCost(country, rows, parts, self._price(country), self._cost(country, parts))
            for country, (rows, parts) in self.tally.by_country().items()
        ]
        return sorted(found, key=lambda line: (-(line.cost or 0), -line.parts, line.country))

    @property
    def total(self) -> Decimal:
        """The cost of all parts that have a price."""
        return sum((line.cost for line in self.countries() if line.cost is not None), _NOTHING)

    @property
    def unpriced(self) -> int:
        """How many parts have no price."""
        return sum(line.parts for line in self.countries() if line.cost is None)

    def most_expensive(self) -> list[ExpensiveRow]:
        """The most expensive rows; the first ones if others cost the same."""
        found = (
            ExpensiveRow(row, country, parts, self._cost(country, parts))
            for (country, parts), rows in self.tally.rows.items()
            for row in rows
        )
        return nsmallest(MOST_EXPENSIVE, found, key=lambda e: (-(e.cost or 0), -e.parts, e.row))

    def savings(self) -> list[Saving]:
        """What each character or pair of characters would save, the most first."""
        parts: Counter[str] = Counter()
        cost: dict[str, Decimal] = {}
        for (characters, country), saved in self.tally.spared.items():
            parts[characters] += saved
            cost[characters] = cost.get(characters, _NOTHING) + (self._cost(country, saved) or 0)
        found = [Saving(characters, count, cost[characters]) for characters, count in parts.items()]
        return sorted(found, key=lambda saving: (-saving.parts, saving.characters))

    def saved(self) -> tuple[int, Decimal]:
        """Parts that typographic substitutes in all rows would save, and their cost."""
        saved = self.tally.saved
        cost = sum((self._cost(*item) or _NOTHING for item in saved.items()), _NOTHING)
        return saved.total(), cost

    def record(self) -> dict[str, object]:
        """The JSON object of the bill; amounts are texts, so that no program rounds them."""
        parts, cost = self.saved()
        return {
            "rows": self.tally.messages,
            "parts": self.tally.parts,
            "currency": self.prices and self.prices.currency,
            "cost": self.prices and str(self.total),
            "unpriced_parts": self.unpriced if self.prices else None,
            "histogram": {str(n): rows for n, rows in self.tally.histogram().items()},
            "countries": [_as_texts(line) for line in self.countries()],
            "costliest": [_as_texts(row) for row in self.most_expensive()],
            "unicode_rows": self.tally.unicode,
            "blame": dict(sorted(self.tally.blame.items())),
            "savings": [_as_texts(saving) for saving in self.savings()],
            "saved_parts": parts,
            "saved_cost": self.prices and str(cost),
        }

    def lines(self) -> Iterator[str]:
        """The bill for people, in 80 columns."""
        money = f", {self.money(self.total)}" if self.prices else ""
        yield f"{counted(self.tally.messages, 'row')}, {counted(self.tally.parts, 'part')}{money}"
        yield from self._histogram_lines()
        yield from self._country_lines()
        yield from self._expensive_lines()
        yield from self._saving_lines()

    def _histogram_lines(self) -> Iterator[str]:
        found = self.tally.histogram()
        most = max(found.values(), default=0)
        if found:
            yield f"{'parts':>8}{'rows':>14}"
        for parts, rows in found.items():
            yield f"{parts:>8}{rows:>14,}  {'#' * -(-rows * _BAR // most)}"

    def _country_lines(self) -> Iterator[str]:
        lines = self.countries()
        if lines:
            money = f"{'per part':>12}{'cost':>22}" if self.prices else ""
            yield f"{'country':>8}{'rows':>14}{'parts':>14}{money}"
        for country, rows, parts, price, cost in lines:
            money = (
                f"{price:>12f}{self.money(cost):>22}"
                if price is not None and cost is not None
                else ""
            )
            if self.prices and not money:
                money = f"{'no price':>12}"
            yield f"{country:>8}{rows:>14,}{parts:>14,}{money}"
        if self.prices and self.unpriced:
            yield f"no price for {counted(self.unpriced, 'part')}: not in the cost"

    def _expensive_lines(self) -> Iterator[str]:
        if self._costs_differ():
            yield "most expensive rows"
            for row, country, parts, cost in self.most_expensive():
                money = "" if cost is None else f", {self.money(cost)}"
                yield f"  row {row}: {counted(parts, 'part')} to {country}{money}"

    def _costs_differ(self) -> bool:
        """Whether a row costs more than another."""
        keys = self.tally.counts
        return len({self._cost(*key) if self.prices else key[1] for key in keys}) > 1

    def _saving_lines(self) -> Iterator[str]:
        if self.tally.unicode:
            yield f"{counted(self.tally.unicode, 'row')} in Unicode because of"
        yield from _blame_lines(self.tally.blame)
        for characters, parts, cost in self.savings()[:_MOST_SHOWN]:
            names = " and ".join(f"U+{ord(character):04X}" for character in characters)
            yield f"  substituting {names} would save {self._parts_and_cost(parts, cost)}"
        parts, cost = self.saved()
        if parts:
            yield "  typographic substitutes in all rows would save"
            yield f"    {self._parts_and_cost(parts, cost)}"

    def _parts_and_cost(self, parts: int, cost: Decimal) -> str:
        return counted(parts, "part") + (f", {self.money(cost)}" if self.prices else "")

    def _price(self, country: str) -> Decimal | None:
        return self.prices.of(country) if self.prices else None

    def _cost(self, country: str, parts: int) -> Decimal | None:
        price = self._price(country)
        return None if price is None else price * parts

    def money(self, cost: Decimal) -> str:
        """An amount with at least two decimal places and the currency."""
        exponent = cost.normalize().as_tuple().exponent
        places = max(2, -exponent) if isinstance(exponent, int) else 2
        return f"{cost:,.{places}f} {self.prices.currency if self.prices else ''}"


_NOTHING = Decimal(0)
_BAR = _WIDTH - 24


def _as_texts(line: NamedTuple) -> dict[str, object]:
    fields = line._asdict()
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in fields.items()}


def _blame_lines(blame: Mapping[str, int]) -> Iterator[str]:
    """What makes rows Unicode: a line for each character, and one for the letters of a script."""
    groups: dict[str, list[str]] = {}
    for character in sorted(blame, key=lambda one: (-blame[one], one)):
        script = script_of(character) if character else OTHER
        alone = script in {LATIN, EMOJI, OTHER}
        groups.setdefault(character if alone else script, []).append(character)
    lines = [_blamed(script, found, blame[found[0]]) for script, found in groups.items()]
    yield from lines[:_MOST_SHOWN]
    if more := sum(map(len, list(groups.values())[_MOST_SHOWN:])):
        yield f"  and {counted(more, 'other character')}"


def _blamed(script: str, characters: list[str], most: int) -> str:
    """A line for a character, or for several of a script, each of which is in ``most`` rows."""
    if len(characters) > 1:
        found = counted(len(characters), f"{script} character")
        return f"  {found}: at most {counted(most, 'row')} each"
    (character,) = characters
    name = shortened(named(character), _LONGEST_NAME) if character else "other characters"
    return f"  {name}: {counted(most, 'row')}"


def named(character: str) -> str:
    """``U+2019 RIGHT SINGLE QUOTATION MARK``, which every terminal can show."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
