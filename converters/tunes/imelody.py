"""iMelody 1.2 (Infrared Data Association, 2000): tunes as lines, "MELODY:*5c2#d3.r4(e3f3@2)".

    melody = {note | rest | volume | repeat | light}
    note   = ["*" octave] ["#" | "&"] letter duration [dots]     3 has A = 440 Hz, 4 is default
    rest   = "r" duration [dots]
    repeat = "(" melody "@" count [volume] ")"                   0 is for ever; they do not nest

A duration is 0 for a whole note to 5 for a 32nd; dots are "." half as long again, ":" three
quarters longer, ";" two thirds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted
from converters.tunes.losses import listed, replaced_title, rounded_durations
from converters.tunes.melody import DEFAULT_VOLUME, FOR_EVER, MOST_NOTES, Melody, Note, Style

_DEFAULT_BEAT = 120
_DEFAULT_OCTAVE = 4
_LOUDEST = 15
#: Styles S0 to S2.
_STYLES = (Style.NATURAL, Style.CONTINUOUS, Style.STACCATO)
_STYLE_OF: Mapping[str, Style] = MappingProxyType(
    {f"S{number}": style for number, style in enumerate(_STYLES)}
)
#: What each duration specifier multiplies a duration by.
_DOTS: Mapping[str, Fraction] = MappingProxyType(
    {"": Fraction(1), ".": Fraction(3, 2), ":": Fraction(7, 4), ";": Fraction(2, 3)}
)
#: Durations in whole notes, as written.
_DURATIONS: Mapping[Fraction, str] = MappingProxyType(
    {factor / 2**power: f"{power}{sign}" for power in range(6) for sign, factor in _DOTS.items()}
)
_NAMES = ("c", "#c", "d", "#d", "e", "f", "#f", "g", "#g", "a", "#a", "b")
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "&": -1}

_TOKEN = re.compile(
    r"(?:\*(?P<octave>[0-8]))?(?P<accidental>[#&]?)(?P<letter>[a-g])(?P<length>[0-5])(?P<dots>[.:;]?)"
    r"|r(?P<rest>[0-5])(?P<rest_dots>[.:;]?)"
    r"|V(?P<volume>\+|-|1[0-5]|[0-9])"
    r"|(?P<open>\()|@(?P<count>\d{1,3})(?P<fade>V[+-])?\)"
    r"|(?P<light>(?:led|vibe|back)o(?:n|ff))",
)

#: Line, from 1, and value of each field of a file, by name.
_Fields = Mapping[str, tuple[int, str]]


# Reading


@dataclass(slots=True)
class _State:
    """The notes read so far, and what holds for the next one."""

    tempo: int
    style: Style
    volume: int
    notes: list[Note] = field(default_factory=list)
    repeat_start: int | None = None  # index of the first note of an open repeat
    loop: int = 0
    lights: int = 0


def sniff(start: bytes) -> bool:
    """Whether the file starts as an iMelody, with or without its header."""
    return start.lstrip()[:13].upper().startswith((b"BEGIN:IMELODY", b"MELODY:"))


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """The melody of a file's text, and what of the file it does not hold.

    SourceError names the line, from 1.
    """
    fields = _fields(text)
    if "MELODY" not in fields:
        raise SourceError("expected a line MELODY:, found none", line=text.count("\n") + 1)
    line, tune = fields["MELODY"]
    state = _State(_beat(fields), _style(fields), _volume(fields))
    at = 0
    while at < len(tune) and not state.loop:
        at = _read_token(state, tune, at, line)
    if not state.notes:
        raise SourceError("expected notes, found none", line=line)
    melody = Melody(fields.get("NAME", (0, ""))[1], tuple(state.notes), state.loop)
    return melody, tuple(_ignored(state, tune[at:]))


def _ignored(state: _State, after_loop: str) -> Iterator[Loss]:
    if state.lights:
        why = "a ringtone only sounds"
        yield Loss(what=counted(state.lights, "light"), action=Action.LEFT_OUT, why=why)
    if after_loop:
        why = "after a repeat that never ends"
        yield Loss(what=counted(len(after_loop), "character"), action=Action.LEFT_OUT, why=why)


def _fields(text: str) -> _Fields:
    """Line and value by name; a line without a name continues MELODY above it."""
    fields: dict[str, tuple[int, str]] = {}
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.fullmatch(r"\s*([A-Z]+):(.*)", line)
        if match:
            last = match[1]
            fields.setdefault(last, (number, match[2].strip()))
        elif last == "MELODY":
            fields[last] = (fields[last][0], fields[last][1] + "".join(line.split()))
    return fields


def _beat(fields: _Fields) -> int:
    line, value = fields.get("BEAT", (0, str(_DEFAULT_BEAT)))
    beat = int(value) if re.fullmatch("[0-9]{1,4}", value) else 0
    if not beat:
        raise SourceError(f"expected BEAT:25..900, found {value[:20]!r}", line=line)
    return beat


def _style(fields: _Fields) -> Style:
    line, value = fields.get("STYLE", (0, "S0"))
    if value not in _STYLE_OF:
        raise SourceError(f"expected STYLE:S0..S2, found {value[:20]!r}", line=line)
    return _STYLE_OF[value]


def _volume(fields: _Fields) -> int:
    line, value = fields.get("VOLUME", (0, f"V{DEFAULT_VOLUME}"))
    match = re.fullmatch(r"V(\+|-|1[0-5]|[0-9])", value)
    if not match:
        raise SourceError(f"expected VOLUME:V0..V15, found {value[:20]!r}", line=line)
    return _changed_volume(DEFAULT_VOLUME, match[1])


def _changed_volume(volume: int, change: str) -> int:
    """The volume after "+", "-", or a number, which sets it."""
    step = {"+": 1, "-": -1}.get(change)
    return int(change) if step is None else max(0, min(_LOUDEST, volume + step))


def _read_token(state: _State, tune: str, at: int, line: int) -> int:
    """Apply the token at an offset, and return where the next one starts."""
    match = _TOKEN.match(tune, at)
    if not match or not _apply(state, match):
        found = repr(tune[at : at + 8])
        raise SourceError(f"expected a note such as *5#c3, found {found}", line=line)
    if len(state.notes) > MOST_NOTES:
        raise SourceError(f"expected at most {MOST_NOTES} notes, found more", line=line)
    return match.end()


def _apply(state: _State, match: re.Match[str]) -> bool:
    """Apply a token; False where a repeat ends that did not start, or starts in another."""
    if match["letter"]:
        semitone = _SEMITONES[match["letter"]] + _ACCIDENTALS[match["accidental"]]
        pitch = 24 + 12 * int(match["octave"] or _DEFAULT_OCTAVE) + semitone
        _add_note(state, pitch, match["length"], match["dots"])
    elif match["rest"]:
        _add_note(state, None, match["rest"], match["rest_dots"])
    elif match["volume"]:
        state.volume = _changed_volume(state.volume, match["volume"])
    elif match["light"]:
        state.lights += 1
    elif match["open"]:
        if state.repeat_start is not None:
            return False
        state.repeat_start = len(state.notes)
    else:
        return _repeat(state, int(match["count"]), match["fade"] or "")
    return True


def _add_note(state: _State, pitch: int | None, length: str, dots: str) -> None:
    duration = _DOTS[dots] / 2 ** int(length)
    state.notes.append(Note(pitch, duration, state.tempo, state.style, state.volume))


def _repeat(state: _State, count: int, fade: str) -> bool:
    """Play the open repeat ``count`` times in all; False where none is open.

    One that never ends makes the tune loop, if it starts the tune.
    """
    if state.repeat_start is None:
        return False
    body, again = state.notes[state.repeat_start :], min(count, MOST_NOTES) - 1
    if not count:
        state.loop = FOR_EVER if state.repeat_start == 0 else 0
        again = 0
    for _ in range(again if body else 0):
        if len(state.notes) > MOST_NOTES:
            break
        if fade:
            body = [n._replace(volume=_changed_volume(n.volume, fade[1])) for n in body]
            state.volume = body[-1].volume
        state.notes += body
    state.repeat_start = None
    return True


# Writing


def write(melody: Melody) -> bytes:
    """An iMelody file, with the tempo and style of the start and the nearest durations."""
    title = _latin1(melody.title)
    lines = [
        "BEGIN:IMELODY",
        "VERSION:1.2",
        "FORMAT:CLASS1.0",
        *([f"NAME:{title}"] if title else []),
        f"BEAT:{melody.tempo}",
        f"STYLE:S{_STYLES.index(melody.style)}",
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
    prefix = "" if octave == _DEFAULT_OCTAVE else f"*{octave}"
    return f"{prefix}{_NAMES[note.pitch % 12]}{duration}"
