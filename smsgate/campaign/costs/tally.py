"""What a campaign costs, counted in rows and parts; chunks may be added in any order.

Prices are not part of it: the bill looks them up.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Self, TypeAlias, TypedDict

from smsenc.substitute import TYPOGRAPHIC, Substitute, substitute
from smsgate.campaign.rows.parts import GSM_CHARACTERS, cost_of

#: The most expensive rows that a bill lists.
MOST_EXPENSIVE = 10
#: Country and parts, which decide what a row costs.
Key: TypeAlias = tuple[str, int]

_REPLACEABLE = (
    frozenset(c for c, written in TYPOGRAPHIC.items() if set(written) <= GSM_CHARACTERS)
    - GSM_CHARACTERS
)
_MOST_TOGETHER = 2


class TallyRecord(TypedDict):
    """A tally as JSON: lists of country, parts, count, first rows, and lists of key and count."""

    rows: list[tuple[str, int, int, list[int]]]
    unicode: int
    blame: list[tuple[str, int]]
    spared: list[tuple[str, str, int]]
    saved: list[tuple[str, int]]


@dataclass(slots=True)
class CostTally:
    """Rows by country and parts, and the characters that made some of them Unicode.

    ``counts`` are the rows of each key, ``rows`` the first MOST_EXPENSIVE of them. ``unicode`` rows
    are Unicode, and ``blame`` counts in how many of them a character is a cause: Unicode limits its
    size (a journal of an earlier version has "" for most characters). ``spared`` counts,
    by characters and country, the parts that replacing these characters (one or two) would save in
    rows where nothing else is a cause; ``saved`` counts the same for all rows.
    """

    rows: dict[Key, list[int]] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)
    unicode: int = 0
    blame: Counter[str] = field(default_factory=Counter)
    spared: Counter[tuple[str, str]] = field(default_factory=Counter)
    saved: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Iterable[int], keys: Sequence[Key]) -> None:
        """Count rows, each with its country and parts."""
        room: dict[Key, int] = {}
        for key, count in Counter(keys).items():
            first = self.rows.setdefault(key, [])
            room[key] = min(count, MOST_EXPENSIVE - len(first))
            self.counts[key] = self.counts.get(key, 0) + count
        for row, key in zip(rows, keys, strict=True):
            if room[key]:
                room[key] -= 1
                self.rows[key].append(row)
                if not any(room.values()):
                    break

    def add_unicode(self, country: str, parts: int, text: str) -> None:
        """Count why the text of a row is Unicode, and what substitutes would save."""
        self.unicode += 1
        offenders = frozenset(text) - GSM_CHARACTERS - {"\r"}
        self.blame.update(offenders)
        saved = parts - _parts_with_substitutes(text, offenders, parts)
        if saved > 0:
            self.saved[country] += saved
            if len(offenders) <= _MOST_TOGETHER:
                self.spared["".join(sorted(offenders)), country] += saved

    def __iadd__(self, other: CostTally) -> Self:
        """Add the counts of another chunk; the sum is the same in any order."""
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
            mine = self.rows.get(key, [])
            self.rows[key] = list(islice(merge(mine, other.rows[key]), MOST_EXPENSIVE))
        self.unicode += other.unicode
        self.blame.update(other.blame)
        self.spared.update(other.spared)
        self.saved.update(other.saved)
        return self

    def __add__(self, other: CostTally) -> CostTally:
        total = CostTally()
        total += self
        total += other
        return total

    @property
    def messages(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    @property
    def parts(self) -> int:
        """How many parts they take."""
        return sum(count * parts for (_, parts), count in self.counts.items())

    def histogram(self) -> dict[int, int]:
        """How many rows there are, by parts."""
        found: Counter[int] = Counter()
        for (_, parts), count in self.counts.items():
            found[parts] += count
        return dict(sorted(found.items()))

    def by_country(self) -> dict[str, tuple[int, int]]:
        """Rows and parts of each country."""
        found: dict[str, tuple[int, int]] = {}
        for (country, parts), count in sorted(self.counts.items()):
            rows, before = found.get(country, (0, 0))
            found[country] = rows + count, before + count * parts
        return found

    def to_json(self) -> TallyRecord:
        """The tally for a journal."""
        return {
            "rows": [
                (country, parts, self.counts[country, parts], rows)
                for (country, parts), rows in sorted(self.rows.items())
            ],
            "unicode": self.unicode,
            "blame": sorted(self.blame.items()),
            "spared": [(*key, parts) for key, parts in sorted(self.spared.items())],
            "saved": sorted(self.saved.items()),
        }

    @classmethod
    def from_json(cls, record: TallyRecord) -> CostTally:
        """The inverse of ``to_json``."""
        return cls(
            rows={(country, parts): list(rows) for country, parts, _, rows in record["rows"]},
            counts={(country, parts): count for country, parts, count, _ in record["rows"]},
            unicode=record["unicode"],
            blame=Counter(dict(record["blame"])),
            spared=Counter({(c, country): parts for c, country, parts in record["spared"]}),
            saved=Counter(dict(record["saved"])),
        )


def _parts_with_substitutes(text: str, offenders: frozenset[str], parts: int) -> int:
    """Parts of a text with typographic substitutes, or ``parts`` if it stays Unicode."""
    if not offenders <= _REPLACEABLE and not any(map(unicodedata.combining, offenders)):
        return parts
    changed, _ = substitute(text, Substitute.TYPOGRAPHIC, GSM_CHARACTERS)
    return cost_of(changed).parts
