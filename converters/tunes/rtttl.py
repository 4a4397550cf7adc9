"""RTTTL and RTX: ringtones as text, "name:d=4,o=5,b=125:8c6,d#,2p".

    tune     = name ":" [settings] ":" commands
    settings = setting {"," setting}            d duration, o octave, b tempo, s style, l loop
    commands = (note | setting) {"," (note | setting)}
    note     = [duration] ["."] pitch ["#" | "_" | "-" | "b"] ["."] [octave] ["."]

RTTTL 1.0 (1998) says that octave 5 has A = 440 Hz, RTX says 4. Tools follow RTX, and so does this
reader, unless a tune uses octave 8, which RTX does not have, and not 4, which 1.0 does not have.
The wild is looser than either grammar; what is taken besides stands in the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import NamedTuple

from converters.api import Action, Converter, Item, Loss, Settings
from converters.errors import SourceError
from converters.tunes.limits import OPTIONS, WHOLE, Limits, limits
from converters.tunes.melody import (
    DEFAULT_TEMPO,
    DEFAULT_VOLUME,
    Melody,
    Note,
    Style,
    notation,
    octave,
)
from converters.tunes.melody import losses as unwritten
from converters.tunes.ringtone import counted, item
from smsenc import SmsencError

#: A collection of thousands of tunes; more is no ringtone file.
MOST_OCTETS = 1 << 20
#: Of one tune; a phone's 1,020 notes take a tenth of this.
MOST_CHARACTERS = 1 << 16
#: Settings and notes of at most so many characters are remembered: tunes use the same ones.
_REMEMBERED = 32

# Semitones over C; h is the German name of b, which only RTX knows.
_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_ACCIDENTALS = {"": 0, "#": 1, "_": 1, "-": 1, "b": -1}
_DOTS = {0: Fraction(1), 1: Fraction(3, 2), 2: Fraction(7, 4)}

# Dots are taken in any of three places: "8.c6", "8c.6" and "8c6." are the same.
_NOTE = re.compile(
    r"(?P<duration>\d{0,4})(?P<dot1>\.{0,2})(?P<pitch>[a-hp])(?P<accidental>[#b_-]?)"
    r"(?P<dot2>\.{0,2})(?P<octave>\d?)(?P<dot3>\.{0,2})"
)
# "=" may be left out, but among the notes "d4" is a note.
_DEFAULT = re.compile(r"(?P<name>[a-z]+)=?(?P<value>[^=]*)")
_SETTING = re.compile(r"(?P<name>[a-z]+)=(?P<value>.*)")
_SEPARATOR = re.compile(r"[,;\r\n]")
_LOOSE_SEPARATOR = re.compile(r"[_-]")


class _State(NamedTuple):
    """The settings in force; these defaults are those of the specification."""

    duration: int = 4
    octave: int = 6
    tempo: int = DEFAULT_TEMPO
    style: Style = Style.NATURAL
    loop: int = 0


#: Makes a note of its fields as a tuple: half the time of calling its type.
_new_note = partial(tuple.__new__, Note)
#: Pitch and length of a note; what it takes besides from the settings is added to each.
_Sound = tuple[int | None, Fraction]


@dataclass(frozen=True, slots=True)
class _Source:
    """One tune of a file: its text, the line it starts on, and the offset of that."""

    text: str
    line: int
    offset: int


def write(melody: Melody) -> str:
    """The melody in RTTTL: the inverse of ``parse`` for what RTTTL can write."""
    return notation(melody)


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What ``write`` does not write of a melody, or writes otherwise."""
    return tuple(unwritten(melody))


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """One tune, and what of it a melody does not hold.

    SourceError says what was expected; ``offset`` counts characters of ``text`` from 0.
    """
    if len(text) > MOST_CHARACTERS:
        raise SourceError(f"expected at most {MOST_CHARACTERS} characters, found {len(text)}")
    name, defaults, start = _sections(text)
    read = _defaults if len(defaults) <= _REMEMBERED else _defaults.__wrapped__
    state, ignored = read(defaults, len(name) + 1)
    notes, loop, unknown = _commands(text[start:], start, state)
    if not notes:
        raise SourceError("expected notes, found none", offset=start)
    melody = Melody(name.strip(), _in_rtx_octaves(notes), loop)
    return melody, _losses(ignored + unknown)


def _losses(ignored: int) -> tuple[Loss, ...]:
    if not ignored:
        return ()
    return (Loss(what=counted(ignored, "setting"), action=Action.LEFT_OUT, why="not known to RTX"),)


def _sections(text: str) -> tuple[str, str, int]:
    """Name, default settings and where the notes start; a lone colon ends the name."""
    sections = text.split(":", 2)
    if len(sections) == 1:
        raise SourceError(f"expected name:settings:notes, found {_short(text.strip())}", offset=0)
    name, defaults = sections[0], sections[1] if len(sections) == 3 else ""
    return name, defaults, len(text) - len(sections[-1])


@lru_cache(1024)
def _defaults(text: str, start: int) -> tuple[_State, int]:
    """What the settings between the colons make, and how many are ignored."""
    state, ignored = _State(), 0
    parts = _SEPARATOR.split(text)
    for index, part in enumerate(parts):
        token = _plain(part)
        match = _DEFAULT.fullmatch(token)
        try:
            if token and not match:
                raise SourceError(f"expected a setting such as d=4, found {_short(token)}")
            state, known = _set(state, match) if match else (state, True)
        except SourceError as error:
            raise error.at(offset=start + _place(parts, index)) from None
        ignored += not known
    return state, ignored


def _commands(text: str, start: int, state: _State) -> tuple[list[Note], int, int]:
    """The notes, how often they are repeated, and how many settings among them are ignored."""
    notes: list[Note] = []
    ignored = 0
    duration, octave, tempo, style, loop = state
    parts = _SEPARATOR.split(text)
    for index, part in enumerate(parts):
        try:
            if "=" in part and (setting := _SETTING.fullmatch(_plain(part))):
                state, known = _set(state, setting)
                duration, octave, tempo, style, loop = state
                ignored += not known
                continue
            read = _sounds if len(part) <= _REMEMBERED else _sounds.__wrapped__
            for pitch, length in read(part, duration, octave):
                notes.append(_new_note((pitch, length, tempo, style, DEFAULT_VOLUME)))
        except SourceError as error:
            raise error.at(offset=start + _place(parts, index)) from None
    return notes, loop, ignored


def _place(parts: Sequence[str], index: int) -> int:
    """Offset of what a part says, behind its blanks, in the text that was parted."""
    part = parts[index]
    return sum(len(before) + 1 for before in parts[:index]) + len(part) - len(part.lstrip())


def _plain(part: str) -> str:
    """In small letters and without blanks."""
    return "".join(part.lower().split())


def _set(state: _State, setting: re.Match[str]) -> tuple[_State, bool]:
    """The state after a setting, and whether it is one: RTX has unknown ones ignored."""
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


#: Fields of the state that are numbers, with what is taken for them.
_NUMBERS = {
    "d": ("duration", 1, 128),
    "o": ("octave", 0, 9),
    "b": ("tempo", 1, 9999),
    "l": ("loop", 0, 15),
}


@lru_cache(4096)
def _sounds(part: str, duration: int, octave: int) -> tuple[_Sound, ...]:
    """The note of a part, or the notes where "_" or "-" stand between them; none in blanks."""
    token = _plain(part)
    tokens = [token] if _NOTE.fullmatch(token) else _LOOSE_SEPARATOR.split(token)
    return tuple(_sound(token, duration, octave) for token in tokens if token)


def _sound(token: str, duration: int, octave: int) -> _Sound:
    match = _NOTE.fullmatch(token)
    duration = int(match["duration"] or duration) if match else 0
    dots = len(match["dot1"] + match["dot2"] + match["dot3"]) if match else 0
    if not match or not 1 <= duration <= 128 or dots not in _DOTS:
        raise SourceError(f"expected a note such as 8c#6, found {_short(token)}")
    height = int(match["octave"] or octave)
    steps = _PITCHES.get(match["pitch"])
    pitch = None if steps is None else 12 * height + 12 + steps + _ACCIDENTALS[match["accidental"]]
    return pitch, _DOTS[dots] / duration


def _in_rtx_octaves(notes: list[Note]) -> tuple[Note, ...]:
    heights = {octave(pitch) for pitch in {note.pitch for note in notes} if pitch is not None}
    if 8 not in heights or 4 in heights:
        return tuple(notes)
    return tuple(
        note if note.pitch is None else note._replace(pitch=note.pitch - 12) for note in notes
    )


def _short(text: str) -> str:
    return repr(text if len(text) <= 20 else text[:19] + "…")


# Files: many tunes, one a line, or one over several lines


def convert(data: bytes, settings: Settings) -> Iterator[Item]:
    """One item a tune; a tune that cannot be read is an item with its error."""
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    found = False
    for source in _sources(_text(data)):
        found = True
        yield _item(source, limits(settings))
    if not found:
        raise SourceError("expected a tune, found an empty file")


def _item(source: _Source, room: Limits) -> Item:
    try:
        melody, losses = parse(source.text)
        return item(melody, losses, room)
    except SmsencError as error:
        within = error.offset or 0
        error.offset = source.offset + within
        error.at(line=source.line + len(source.text[: within + 1].splitlines()) - 1)
        return Item(kind="ringtone", error=error)


def tunes(data: bytes) -> Iterator[tuple[str, int]]:
    """Text of each tune of a file, and the line that it starts on, from 1."""
    return ((source.text, source.line) for source in _sources(_text(data)))


def _sources(text: str) -> Iterator[_Source]:
    """Tunes by lines: one without a colon goes on with the tune above it."""
    lines: list[str] = []
    first = start = offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if lines and ":" in line:
            yield _Source("".join(lines), first, start)
            lines = []
        if lines or line.strip():
            first, start = (first, start) if lines else (number, offset)
            lines.append(line)
        offset += len(line)
    if lines:
        yield _Source("".join(lines), first, start)


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def sniff(start: bytes) -> bool:
    """Whether the first line has a name, then settings, and nothing else, between its colons."""
    sections = _text(start).lstrip().partition("\n")[0].split(":", 2)
    parts = _SEPARATOR.split(sections[1]) if len(sections) == 3 else []
    settings = [token for token in map(_plain, parts) if token]
    return bool(settings) and all(map(_SETTING.fullmatch, settings))


CONVERTER = Converter(
    name="rtttl",
    summary="ringtones as text, RTTTL and RTX, one or many in a file",
    suffixes=(".rtttl", ".rttl", ".rtx"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    whole=WHOLE,
)
