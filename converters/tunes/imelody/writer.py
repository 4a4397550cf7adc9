"""Tunes written as iMelody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from converters.api import Action, Loss
from converters.tunes.imelody.codes import DEFAULT_OCTAVE, DOTS, STYLES
from converters.tunes.losses import listed, replaced_title, rounded_durations
from converters.tunes.melody import DEFAULT_VOLUME, FOR_EVER, Melody, Note

#: Durations in whole notes, as written.
_DURATIONS: Mapping[Fraction, str] = MappingProxyType(
    {factor / 2**power: f"{power}{sign}" for power in range(6) for sign, factor in DOTS.items()}
)
_NAMES = ("c", "#c", "d", "#d", "e", "f", "#f", "g", "#g", "a", "#a", "b")


def write(melody: Melody) -> bytes:
    """An iMelody file, with the tempo and style of the start and the nearest durations."""
    title = _latin1(melody.title)
    lines = [
        "BEGIN:IMELODY",
        "VERSION:1.2",
        "FORMAT:CLASS1.0",
        *([f"NAME:{title}"] if title else []),
        f"BEAT:{melody.tempo}",
        f"STYLE:S{STYLES.index(melody.style)}",
        f"MELODY:{_written_melody(melody)}",
        "END:IMELODY",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What ``write`` leaves out of a melody, or writes differently."""
    return (
        *replaced_title(melody, _latin1(melody.title), "iMelody"),
        *_only_first("tempo", [note.tempo for note in melody.notes]),
        *_only_first("style", [note.style for note in melody.notes]),
        *rounded_durations(melody, _nearest, "iMelody"),
    )


def _only_first(what: str, values: Sequence[object]) -> Iterator[Loss]:
    """The loss of the values that differ from the first."""
    others = list(dict.fromkeys(value for value in values if value != values[0]))
    if others:
        why = f"iMelody has one: that of the start, {values[0]}"
        yield Loss(what=f"{what} {listed(others)}", action=Action.REPLACED, why=why)


def _latin1(title: str) -> str:
    latin = title.encode("latin-1", "replace").decode("latin-1")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", latin).strip()


def _nearest(duration: Fraction) -> Fraction:
    return min(_DURATIONS, key=lambda known: abs(known - duration))


def _written_melody(melody: Melody) -> str:
    """The notes as MELODY has them; a tune that loops is in a repeat."""
    written, volume = [], DEFAULT_VOLUME
    for note in melody.notes:
        if note.volume != volume:
            volume = note.volume
            written.append(f"V{volume}")
        written.append(_written_note(note))
    body = "".join(written)
    return f"({body}@{_play_count(melody.loop)})" if melody.loop and body else body


def _play_count(loop: int) -> int:
    """The number of times that a tune is played in all, 0 for ever, as iMelody counts."""
    return 0 if loop == FOR_EVER else loop + 1


def _written_note(note: Note) -> str:
    duration = _DURATIONS[_nearest(note.duration)]
    if note.pitch is None:
        return f"r{duration}"
    octave = max(0, min(8, note.pitch // 12 - 2))
    prefix = "" if octave == DEFAULT_OCTAVE else f"*{octave}"
    return f"{prefix}{_NAMES[note.pitch % 12]}{duration}"
