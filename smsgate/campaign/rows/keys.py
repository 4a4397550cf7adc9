"""What tells a message that was sent from one that wasn't: a key made from number and content.

A key is 64 bits of BLAKE2b. That two of a million different messages share one, and the second is
taken for a duplicate, has a chance of one in 37 million.
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
#: 2**28 bits: at a million keys one probe in 270 finds a bit that another key has set.
_BITS = 28
_MASKS = tuple(1 << n for n in range(8))

#: Stands in no number and in nothing that is sent.
_BETWEEN = "\x1e"
_BETWEEN_OCTET = _BETWEEN.encode()

Keys: TypeAlias = "array[int]"


def keys_of(contents: Sequence[str]) -> bytes:
    """The keys of numbers with what is sent to them, one behind the other."""
    encoded = _BETWEEN.join(contents).encode("utf-8", "surrogatepass")
    keys = [blake2b(octets, digest_size=SIZE).digest() for octets in encoded.split(_BETWEEN_OCTET)]
    return b"".join(keys) if contents else b""


def unpacked(octets: bytes) -> Keys:
    """Keys that stand one behind the other, in big-endian order, as numbers."""
    keys = array("Q", octets)
    if sys.byteorder == "little":
        keys.byteswap()
    return keys


def packed(keys: Iterable[int]) -> bytes:
    """Sorted keys as octets, what ``unpacked`` reads."""
    ordered = array("Q", sorted(keys))
    if sys.byteorder == "little":
        ordered.byteswap()
    return ordered.tobytes()


class Seen:
    """Which keys of earlier chunks are there, in memory that does not grow with them.

    One bit for each key says "never" for sure and "perhaps" otherwise; only then are the sorted
    keys of the chunks looked through, which ``stored`` gives.
    """

    def __init__(self, stored: Callable[[], Iterator[Keys]]) -> None:
        self._bits = bytearray(1 << _BITS - 3)
        self._stored = stored

    def add(self, keys: Iterable[int]) -> list[int]:
        """Mark keys; those of them that were perhaps marked before."""
        bits, masks, shift = self._bits, _MASKS, 8 * SIZE + 3 - _BITS
        perhaps = []
        for key in keys:
            place, mask = key >> shift, masks[key & 7]
            found = bits[place]
            if found & mask:
                perhaps.append(key)
            else:
                bits[place] = found | mask
        return perhaps

    def known(self, keys: Iterable[int]) -> frozenset[int]:
        """Those of ``keys`` that earlier chunks have, and mark all of them."""
        perhaps = self.add(keys)
        if not perhaps:
            return frozenset()
        return frozenset(key for chunk in self._stored() for key in perhaps if _among(key, chunk))


def _among(key: int, ordered: Keys) -> bool:
    place = bisect_left(ordered, key)
    return place < len(ordered) and ordered[place] == key
