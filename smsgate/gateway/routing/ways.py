"""The routes that are configured, and in which order a message would go by them.

ways = ways_of(settings.routes)
choice = ways.fitting(features).choice("447700900123")    # None: no route takes it
choice.way, choice.prices                                 # the first route; rising prices
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from typing import NamedTuple

from smsgate.gateway import credits as amounts
from smsgate.gateway.routing.regions import is_within
from smsgate.gateway.settings import ALL_FEATURES, ANY, RouteSettings

#: The bit beside ``FEATURES`` of messages whose replies must come back.
REPLIES = 1 << 20
_MOST = 1024  # combinations that are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route as far as choosing is concerned; ``price`` is in millionths of a credit for a part.

    ``numbers`` are those whose replies come back by it.
    """

    name: str
    price: int = amounts.CREDIT
    features: int = ALL_FEATURES
    prefixes: tuple[str, ...] = ()
    regions: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    weight: int = 1
    after: float = 600.0

    @property
    def is_picky(self) -> bool:
        """Whether it does not take every number."""
        return bool(self.prefixes or self.regions)

    def takes(self, number: str) -> bool:
        """Whether it takes a number, which begins with one of its prefixes or is of a region."""
        return (
            not self.is_picky
            or number.startswith(self.prefixes)
            or (bool(self.regions) and is_within(number, self.regions))
        )

    def gets_replies(self, sender: str) -> bool:
        """Whether replies to that number come back by it."""
        return sender in self.numbers or ANY in self.numbers


class Choice(NamedTuple):
    """The first route for a message, and the prices of all that it could go by, rising."""

    way: str
    prices: tuple[int, ...]


class Fitting:
    """Routes that have what a message needs, by rising price."""

    def __init__(self, ways: Sequence[Way]) -> None:
        self.ways = tuple(ways)
        self._picky = [(1 << place, way) for place, way in enumerate(ways) if way.is_picky]
        self._others = sum(1 << place for place, way in enumerate(ways) if not way.is_picky)
        self._groups: dict[int, tuple[tuple[Way, ...], ...]] = {}
        self._prices: dict[int, tuple[int, ...]] = {}
        #: The choice of all numbers; None if it depends on the number, or there is none.
        self.constant = self._constant()

    def choice(self, number: str) -> Choice | None:
        """What a message to that number begins with; None if no route takes it."""
        mask = self._mask(number)
        groups = self._grouped(mask)
        if not groups:
            return None
        first = groups[0]
        way = first[0] if len(first) == 1 else _drawn(first, number)
        return Choice(way.name, self._prices[mask])

    def _constant(self) -> Choice | None:
        groups = self._grouped(self._others)
        if self._picky or not groups or len(groups[0]) > 1:
            return None
        return Choice(groups[0][0].name, self._prices[self._others])

    def order(self, number: str) -> tuple[Way, ...]:
        """All routes that take a number: by rising price, and among equals by their weight."""
        found: list[Way] = []
        for group in self._grouped(self._mask(number)):
            left = list(group)
            while left:
                found.append(_drawn(left, number))
                left.remove(found[-1])
        return tuple(found)

    def _mask(self, number: str) -> int:
        mask = self._others
        for bit, way in self._picky:
            if way.takes(number):
                mask |= bit
        return mask

    def _grouped(self, mask: int) -> tuple[tuple[Way, ...], ...]:
        """The routes of a mask, those of one price together."""
        if mask not in self._groups:
            ways = [way for place, way in enumerate(self.ways) if mask >> place & 1]
            if len(self._groups) >= _MOST:
                self._groups.clear()
                self._prices.clear()
            groups = groupby(ways, lambda way: way.price)
            self._prices[mask] = tuple(dict.fromkeys(way.price for way in ways))
            self._groups[mask] = tuple(tuple(group) for _, group in groups)
        return self._groups[mask]


@dataclass(frozen=True, slots=True)
class Ways:
    """All routes that are configured, also those that are paused or down."""

    all: tuple[Way, ...] = ()
    _known: dict[tuple[int, str | None], Fitting] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __getitem__(self, name: str) -> Way:
        return next(way for way in self.all if way.name == name)

    def __contains__(self, name: str) -> bool:
        return any(way.name == name for way in self.all)

    def fitting(self, features: int, sender: str | None = None) -> Fitting:
        """Those that have all of these features, and that get replies to ``sender`` if given."""
        key = features, sender
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = Fitting(
                sorted(
                    (
                        way
                        for way in self.all
                        if not features & ~way.features
                        and (sender is None or way.gets_replies(sender))
                    ),
                    key=lambda way: way.price,
                )
            )
        return self._known[key]


def ways_of(routes: Iterable[RouteSettings]) -> Ways:
    """The routes of the settings."""
    return Ways(
        tuple(
            Way(
                name=one.name,
                price=amounts.of(one.price),
                features=one.features,
                prefixes=one.prefixes,
                regions=one.regions,
                numbers=one.numbers,
                weight=one.weight,
                after=one.escalate_after,
            )
            for one in routes
        )
    )


def _drawn(ways: Sequence[Way], number: str) -> Way:
    """One of them by weight; for one number it is always the same.

    So the messages to one phone go by one route, in their order.
    """
    digest = blake2b(number.encode(), digest_size=8).digest()
    point = int.from_bytes(digest) % sum(way.weight for way in ways)
    for way in ways:
        point -= way.weight
        if point < 0:
            return way
    raise AssertionError(point)
