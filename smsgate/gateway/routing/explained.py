"""Why a message goes by one route and not by another, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smsenc.messagefile.parameters import FEATURES
from smsgate.gateway import credits as amounts
from smsgate.gateway.routing.regions import region_of
from smsgate.gateway.routing.ways import Way, Ways


class Asked(NamedTuple):
    """A message; ``sender`` is the number to which replies must come back, None for no replies.

    ``most`` is max_credits in millionths of a credit.
    """

    number: str
    features: int = FEATURES["text"]
    parts: int = 1
    escalates: bool = False
    most: int | None = None
    sender: str | None = None


class Explained(NamedTuple):
    """A route: its place in the order of those that the message may go by, 0 if it may not.

    ``cost`` is that of the whole message; ``why`` are the reasons.
    """

    route: str
    place: int
    price: int
    cost: int
    why: tuple[str, ...]


def explain(ways: Ways, asked: Asked, troubles: Mapping[str, str]) -> list[Explained]:
    """All routes, first those that the message may go by; ``troubles`` keep a route from sending.

    Those do not keep a message from waiting for the route: it is moved to another after some time.
    """
    order = ways.fitting(asked.features, asked.sender).order(asked.number)
    first = order[0].price if order else None
    may = [way for way in order if not any(_too_dear(way, asked, first))]
    rest = sorted((way for way in ways.all if way not in may), key=lambda way: way.price)
    found = [
        _one(way, place, asked, (*_first(place), *_trouble(way, troubles)))
        for place, way in enumerate(may, 1)
    ]
    return found + [_one(way, 0, asked, tuple(_against(way, asked, first))) for way in rest]


def _one(way: Way, place: int, asked: Asked, why: tuple[str, ...]) -> Explained:
    return Explained(way.name, place, way.price, asked.parts * way.price, why)


def _first(place: int) -> tuple[str, ...]:
    return ("the message waits for it first",) if place == 1 else ()


def _trouble(way: Way, troubles: Mapping[str, str]) -> tuple[str, ...]:
    return (troubles[way.name],) if troubles.get(way.name) else ()


def _against(way: Way, asked: Asked, first: int | None) -> Iterator[str]:
    """Why a message does not go by a route."""
    lacking = [name for name, bit in FEATURES.items() if asked.features & ~way.features & bit]
    if lacking:
        yield f"it lacks {', '.join(lacking)}"
    if not way.takes(asked.number):
        regions = f"regions {', '.join(sorted(way.regions))}" if way.regions else ""
        prefixes = f"prefixes {', '.join(way.prefixes)}" if way.prefixes else ""
        wanted = " or ".join(filter(None, (prefixes, regions)))
        region = region_of(asked.number) or "no region"
        yield f"it takes {wanted}: the number is of {region}"
    if asked.sender is not None and not way.gets_replies(asked.sender):
        yield "replies to the sender do not come back by it"
    yield from _too_dear(way, asked, first)


def _too_dear(way: Way, asked: Asked, first: int | None) -> Iterator[str]:
    cost = asked.parts * way.price
    if asked.most is not None and cost > asked.most:
        yield f"it costs {amounts.shown(cost)}, more than max_credits {amounts.shown(asked.most)}"
    elif first is not None and not asked.escalates and way.price > first:
        yield "it costs more, and the message does not escalate"
