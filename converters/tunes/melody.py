"""One voice of music: the value between the formats that are read and the tones that are sent.

A note has everything about how it is played, so that any slice of a tune is a tune again and a
writer finds changes by comparing neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

#: Beats a minute when a tune names none (Smart Messaging and RTTTL alike).
DEFAULT_TEMPO = 63
DEFAULT_VOLUME = 7
FOR_EVER = 15  # as the loop of a melody
#: No reader gives more. A few octets of repeats can claim a million, which no phone plays.
MOST_NOTES = 10_000


class Style(StrEnum):
    """How much of its duration a note sounds; the letters are those of RTX's ``s=``."""

    NATURAL = "N"
    CONTINUOUS = "C"
    STACCATO = "S"


class Note(NamedTuple):
    """A note or, without ``pitch``, a rest; a tuple, because tunes have hundreds of them."""

    pitch: int | None  #: MIDI number: 60 is middle C, 69 is A = 440 Hz
    duration: Fraction  #: in whole notes, over 0
    tempo: int = DEFAULT_TEMPO  #: quarter notes a minute
    style: Style = Style.NATURAL
    volume: int = DEFAULT_VOLUME  #: 0 silent .. 15

    @property
    def seconds(self) -> float:
        """The duration in seconds; a whole note lasts four beats."""
        return 240 * float(self.duration) / self.tempo


@dataclass(frozen=True, slots=True)
class Melody:
    """A tune of one voice."""

    title: str
    notes: tuple[Note, ...]
    loop: int = 0  #: times it is repeated; 15 is for ever

    @property
    def tempo(self) -> int:
        """Quarter notes a minute at the start."""
        return self.notes[0].tempo if self.notes else DEFAULT_TEMPO

    @property
    def style(self) -> Style:
        """The style at the start."""
        return self.notes[0].style if self.notes else Style.NATURAL

    @property
    def seconds(self) -> float:
        """The duration of all notes in seconds, without repeats."""
        return sum(note.seconds for note in self.notes)
