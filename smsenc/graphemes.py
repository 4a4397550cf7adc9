"""Where text may be cut: between grapheme clusters (Unicode Annex 29), never inside one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# UTF-16 units between any two of which a cut is allowed: no rule for marks, joiners or syllables
# applies to them. Most texts have no others, and need no search for clusters.
_PLAIN_RANGES = (
    (0x0020, 0x02FF),  # Latin
    (0x0370, 0x0482),  # Greek, Cyrillic
    (0x048A, 0x058F),  # Cyrillic, Armenian
    (0x2010, 0x2027),  # punctuation
    (0x20A0, 0x20CF),  # currency
    (0x3041, 0x3096),  # kana
    (0x30A1, 0x30FA),
    (0x4E00, 0x9FFF),  # ideographs
    (0xAC00, 0xD7A3),  # Hangul syllables
)
_FLAGS = bytearray(0x10000)
for _first, _last in _PLAIN_RANGES:
    _FLAGS[_first : _last + 1] = b"\1" * (_last + 1 - _first)
# By the two octets of the unit, because data have octets.
_PLAIN = [bytes(_FLAGS[_high << 8 : _high + 1 << 8]) for _high in range(0x100)]


def cut_units(data: bytes, room: int) -> list[int]:
    """The ends of parts of at most ``room`` octets of UTF-16 ``data``.

    A cluster that is longer than a part is cut, but never a surrogate pair.
    """
    plain, ends = _PLAIN, []
    last = len(data) - room
    end = 0
    while end < last:
        start, end = end, end + room
        if not (plain[data[end]][data[end + 1]] and plain[data[end - 2]][data[end - 1]]):
            end = _cut_cluster(data, start, end)
        ends.append(end)
    ends.append(len(data))
    return ends


def _cut_cluster(data: bytes, start: int, end: int) -> int:
    """The last boundary up to ``end``, looked for from near the end to the start of the part.

    The end of a cluster does not depend on what is before a plain unit in it, so that the search
    may begin at any of those. Most words are shorter than a part.
    """
    near = end
    while near > start:
        near -= 2
        if near == start or _PLAIN[data[near]][data[near + 1]]:
            # Whether the end is a boundary depends on one more character.
            text = data[near : end + 4].decode("utf-16-be", "surrogatepass")
            sizes = (4 if character > "\uffff" else 2 for character in text)
            if best := _last_boundary(text, list(accumulate(sizes, initial=near)), end):
                return best
    return end - 2 if 0xD8 <= data[end - 2] < 0xDC else end


def cut_characters(text: str, places: list[int], room: int) -> list[int]:
    """As ``cut_units``, for a text whose character ``n`` begins at ``places[n]``."""
    ends, first = [], 0
    while places[-1] - places[first] > room:
        end = places[first] + room
        last = bisect_right(places, end, first)
        best = _last_boundary(text[first : last + 1], places[first : last + 2], end)
        ends.append(best or places[last - 1])
        first = bisect_left(places, ends[-1], first)
    return [*ends, places[-1]]


def _last_boundary(text: str, places: list[int], end: int) -> int:
    """The end of the last complete cluster up to ``end``; 0 if not even the first one fits."""
    best = 0
    for cluster in _cluster().finditer(text):
        place = places[cluster.end()]
        if place > end:
            break
        best = place
    return best


@cache
def _cluster() -> regex.Pattern[str]:
    import regex  # noqa: PLC0415 - few texts need it

    return regex.compile(r"\X")
