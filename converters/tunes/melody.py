"""One voice of music: the value between the formats that are read and the tones that are sent.

A note carries everything about how it is played, so that any slice of a tune is a tune again and a
writer finds the changes by comparing neighbours. ``notation`` spells a melody in RTTTL; it stands
here, because what shows a tone to people may not know the source formats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from converters.api import Action, Loss

#: Beats a minute when a tune names none (Smart Messaging and RTTTL alike).
DEFAULT_TEMPO = 63
DEFAULT_VOLUME = 7
FOR_EVER = 15


class Style(StrEnum):
    """How much of its time a note sounds; the letters are those of RTX's ``s=``."""

    NATURAL = "N"
    CONTINUOUS = "C"
    STACCATO = "S"


class Note(NamedTuple):
    """A note or, without ``pitch``, a rest; a tuple, because tunes have hundreds of them."""

    pitch: int | None  #: MIDI number: 60 is middle C, 69 is A = 440 Hz
    duration: Fraction  #: of a whole note, over 0
    tempo: int = DEFAULT_TEMPO  #: quarter notes a minute
    style: Style = Style.NATURAL
    volume: int = DEFAULT_VOLUME  #: 0 silent .. 15

    @property
    def seconds(self) -> float:
        """A whole note lasts four beats."""
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
        """Time to play it once."""
        return sum(note.seconds for note in self.notes)


_NAMES = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")

# A divider and dots for each duration that RTTTL can write: "8." is 3/16. Of two spellings of one
# length the one with fewer dots stands. Triplets are dividers too: "12" is two thirds of "8".
_DIVIDERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_DOTS = {"..": Fraction(7, 4), ".": Fraction(3, 2), "": Fraction(1)}
_SPELLINGS = {
    factor / divider: (divider, dots) for dots, factor in _DOTS.items() for divider in _DIVIDERS
}


def octave(pitch: int) -> int:
    """The octave as RTX counts it: 4 holds A = 440 Hz, MIDI 60..71."""
    return pitch // 12 - 1


def spell(note: Note, *, divider: int | None = None, in_octave: int | None = None) -> str:
    """A note as RTTTL writes it, "8c#6."; what equals the defaults given is left out.

    A duration that RTTTL cannot write becomes the nearest that it can.
    """
    length, dots = _spelling(note.duration)
    time = "" if length == divider else str(length)
    if note.pitch is None:
        return f"{time}p{dots}"
    height = octave(note.pitch)
    return f"{time}{_NAMES[note.pitch % 12]}{'' if height == in_octave else height}{dots}"


def _spelling(duration: Fraction) -> tuple[int, str]:
    if duration not in _SPELLINGS:
        # Of two that are as near the one with fewer dots, which more programs read.
        near = {known: (abs(known - duration), len(_SPELLINGS[known][1])) for known in _SPELLINGS}
        duration = min(near, key=near.__getitem__)
    return _SPELLINGS[duration]


def notation(melody: Melody) -> str:
    """The melody in RTTTL, "title:d=4,o=5,b=125:c,8d6"; changes of tempo and style as RTX has them.

    Volume has no sign there and is left out, and so are colons and control characters in the title.
    """
    title = _written(melody.title)
    divider = _commonest((_spelling(note.duration)[0] for note in melody.notes), 4)
    height = _commonest((octave(note.pitch) for note in melody.notes if note.pitch is not None), 5)
    defaults = [f"d={divider}", f"o={height}", f"b={melody.tempo}"]
    defaults += [f"s={melody.style}"] if melody.style is not Style.NATURAL else []
    defaults += [f"l={melody.loop}"] if melody.loop else []
    commands: list[str] = []
    for before, note in pairwise(melody.notes[:1] + melody.notes):
        commands += _changes(before, note)
        commands.append(spell(note, divider=divider, in_octave=height))
    return f"{title}:{','.join(defaults)}:{','.join(commands)}"


def losses(melody: Melody) -> Iterator[Loss]:
    """What ``notation`` does not write of a melody, or writes otherwise."""
    yield from retitled(melody, _written(melody.title), "RTTTL")
    yield from rounded(melody, lambda length: _value(_spelling(length)), "RTTTL")
    if any(note.volume != DEFAULT_VOLUME for note in melody.notes):
        yield Loss(what="volume", action=Action.LEFT_OUT, why="RTTTL has no sign for it")


def _written(title: str) -> str:
    return re.sub(r"[:\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", title).strip()


def _value(spelling: tuple[int, str]) -> Fraction:
    divider, dots = spelling
    return _DOTS[dots] / divider


def _commonest(values: Iterator[int], otherwise: int) -> int:
    return max(Counter(values).items(), key=lambda item: item[1], default=(otherwise, 0))[0]


def _changes(before: Note, note: Note) -> Iterator[str]:
    if note.tempo != before.tempo:
        yield f"b={note.tempo}"
    if note.style is not before.style:
        yield f"s={note.style}"


# Losses that all writers share


def retitled(melody: Melody, title: str, form: str) -> Iterator[Loss]:
    """That a form writes another title."""
    if title != melody.title:
        why = f"{form} writes {title!r}"
        yield Loss(what=f"title {melody.title!r}", action=Action.REPLACED, why=why)


def rounded(melody: Melody, nearest: Callable[[Fraction], Fraction], form: str) -> Iterator[Loss]:
    """That a form writes other durations, the ``nearest``."""
    lengths = sorted({note.duration for note in melody.notes})
    changed = [(length, near) for length in lengths if (near := nearest(length)) != length]
    if changed:
        old, new = zip(*changed, strict=True)
        why = f"the nearest that {form} has: {listed(new)}"
        yield Loss(what=f"duration {listed(old)}", action=Action.ROUNDED, why=why)


def listed(values: Sequence[object]) -> str:
    """The first four of some values."""
    return ", ".join(map(str, values[:4])) + (" …" if len(values) > 4 else "")
