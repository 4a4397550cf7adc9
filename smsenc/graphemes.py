"""Where text may be cut: between grapheme clusters (Unicode Annex 29), never inside one."""

from __future__ import annotations

from itertools import accumulate

# UTF-16 units between any two of which a cut is allowed, so that most texts need no segmenter:
# letters that no mark, joiner or syllable rule concerns.
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
_PLAIN = bytearray(0x10000)
for _first, _last in _PLAIN_RANGES:
    _PLAIN[_first : _last + 1] = b"\1" * (_last + 1 - _first)


def cut_units(data: bytes, start: int, end: int) -> int:
    """The last place up to ``end`` to cut UTF-16 ``data`` whose part begins at ``start``.

    A cluster that is longer than the part is cut all the same, but no surrogate pair is.
    """
    before, after = (int.from_bytes(data[n : n + 2], "big") for n in (end - 2, end))
    if _PLAIN[before] and _PLAIN[after]:
        return end
    # One character behind the place decides whether it is a boundary.
    text = data[start : end + 4].decode("utf-16-be", "surrogatepass")
    sizes = (4 if character > "\uffff" else 2 for character in text)
    ends = [start, *accumulate(sizes, initial=start)][1:]
    return _last_boundary(text, ends, start, end) or (end - 2 if 0xD800 <= before < 0xDC00 else end)


def cut_characters(text: str, ends: list[int], start: int, end: int) -> int:
    """As ``cut_units`` for characters whose ends are known; at least one character is kept."""
    found = _last_boundary(text, ends, start, end)
    return found or max(place for place in ends if place <= end)


def _last_boundary(text: str, ends: list[int], start: int, end: int) -> int:
    """The end of the last whole cluster up to ``end``; 0 when not even the first one fits."""
    import regex  # noqa: PLC0415 - few texts need it

    best = 0
    for cluster in regex.finditer(r"\X", text):
        place = ends[cluster.end()]
        if place > end:
            break
        best = place
    return best if best > start else 0
