"""RTTTL and RTX: ringtones as text, "name:d=4,o=5,b=125:8c6,d#,2p".

    tune     = name ":" [settings] ":" commands
    settings = setting {"," setting}            d duration, o octave, b tempo, s style, l loop
    commands = (note | setting) {"," (note | setting)}
    note     = [duration] ["."] pitch ["#" | "_" | "-" | "b"] ["."] [octave] ["."]

RTTTL 1.0 (1998) says that octave 5 has A = 440 Hz, RTX says 4. Tools follow RTX, and so does this
reader, unless a tune uses octave 8, which RTX does not have, and not 4, which 1.0 does not have.
Many files follow neither grammar exactly; the tables below show what else is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted
from converters.tunes.losses import replaced_title, rounded_durations
from converters.tunes.melody import DEFAULT_TEMPO, DEFAULT_VOLUME, Melody, Note, Style

#: Of one tune; a phone's 1,020 notes take a tenth of this.
MOST_CHARACTERS = 1 << 16

# Semitones over C; h is the German name of b, which only RTX knows.
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_ACCIDENTALS = {"": 0, "#": 1, "_": 1, "-": 1, "b": -1}
_NAMES = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
#: What dots multiply a duration by. Of two spellings of one duration the last is written, which has
#: fewer dots.
_DOTS = {"..": Fraction(7, 4), ".": Fraction(3, 2), "": Fraction(1)}

# Dots are read in any of three places: "8.c6", "8c.6" and "8c6." are the same.
_NOTE = re.compile(
    r"(?P<duration>\d{0,4})(?P<dot1>\.{0,2})(?P<pitch>[a-hp])(?P<accidental>[#b_-]?)"
    r"(?P<dot2>\.{0,2})(?P<octave>\d?)(?P<dot3>\.{0,2})"
)
# "=" may be left out, but among the notes "d4" is a note.
_DEFAULT = re.compile(r"(?P<name>[a-z]++)=?(?P<value>[^=]*)")
_SETTING = re.compile(r"(?P<name>[a-z]+)=(?P<value>.*)")
_SEPARATOR = re.compile(r"[,;\r\n]")
_LOOSE_SEPARATOR = re.compile(r"[_-]")


class _State(NamedTuple):
    """The settings in force; these defaults are those of the specification."""

    duration: int = 4  # divider of a whole note
    octave: int = 6
    tempo: int = DEFAULT_TEMPO
    style: Style = Style.NATURAL
    loop: int = 0


#: Name, least and most of each setting that is a number.
_NUMBERS = {
    "d": ("duration", 1, 128),
    "o": ("octave", 0, 9),
    "b": ("tempo", 1, 9999),
    "l": ("loop", 0, 15),
}

#: Makes a note of its fields as a tuple, in half the time of calling its type.
_new_note = partial(tuple.__new__, Note)
#: Pitch and duration of a note; its other fields come from the settings.
_PitchAndDuration = tuple[int | None, Fraction]


def octave(pitch: int) -> int:
    """The octave as RTX counts it: 4 has A = 440 Hz, MIDI 60..71."""
    return pitch // 12 - 1


# Reading a tune


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """One tune, and what of its text the melody does not hold.

    SourceError says what was expected; ``offset`` counts characters of ``text`` from 0.
    """
    if len(text) > MOST_CHARACTERS:
        raise SourceError(f"expected at most {MOST_CHARACTERS} characters, found {len(text)}")
    name, defaults, start = _sections(text)
    read = _cached_defaults if len(defaults) <= _LONGEST_CACHED else _defaults
    state, unknown_defaults = read(defaults, len(name) + 1)
    notes, loop, unknown_commands = _commands(text[start:], start, state)
    if not notes:
        raise SourceError("expected notes, found none", offset=start)
    melody = Melody(name.strip(), _in_rtx_octaves(notes), loop)
    return melody, _unknown_settings(unknown_defaults + unknown_commands)


def _unknown_settings(count: int) -> tuple[Loss, ...]:
    if not count:
        return ()
    return (Loss(what=counted(count, "setting"), action=Action.LEFT_OUT, why="not known to RTX"),)


def _sections(text: str) -> tuple[str, str, int]:
    """Name, default settings, and the offset of the notes; the only colon ends the name."""
    sections = text.split(":", 2)
    if len(sections) == 1:
        raise SourceError(f"expected name:settings:notes, found {_short(text.strip())}", offset=0)
    name, defaults = sections[0], sections[1] if len(sections) == 3 else ""
    return name, defaults, len(text) - len(sections[-1])


def _defaults(text: str, start: int) -> tuple[_State, int]:
    """The state after the settings between the colons, and how many of them are unknown.

    ``start`` is the offset of ``text`` in the tune.
    """
    state, unknown = _State(), 0
    parts = _SEPARATOR.split(text)
    for index, part in enumerate(parts):
        token = _plain(part)
        if not token:
            continue
        try:
            match = _DEFAULT.fullmatch(token)
            if not match:
                raise SourceError(f"expected a setting such as d=4, found {_short(token)}")
            state, known = _set(state, match)
        except SourceError as error:
            raise error.at(offset=start + _offset(parts, index)) from None
        unknown += not known
    return state, unknown


def _commands(text: str, start: int, state: _State) -> tuple[list[Note], int, int]:
    """The notes, how often they are repeated, and how many settings among them are unknown."""
    notes: list[Note] = []
    unknown = 0
    duration, octave, tempo, style, loop = state
    parts = _SEPARATOR.split(text)
    for index, part in enumerate(parts):
        try:
            if "=" in part and (setting := _SETTING.fullmatch(_plain(part))):
                state, known = _set(state, setting)
                duration, octave, tempo, style, loop = state
                unknown += not known
                continue
            read = _cached_notes if len(part) <= _LONGEST_CACHED else _notes
            for pitch, length in read(part, duration, octave):
                notes.append(_new_note((pitch, length, tempo, style, DEFAULT_VOLUME)))
        except SourceError as error:
            raise error.at(offset=start + _offset(parts, index)) from None
    return notes, loop, unknown


def _offset(parts: Sequence[str], index: int) -> int:
    """Offset of a part, without the spaces in front of it, in the text that was split."""
    part = parts[index]
    return sum(len(before) + 1 for before in parts[:index]) + len(part) - len(part.lstrip())


def _plain(part: str) -> str:
    """In small letters and without spaces."""
    return "".join(part.lower().split())


def _set(state: _State, setting: re.Match[str]) -> tuple[_State, bool]:
    """The state after a setting, and whether it is known: RTX has unknown ones ignored."""
    name, value = setting["name"], setting["value"]
    if name in _NUMBERS:
        field, least, most = _NUMBERS[name]
        number = int(value) if re.fullmatch("[0-9]{1,4}", value) else -1
        if not least <= number <= most:
            raise SourceError(f"expected {name}={least}..{most}, found {_short(value)}")
        return state._replace(**{field: number}), True  # type: ignore[arg-type]  # all are int
    if name == "s" and value.upper() in list(Style):
        return state._replace(style=Style(value.upper())), True
    return state, False


def _notes(part: str, duration: int, octave: int) -> tuple[_PitchAndDuration, ...]:
    """The note of a part, or the notes separated by "_" or "-"; none where it is empty."""
    token = _plain(part)
    tokens = [token] if _NOTE.fullmatch(token) else _LOOSE_SEPARATOR.split(token)
    return tuple(_note(token, duration, octave) for token in tokens if token)


def _note(token: str, duration: int, octave: int) -> _PitchAndDuration:
    match = _NOTE.fullmatch(token)
    divider = int(match["duration"] or duration) if match else 0
    dots = match["dot1"] + match["dot2"] + match["dot3"] if match else ""
    if not match or not 1 <= divider <= 128 or dots not in _DOTS:
        raise SourceError(f"expected a note such as 8c#6, found {_short(token)}")
    semitone = _SEMITONES.get(match["pitch"])
    if semitone is None:
        return None, _DOTS[dots] / divider
    height = int(match["octave"] or octave)
    pitch = 12 * height + 12 + semitone + _ACCIDENTALS[match["accidental"]]
    return pitch, _DOTS[dots] / divider


# Tunes are made of the same settings and notes, so that with a cache they take half the time.
_LONGEST_CACHED = 32  # characters: bounds the memory
_cached_defaults = lru_cache(1024)(_defaults)
_cached_notes = lru_cache(4096)(_notes)


def _in_rtx_octaves(notes: list[Note]) -> tuple[Note, ...]:
    octaves = {octave(pitch) for pitch in {note.pitch for note in notes} if pitch is not None}
    if 8 not in octaves or 4 in octaves:
        return tuple(notes)
    return tuple(
        note if note.pitch is None else note._replace(pitch=note.pitch - 12) for note in notes
    )


def _short(text: str) -> str:
    return repr(text if len(text) <= 20 else text[:19] + "…")


# Reading a file, which has one tune on each line, or over several lines


@dataclass(frozen=True, slots=True)
class Source:
    """One tune of a file: its text, the line that it starts on (from 1), and the offset of that."""

    text: str
    line: int
    offset: int


def sniff(start: bytes) -> bool:
    """Whether the first line has a name, then settings, and nothing else, between its colons."""
    sections = _decoded(start).lstrip().partition("\n")[0].split(":", 2)
    parts = _SEPARATOR.split(sections[1]) if len(sections) == 3 else []
    settings = [token for token in map(_plain, parts) if token]
    return bool(settings) and all(map(_SETTING.fullmatch, settings))


def sources(data: bytes) -> Iterator[Source]:
    """The tunes of a file; a line without a colon continues the tune above it."""
    lines: list[str] = []
    first = start = offset = 0
    for number, line in enumerate(_decoded(data).splitlines(keepends=True), start=1):
        if lines and ":" in line:
            yield Source("".join(lines), first, start)
            lines = []
        if lines or line.strip():
            first, start = (first, start) if lines else (number, offset)
            lines.append(line)
        offset += len(line)
    if lines:
        yield Source("".join(lines), first, start)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


# Writing

#: Divider and dots of each duration that RTTTL can write: "8." is 3/16. Triplets are dividers too:
#: "12" is two thirds of "8".
_SPELLINGS = {
    factor / divider: (divider, dots)
    for dots, factor in _DOTS.items()
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
    return re.sub(r"[:\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", title).strip()


def _commonest(values: Iterable[int], otherwise: int) -> int:
    return max(Counter(values).items(), key=lambda item: item[1], default=(otherwise, 0))[0]


def _changed_settings(before: Note, note: Note) -> Iterator[str]:
    if note.tempo != before.tempo:
        yield f"b={note.tempo}"
    if note.style is not before.style:
        yield f"s={note.style}"
