"""Keys of sent messages, made from number and content: they show which rows were sent before.

A key is 64 bits of BLAKE2b. The chance that two of a million different messages have the same key,
so that the second is taken for a duplicate, is one in 37 million.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TypeAlias

#: Octets of a key.
SIZE = 8
#: 2**28 bits: with a million keys, one look-up in 270 finds a bit that another key has set.
_BITS = 28
_MASKS = tuple(1 << n for n in range(8))

#: Separates messages; no number and no content contains it.
_SEPARATOR = "\x1e"
_SEPARATOR_OCTET = _SEPARATOR.encode()

Keys: TypeAlias = "array[int]"


def keys_of(contents: Sequence[str]) -> bytes:
    """The keys of messages, each given as number and content, one after another."""
    encoded = _SEPARATOR.join(contents).encode("utf-8", "surrogatepass")
    return b"".join(map(_key, encoded.split(_SEPARATOR_OCTET))) if contents else b""


#: A copy of it takes less time than a new hash.
_NEW = blake2b(digest_size=SIZE)


def _key(octets: bytes) -> bytes:
    hashed = _NEW.copy()
    hashed.update(octets)
    return hashed.digest()


def unpacked(octets: bytes) -> Keys:
    """Keys as numbers, from octets in big-endian order."""
    keys = array("Q", octets)
    if sys.byteorder == "little":
        keys.byteswap()
    return keys


def packed(keys: Iterable[int]) -> bytes:
    """Sorted keys as octets: the inverse of ``unpacked``."""
    ordered = array("Q", sorted(keys))
    if sys.byteorder == "little":
        ordered.byteswap()
    return ordered.tobytes()


class Seen:
    """The keys of earlier chunks, in memory that does not grow with their number.

    A bit that is not set says that a key is new. A bit that is set says that it may be known; then
    the sorted keys of all chunks, which ``stored`` returns, are searched.
    """

    def __init__(self, stored: Callable[[], Iterator[Keys]]) -> None:
        self._bits = bytearray(1 << _BITS - 3)
        self._stored = stored

    def add(self, keys: Iterable[int]) -> list[int]:
        """Mark keys; returns those that may have been marked before."""
        bits, masks, shift = self._bits, _MASKS, 8 * SIZE + 3 - _BITS
        perhaps = []
        for key in keys:
            index, mask = key >> shift, masks[key & 7]
            found = bits[index]
            if found & mask:
                perhaps.append(key)
            else:
                bits[index] = found | mask
        return perhaps

    def known(self, keys: Iterable[int]) -> frozenset[int]:
        """Mark keys; returns those that earlier chunks have."""
        perhaps = self.add(keys)
        if not perhaps:
            return frozenset()
        return frozenset(key for chunk in self._stored() for key in perhaps if _is_in(key, chunk))


def _is_in(key: int, ordered: Keys) -> bool:
    index = bisect_left(ordered, key)
    return index < len(ordered) and ordered[index] == key
