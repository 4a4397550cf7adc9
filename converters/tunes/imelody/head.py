"""The lines of an iMelody file: its fields, and the values of those before the melody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from converters.errors import SourceError
from converters.shared.words import quoted
from converters.tunes.imelody.codes import STYLES
from converters.tunes.melody import DEFAULT_VOLUME, Style

_DEFAULT_BEAT = 120
_LOUDEST = 15
_FIELD = re.compile(r"\s*+([A-Za-z]++)\s*+[:=](.*)")
_BEAT = re.compile(r"0{0,3}([1-9][0-9]{0,3})(?:\.0*)?(?:BPM)?")
_VOLUME = re.compile(r"V?(\+|-|1[0-5]|[0-9])")
_STYLE = re.compile(r"S?([0-2])")


class Value(NamedTuple):
    """What a field says, and its line, from 1."""

    line: int
    text: str


@dataclass(slots=True)
class Fields:
    """The fields of a file by name, and the lines of further melodies."""

    values: dict[str, Value] = field(default_factory=dict)
    further: list[int] = field(default_factory=list)


class Start(NamedTuple):
    """Tempo, style and volume of the first note, and the errors of those that could not be read."""

    tempo: int
    style: Style
    volume: int
    errors: Sequence[SourceError]


def fields(text: str) -> Fields:
    """Line and value by name; a line without a name continues MELODY above it."""
    found = Fields()
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _FIELD.fullmatch(line)
        if match:
            last = match[1].upper()
            if last == "MELODY" and last in found.values:
                found.further.append(number)
                last = ""
            found.values.setdefault(last, Value(number, match[2].strip()))
        elif last == "MELODY":
            before = found.values[last]
            found.values[last] = before._replace(text=before.text + line)
    return found


def start(values: Mapping[str, Value]) -> Start:
    """What holds for the first note; a value that cannot be read is the default."""
    errors: list[SourceError] = []

    def read(name: str, pattern: re.Pattern[str], expected: str) -> str:
        line, text = values.get(name, (0, ""))
        match = pattern.fullmatch(text.upper().replace(" ", ""))
        if match:
            return match[1]
        if name in values:
            error = f"expected {name}:{expected}, found {quoted(text)}"
            errors.append(SourceError(error, line=line))
        return ""

    beat = read("BEAT", _BEAT, "25..900")
    style = read("STYLE", _STYLE, "S0..S2")
    volume = read("VOLUME", _VOLUME, "V0..V15")
    return Start(
        int(beat or _DEFAULT_BEAT),
        STYLES[int(style or 0)],
        changed_volume(DEFAULT_VOLUME, volume or str(DEFAULT_VOLUME)),
        errors,
    )


def changed_volume(volume: int, change: str) -> int:
    """The volume after "+", "-", or a number, which sets it."""
    step = {"+": 1, "-": -1}.get(change)
    return int(change) if step is None else max(0, min(_LOUDEST, volume + step))
