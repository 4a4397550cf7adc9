"""Tunes written as RTTTL."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from converters.api import Action, Loss
from converters.tunes.losses import replaced_title, rounded_durations
from converters.tunes.melody import DEFAULT_VOLUME, Melody, Note, Style
from converters.tunes.rtttl.octaves import DOTS, octave

_NAMES = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
#: Divider and dots of each duration that RTTTL can write: "8." is 3/16. Triplets are dividers too:
#: "12" is two thirds of "8".
_SPELLINGS = {
    factor / divider: (divider, dots)
    for dots, factor in DOTS.items()
    for divider in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
}


def write(melody: Melody) -> str:
    """The melody in RTTTL, "title:d=4,o=5,b=125:c,8d6"; changes of tempo and style as in RTX.

    Volume is left out, since it has no sign there, and so are colons and control characters in the
    title.
    """
    title = _written_title(melody.title)
    divider = _commonest((_spelling(note.duration)[0] for note in melody.notes), 4)
    height = _commonest((octave(note.pitch) for note in melody.notes if note.pitch is not None), 5)
    defaults = [f"d={divider}", f"o={height}", f"b={melody.tempo}"]
    defaults += [f"s={melody.style}"] if melody.style is not Style.NATURAL else []
    defaults += [f"l={melody.loop}"] if melody.loop else []
    commands: list[str] = []
    for before, note in pairwise(melody.notes[:1] + melody.notes):
        commands += _changed_settings(before, note)
        commands.append(spell(note, divider=divider, in_octave=height))
    return f"{title}:{','.join(defaults)}:{','.join(commands)}"


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What ``write`` leaves out of a melody, or writes differently."""
    found = [
        *replaced_title(melody, _written_title(melody.title), "RTTTL"),
        *rounded_durations(melody, _nearest, "RTTTL"),
    ]
    if any(note.volume != DEFAULT_VOLUME for note in melody.notes):
        found.append(Loss(what="volume", action=Action.LEFT_OUT, why="RTTTL has no sign for it"))
    return tuple(found)


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
    return _SPELLINGS[_nearest(duration)]


def _nearest(duration: Fraction) -> Fraction:
    """The nearest duration that RTTTL can write; of two, the one with fewer dots.

    More programs read that one.
    """
    if duration in _SPELLINGS:
        return duration
    return min(_SPELLINGS, key=lambda known: (abs(known - duration), len(_SPELLINGS[known][1])))


def _written_title(title: str) -> str:
    return re.sub(r"[:\x00-\x1f\x7f-\x9f\u2028\u2029]+ ?", " ", title).strip()


def _commonest(values: Iterable[int], otherwise: int) -> int:
    return max(Counter(values).items(), key=lambda item: item[1], default=(otherwise, 0))[0]


def _changed_settings(before: Note, note: Note) -> Iterator[str]:
    if note.tempo != before.tempo:
        yield f"b={note.tempo}"
    if note.style is not before.style:
        yield f"s={note.style}"
