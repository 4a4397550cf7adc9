"""iMelody 1.2: tunes as lines, "MELODY:*5c2#d3.r4(e3f3@2)"."""

from converters.tunes.imelody.reader import parse
from converters.tunes.imelody.writer import losses, write

__all__ = ["losses", "parse", "write"]
