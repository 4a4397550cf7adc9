"""Notes of RTTTL and RTX, one token each: "8c#6.", "16d_e".

note = [duration] ["."] pitch ["#" | "_" | "-" | "b"] ["."] [octave] ["."]
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from converters.errors import SourceError
from converters.shared.words import shortened
from converters.tunes.rtttl.octaves import DOTS

# Semitones over C; h is the German name of b, which only RTX knows.
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_ACCIDENTALS = {"": 0, "#": 1, "_": 1, "-": 1, "b": -1}
# Dots are read in any of three places: "8.c6", "8c.6" and "8c6." are the same.
NOTE = re.compile(
    r"(?P<duration>\d{0,4})(?P<dot1>\.{0,2})(?P<pitch>[a-hp])(?P<accidental>[#b_-]?)"
    r"(?P<dot2>\.{0,2})(?P<octave>\d?)(?P<dot3>\.{0,2})",
    re.ASCII,
)
_LOOSE_SEPARATOR = re.compile(r"[_-]")
_MOST_DIVIDER = 128
#: Characters of a text whose meaning is kept, which bounds the memory.
LONGEST_CACHED = 32

#: Pitch and duration of a note; its other fields come from the settings.
PitchAndDuration = tuple[int | None, Fraction]


def plain(part: str) -> str:
    """In small letters and without spaces."""
    return "".join(part.lower().split())


def short(text: str) -> str:
    """The text in quotes, cut after 20 characters."""
    return repr(shortened(text, 20))


def note(token: str, duration: int, octave: int) -> PitchAndDuration:
    """The note of a token; raises SourceError."""
    match = NOTE.fullmatch(token)
    divider = int(match["duration"] or duration) if match else 0
    dots = match["dot1"] + match["dot2"] + match["dot3"] if match else ""
    if not match or not 1 <= divider <= _MOST_DIVIDER or dots not in DOTS:
        raise SourceError(f"expected a note such as 8c#6, found {short(token)}")
    semitone = _SEMITONES.get(match["pitch"])
    if semitone is None:
        return None, DOTS[dots] / divider
    height = int(match["octave"] or octave)
    pitch = 12 * height + 12 + semitone + _ACCIDENTALS[match["accidental"]]
    return pitch, DOTS[dots] / divider


def is_note(token: str) -> bool:
    """Whether a token is a note as written above, whatever the settings."""
    try:
        note(token, 4, 5)
    except SourceError:
        return False
    return True


def notes(part: str, duration: int, octave: int) -> tuple[PitchAndDuration, ...]:
    """The note of a part, or the notes separated by "_" or "-"; none where it is empty.

    Raises SourceError for anything else, and where a comma between notes may be missing.
    """
    token = plain(part)
    if " " in part.strip() and all(map(is_note, part.lower().split())):
        raise SourceError(f"expected one note, found {short(part.strip())}")
    tokens = [token] if NOTE.fullmatch(token) else _LOOSE_SEPARATOR.split(token)
    return tuple(note(token, duration, octave) for token in tokens if token)


# Tunes are made of the same notes, so that with a cache they take half the time.
_cached = lru_cache(4096)(notes)


def cached_notes(part: str, duration: int, octave: int) -> tuple[PitchAndDuration, ...]:
    """As ``notes``."""
    read = _cached if len(part) <= LONGEST_CACHED else notes
    return read(part, duration, octave)
