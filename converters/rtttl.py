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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from converters.api import Converter, Item, Loss, Settings
from converters.melody import DEFAULT_TEMPO, Melody, Note, Style, notation, octave
from converters.phones import OPTIONS, WHOLE, Limits, limits
from converters.ringtone import counted, item
from smsenc import SmsencError, SourceError

#: A collection of thousands of tunes; more is no ringtone file.
MOST_OCTETS = 1 << 20
#: Of one tune; a phone's 1,020 notes take a tenth of this.
MOST_CHARACTERS = 1 << 16

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


@dataclass(frozen=True, slots=True)
class _State:
    """The settings in force; these defaults are those of the specification."""

    duration: int = 4
    octave: int = 6
    tempo: int = DEFAULT_TEMPO
    style: Style = Style.NATURAL
    loop: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    """One tune of a file: its text, the line it starts on, and the offset of that."""

    text: str
    line: int
    offset: int


def write(melody: Melody) -> str:
    """The melody in RTTTL: the inverse of ``parse`` for what RTTTL can write."""
    return notation(melody)


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """One tune, and what of it a melody does not hold.

    SourceError says what was expected; ``offset`` counts characters of ``text`` from 0.
    """
    if len(text) > MOST_CHARACTERS:
        raise SourceError(f"expected at most {MOST_CHARACTERS} characters, found {len(text)}")
    name, defaults, start = _sections(text)
    state, ignored = _State(), 0
    for at, token in _tokens(defaults, len(name) + 1):
        state, known = _default(state, token, at)
        ignored += not known
    notes = []
    for at, token in _tokens(text[start:], start):
        if setting := _SETTING.fullmatch(token):
            state, known = _set(state, setting["name"], setting["value"], at)
            ignored += not known
        else:
            notes += _notes(token, state, at)
    if not notes:
        raise SourceError("expected notes, found none", offset=start)
    melody = Melody(name.strip(), _in_rtx_octaves(notes), state.loop)
    losses = [Loss(what=counted(ignored, "setting"), action="left out", why="not known to RTX")]
    return melody, tuple(losses) if ignored else ()


def _sections(text: str) -> tuple[str, str, int]:
    """Name, default settings and where the notes start; a lone colon ends the name."""
    sections = text.split(":", 2)
    if len(sections) == 1:
        raise SourceError(f"expected name:settings:notes, found {_short(text.strip())}", offset=0)
    name, defaults = sections[0], sections[1] if len(sections) == 3 else ""
    return name, defaults, len(text) - len(sections[-1])


def _tokens(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Offset and text, in small letters and without blanks, of what separators part."""
    at = start
    for part in _SEPARATOR.split(text):
        if token := "".join(part.lower().split()):
            yield at + len(part) - len(part.lstrip()), token
        at += len(part) + 1


def _default(state: _State, token: str, at: int) -> tuple[_State, bool]:
    match = _DEFAULT.fullmatch(token)
    if not match:
        raise SourceError(f"expected a setting such as d=4, found {_short(token)}", offset=at)
    return _set(state, match["name"], match["value"], at)


def _set(state: _State, name: str, value: str, at: int) -> tuple[_State, bool]:
    """The state after a setting, and whether it is one: RTX has unknown ones ignored."""
    if name in _NUMBERS:
        field, least, most = _NUMBERS[name]
        number = int(value) if re.fullmatch("[0-9]{1,4}", value) else -1
        if not least <= number <= most:
            found = _short(value)
            raise SourceError(f"expected {name}={least}..{most}, found {found}", offset=at)
        return replace(state, **{field: number}), True  # type: ignore[arg-type]  # all are int
    if name == "s" and value.upper() in list(Style):
        return replace(state, style=Style(value.upper())), True
    return state, False


#: Fields of the state that are numbers, with what is taken for them.
_NUMBERS = {
    "d": ("duration", 1, 128),
    "o": ("octave", 0, 9),
    "b": ("tempo", 1, 9999),
    "l": ("loop", 0, 15),
}


def _notes(token: str, state: _State, at: int) -> list[Note]:
    """The note of a token, or the notes where "_" or "-" part them."""
    parts = [token] if _NOTE.fullmatch(token) else _LOOSE_SEPARATOR.split(token)
    return [_note(part, state, at) for part in parts if part]


def _note(token: str, state: _State, at: int) -> Note:
    match = _NOTE.fullmatch(token)
    duration = int(match["duration"] or state.duration) if match else 0
    dots = len(match["dot1"] + match["dot2"] + match["dot3"]) if match else 0
    if not match or not 1 <= duration <= 128 or dots not in _DOTS:
        raise SourceError(f"expected a note such as 8c#6, found {_short(token)}", offset=at)
    height = int(match["octave"] or state.octave)
    steps = _PITCHES.get(match["pitch"])
    pitch = None if steps is None else 12 * height + 12 + steps + _ACCIDENTALS[match["accidental"]]
    return Note(pitch, _DOTS[dots] / duration, state.tempo, state.style)


def _in_rtx_octaves(notes: list[Note]) -> tuple[Note, ...]:
    heights = {octave(note.pitch) for note in notes if note.pitch is not None}
    if 8 not in heights or 4 in heights:
        return tuple(notes)
    return tuple(
        note if note.pitch is None else replace(note, pitch=note.pitch - 12) for note in notes
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
    settings = [token for _, token in _tokens(sections[1], 0)] if len(sections) == 3 else []
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
