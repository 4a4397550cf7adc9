"""The values that iMelody has, as it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from converters.tunes.melody import Style

DEFAULT_OCTAVE = 4
#: Styles S0 to S2.
STYLES = (Style.NATURAL, Style.CONTINUOUS, Style.STACCATO)
#: What each duration specifier multiplies a duration by.
DOTS: Mapping[str, Fraction] = MappingProxyType(
    {"": Fraction(1), ".": Fraction(3, 2), ":": Fraction(7, 4), ";": Fraction(2, 3)}
)
