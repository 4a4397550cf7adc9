"""Notes that are not written as RTTTL but can only mean one thing, written as RTTTL.

Phones' own composers write "8#a4" for "8a#4", German and Dutch tables "cis", and people forget a
comma. A token with two readings, "8c4d" (8c4 and d, or 8c and 4d) or "as" (a flat or a sharp), is
not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from converters.tunes.rtttl.notes import is_note

#: Longer tokens are no notes.
_LONGEST = 2_000
#: "&" is a flat in iMelody, and here until a note is found: "8ba" may be 8b and a.
_OTHER_SIGNS = str.maketrans({"♯": "#", "♭": "&", "_": "#"})
#: Each form and how RTTTL writes it.
_FORMS = (
    # A sign before the letter, as phones' composers and iMelody have it: 8#a4, #8a4, 8.#f2.
    (r"(\d{0,3}\.{0,2})([#&])([a-h])(\.{0,2}\d?\.{0,2})", r"\1\3\2\4"),
    (r"([#])(\d{1,3}\.{0,2})([a-h])(\.{0,2}\d?\.{0,2})", r"\2\3\1\4"),
    # After the octave: 8a4#.
    (r"(\d{0,3}\.{0,2}[a-h])(\d\.{0,2})(#)(\.{0,2})", r"\1\3\2\4"),
    # Behind a dot: 8a.#4.
    (r"(\d{0,3}[a-h])(\.{1,2})(#)(\d?)", r"\1\3\4\2"),
    # German and Dutch names: cis, ges5.
    (r"(\d{0,3}\.{0,2}[cdefgah])is(\.{0,2}\d?\.{0,2})", r"\1#\2"),
    (r"(\d{0,3}\.{0,2}[cdgabh])es(\.{0,2}\d?\.{0,2})", r"\1b\2"),
    # Rests: 8r, and 8- as phones' composers have it.
    (r"(\d{0,3}\.{0,2})r(\.{0,2})", r"\1p\2"),
    (r"(\d{1,3}\.{0,2})-", r"\1p"),
    # The dot before the duration: .8c.
    (r"(\.{1,2})(\d{1,3})([a-hp][#b]?\d?)", r"\2\1\3"),
    # The octave in a bracket, or after a sign that other formats have: c(5), c/5, c*5.
    (r"(\d{0,3}\.{0,2}[a-h][#b]?)(?:\((\d)\)|[/*](\d))(\.{0,2})", r"\1\2\3\4"),
)
_PATTERNS = tuple((re.compile(pattern, re.ASCII), written) for pattern, written in _FORMS)

# A missing comma: notes one after the other, with the durations and octaves that RTTTL has, for
# otherwise "8c516d" could be read in several ways.
_GLUED = re.compile(r"(?:1|2|4|8|16|32|64)?\.?[a-hp]", re.ASCII)
_SIGN = re.compile(r"[#b]?")
_OCTAVE = re.compile(r"\.?[4-7]?\.?")


def rewritten(part: str) -> tuple[str, ...]:
    """The notes of a part as RTTTL writes them; none where it has no reading, or several."""
    if len(part) > _LONGEST:
        return ()
    pieces = part.lower().translate(_OTHER_SIGNS).split()
    if len(pieces) > 1:
        each = [_one(piece) for piece in pieces]
        if all(each):
            return tuple(token for token in each if token)
    token = "".join(pieces)
    one = _one(token)
    return (one,) if one else _separated(token)


def _one(token: str) -> str | None:
    """One note as RTTTL writes it."""
    if is_note(plainly := token.replace("&", "b")):
        return plainly
    found = {
        pattern.sub(written, token).replace("&", "b")
        for pattern, written in _PATTERNS
        if pattern.fullmatch(token)
    }
    return found.pop() if len(found) == 1 and all(map(is_note, found)) else None


def _separated(token: str) -> tuple[str, ...]:
    """The only way in which a token is several notes without a comma between them."""
    #: By offset: how often it can be reached, and from where.
    ways: dict[int, tuple[int, int]] = {0: (1, 0)}
    for start in range(len(token)):
        if start not in ways:
            continue
        for end in _ends(token, start):
            count = ways[start][0] + (ways[end][0] if end in ways else 0)
            ways[end] = (min(count, 2), start)
    if ways.get(len(token), (0, 0))[0] != 1:
        return ()
    found, end = [], len(token)
    while end:
        start = ways[end][1]
        found.append(token[start:end])
        end = start
    return tuple(reversed(found))


def _ends(token: str, start: int) -> Iterator[int]:
    """Where a note that starts at an offset can end."""
    match = _GLUED.match(token, start)
    if not match:
        return
    letter = match.end()
    signed = _end(_SIGN, token, letter)
    for end in {letter, signed}:
        yield from range(end, _end(_OCTAVE, token, end) + 1)


def _end(pattern: re.Pattern[str], token: str, at: int) -> int:
    """Where a pattern that matches anything ends."""
    match = pattern.match(token, at)
    return match.end() if match else at
