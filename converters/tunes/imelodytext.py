"""iMelody 1.2, written: the tune as phones with EMS take it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from converters.api import Action, Loss
from converters.tunes.melody import (
    DEFAULT_VOLUME,
    FOR_EVER,
    Melody,
    Note,
    Style,
    listed,
    retitled,
    rounded,
)

DEFAULT_BEAT = 120
STYLES = (Style.NATURAL, Style.CONTINUOUS, Style.STACCATO)
SPECIFIERS: Mapping[Fraction, str] = MappingProxyType(
    {Fraction(1): "", Fraction(3, 2): ".", Fraction(7, 4): ":", Fraction(2, 3): ";"}
)
_LENGTHS: Mapping[Fraction, str] = {
    factor / 2**power: f"{power}{sign}" for power in range(6) for factor, sign in SPECIFIERS.items()
}
_NAMES = ("c", "#c", "d", "#d", "e", "f", "#f", "g", "#g", "a", "#a", "b")
_USUAL_OCTAVE = 4


def write(melody: Melody, *, name: bool = True) -> bytes:
    """An iMelody file. One tempo and style hold: those of the start; lengths must be a tone's."""
    title = _title(melody.title) if name else ""
    lines = [
        "BEGIN:IMELODY",
        "VERSION:1.2",
        "FORMAT:CLASS1.0",
        *([f"NAME:{title}"] if title else []),
        f"BEAT:{melody.tempo}",
        f"STYLE:S{STYLES.index(melody.style)}",
        f"MELODY:{tune(melody)}",
        "END:IMELODY",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What ``write`` does not write of a melody, or writes otherwise."""
    return (
        *retitled(melody, _title(melody.title), "iMelody"),
        *_one_of("tempo", [note.tempo for note in melody.notes]),
        *_one_of("style", [note.style for note in melody.notes]),
        *rounded(melody, _nearest, "iMelody"),
    )


def _one_of(what: str, values: Sequence[object]) -> Iterator[Loss]:
    """That what changes within the tune is written as it is at the start."""
    others = list(dict.fromkeys(value for value in values if value != values[0]))
    if others:
        why = f"iMelody has one: that of the start, {values[0]}"
        yield Loss(what=f"{what} {listed(others)}", action=Action.REPLACED, why=why)


def _title(title: str) -> str:
    latin = title.encode("latin-1", "replace").decode("latin-1")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", latin).strip()


def _nearest(duration: Fraction) -> Fraction:
    return min(_LENGTHS, key=lambda known: abs(known - duration))


def tune(melody: Melody) -> str:
    """The notes as MELODY has them; a tune that loops stands in a repeat."""
    written, volume = [], DEFAULT_VOLUME
    for note in melody.notes:
        if note.volume != volume:
            volume = note.volume
            written.append(f"V{volume}")
        written.append(_note(note))
    body = "".join(written)
    return f"({body}@{_times(melody.loop)})" if melody.loop and body else body


def _times(loop: int) -> int:
    """How often iMelody says that it plays; a tone says how often again."""
    return 0 if loop == FOR_EVER else loop + 1


def _note(note: Note) -> str:
    length = _LENGTHS[_nearest(note.duration)]
    if note.pitch is None:
        return f"r{length}"
    octave = max(0, min(8, note.pitch // 12 - 2))
    height = "" if octave == _USUAL_OCTAVE else f"*{octave}"
    return f"{height}{_NAMES[note.pitch % 12]}{length}"
