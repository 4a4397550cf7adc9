"""The values that a ringing tone can hold, with their codes (Smart Messaging 2.0.0, 3.8)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from converters.tunes.melody import Style

#: Quarter notes a minute by code (five bits); each is about an eighth more than the one before.
TEMPI = (
    *(25, 28, 31, 35, 40, 45, 50, 56, 63, 70, 80, 90, 100, 112, 125, 140),
    *(160, 180, 200, 225, 250, 285, 320, 355, 400, 450, 500, 565, 635, 715, 800, 900),
)
#: What the duration specifier (two bits) multiplies a duration by: none, dotted, double dotted,
#: triplet.
_SPECIFIERS = (Fraction(1), Fraction(3, 2), Fraction(7, 4), Fraction(2, 3))
#: Durations in whole notes, with their five bits: k of 2^-k in three, the specifier in two.
DURATIONS: Mapping[Fraction, int] = MappingProxyType(
    {factor / 2**k: k << 2 | code for k in range(6) for code, factor in enumerate(_SPECIFIERS)}
)
#: The same bits by numerator and denominator, whose hash takes a tenth of the time of a Fraction's.
#: Whole numbers of 1/384 would be quick as well, but RTTTL writes 1/5 and 1/7 of a whole note too.
DURATION_CODES: Mapping[tuple[int, int], int] = MappingProxyType(
    {duration.as_integer_ratio(): code for duration, code in DURATIONS.items()}
)
STYLES = (Style.NATURAL, Style.CONTINUOUS, Style.STACCATO)  # by code (two bits)

#: MIDI numbers of the four scales of twelve notes: A = 440 Hz is in scale 0.
LOWEST, HIGHEST = 60, 107
PITCHES = frozenset((None, *range(LOWEST, HIGHEST + 1)))  # None is a rest
LONGEST_TITLE = 15  # characters: the length has four bits
MOST_PATTERNS = 4  # the identifier has two bits
MOST_INSTRUCTIONS = 255  # in one pattern: the length has eight bits

# Command parts (seven bits), song types and instructions (three bits each).
CANCEL, SOUND, UNICODE, PROGRAMMING = 0b0000101, 0b0011101, 0b0100010, 0b0100101
BASIC_SONG, TEMPORARY_SONG = 0b001, 0b010
NOTE, SCALE, STYLE, TEMPO, VOLUME = 0b001, 0b010, 0b011, 0b100, 0b101


@lru_cache(1024)
def nearest_tempo(tempo: float) -> int:
    """The one of the 32 tempi whose ratio to ``tempo`` is nearest to 1."""
    return min(TEMPI, key=lambda known: abs(math.log(known / tempo)))


@lru_cache(1024)
def nearest_duration(duration: Fraction) -> Fraction:
    """The one of the 24 durations whose ratio to ``duration`` is nearest to 1."""
    if duration in DURATIONS:
        return duration
    return min(DURATIONS, key=lambda known: max(known / duration, duration / known))


def fold(pitch: int) -> int:
    """The pitch, moved by octaves into the four that a tone has."""
    below, above = max(0, LOWEST - pitch), max(0, pitch - HIGHEST)
    return pitch + 12 * (-(-below // 12)) - 12 * (-(-above // 12))
