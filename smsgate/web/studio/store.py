"""What is kept for a while: so many values and octets, the one that was used last the longest."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
_OCTETS_OF_A_KEY = 16


class _Kept(NamedTuple, Generic[T]):
    value: T
    octets: int


class Store(Generic[T]):
    """At most ``most`` values that have ``most_octets`` together, by keys that nobody can guess."""

    def __init__(self, most: int, most_octets: int) -> None:
        self._most, self._most_octets = most, most_octets
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()
        self._octets = 0

    def put(self, value: T, octets: int) -> str:
        """Keep a value, which takes so many octets; returns its key."""
        key = secrets.token_urlsafe(_OCTETS_OF_A_KEY)
        self._kept[key] = _Kept(value, octets)
        self._octets += octets
        while len(self._kept) > 1 and (
            len(self._kept) > self._most or self._octets > self._most_octets
        ):
            _, gone = self._kept.popitem(last=False)
            self._octets -= gone.octets
        return key

    def get(self, key: str) -> T | None:
        """The value of a key; None if it is not kept."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key].value

    def __len__(self) -> int:
        return len(self._kept)
