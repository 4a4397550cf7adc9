"""How RTTTL and RTX count octaves, and what dots do to a duration."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

#: What dots multiply a duration by. Of two spellings of one duration the last is written, which has
#: fewer dots.
DOTS: Mapping[str, Fraction] = MappingProxyType(
    {"..": Fraction(7, 4), ".": Fraction(3, 2), "": Fraction(1)}
)


def octave(pitch: int) -> int:
    """The octave as RTX counts it: 4 has A = 440 Hz, MIDI 60..71."""
    return pitch // 12 - 1
