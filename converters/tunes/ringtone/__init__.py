"""Nokia ringing tones (Smart Messaging, port 5505): a melody to octets and back.

A tone is a list of command parts; a programming part and a sound part make a ringtone. The sound is
a basic song: a title and patterns A..D of at most 255 instructions each (Smart Messaging 2.0.0,
section 3.8). Bits are most significant first, without gaps between instructions.
"""

from converters.tunes.ringtone.codes import (
    DURATIONS,
    HIGHEST,
    LONGEST_TITLE,
    LOWEST,
    TEMPI,
    fold,
    nearest_tempo,
)
from converters.tunes.ringtone.fitting import fit
from converters.tunes.ringtone.reader import decode
from converters.tunes.ringtone.writer import (
    Tone,
    encode,
    encode_exact,
    fitted_tone,
    losses,
)

__all__ = [
    "DURATIONS",
    "HIGHEST",
    "LONGEST_TITLE",
    "LOWEST",
    "TEMPI",
    "Tone",
    "decode",
    "encode",
    "encode_exact",
    "fit",
    "fitted_tone",
    "fold",
    "losses",
    "nearest_tempo",
]
