"""What a campaign costs, added up row by row, chunk by chunk, in any order of chunks.

A tally holds counts alone: what they cost is looked up when the bill is written.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Any, Self

from smsenc.alphabets import EXTENSION_OF, SEPTET_OF
from smsenc.substitute import TYPOGRAPHIC, Substitute, substitute
from smsgate.campaign.rows.parts import PLAIN, parts_of

MOST_DEAR = 10
#: Stands for all characters that are not counted one by one.
OTHERS = ""
#: Country and parts: rows that cost the same.
Key = tuple[str, int]

_HELPED = frozenset(c for c, written in TYPOGRAPHIC.items() if set(written) <= PLAIN) - PLAIN
#: Those, and what GSM 7-bit has but the file has not: few enough to be counted one by one.
_NAMED = _HELPED | SEPTET_OF.keys() | EXTENSION_OF.keys()
_MOST_TOGETHER = 2


@dataclass(slots=True)
class Tally:
    """Rows by country and parts, and what made some of them Unicode.

    ``counts`` says of each key how many rows there are, ``rows`` which are the first MOST_DEAR.
    ``blame`` counts the rows that a character helped to make Unicode. ``spared`` is how many parts
    fewer rows would take were these characters (one or a pair) replaced, where they are all that is
    to blame, by country; ``saved`` is the same for all rows.
    """

    rows: dict[Key, list[int]] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)
    unicode: int = 0
    blame: Counter[str] = field(default_factory=Counter)
    spared: Counter[tuple[str, str]] = field(default_factory=Counter)
    saved: Counter[str] = field(default_factory=Counter)

    def add(self, row: int, country: str, parts: int) -> None:
        """Count a row of so many parts."""
        key = country, parts
        count = self.counts.get(key, 0)
        self.counts[key] = count + 1
        if count < MOST_DEAR:
            self.rows.setdefault(key, []).append(row)

    def add_unicode(self, row: int, country: str, parts: int, text: str) -> None:
        """Count a row whose text is Unicode, and look for what would spare that."""
        self.add(row, country, parts)
        self.unicode += 1
        offenders = frozenset(text) - PLAIN - {"\r"}
        for character in {c if c in _NAMED else OTHERS for c in offenders}:
            self.blame[character] += 1
        saved = parts - _parts_with_substitutes(text, offenders, parts)
        if saved > 0:
            self.saved[country] += saved
            if len(offenders) <= _MOST_TOGETHER:
                self.spared["".join(sorted(offenders)), country] += saved

    def __iadd__(self, other: Tally) -> Self:
        """Add the counts of another chunk; in whatever order, the sum is the same."""
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
            mine = self.rows.get(key, [])
            self.rows[key] = list(islice(merge(mine, other.rows[key]), MOST_DEAR))
        self.unicode += other.unicode
        self.blame.update(other.blame)
        self.spared.update(other.spared)
        self.saved.update(other.saved)
        return self

    def __add__(self, other: Tally) -> Tally:
        total = Tally()
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
        """How many rows take so many parts."""
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

    def to_json(self) -> dict[str, Any]:
        """The tally as JSON keeps it."""
        return {
            "rows": [
                [country, parts, self.counts[country, parts], rows]
                for (country, parts), rows in sorted(self.rows.items())
            ],
            "unicode": self.unicode,
            "blame": sorted(self.blame.items()),
            "spared": [[*key, parts] for key, parts in sorted(self.spared.items())],
            "saved": sorted(self.saved.items()),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Tally:
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
    """Parts of a text once typographic substitutes stand in it; as many as given where none can."""
    if not offenders <= _HELPED and not any(map(unicodedata.combining, offenders)):
        return parts  # it stays Unicode
    changed, _ = substitute(text, Substitute.TYPOGRAPHIC, PLAIN)
    return parts_of(changed).parts
