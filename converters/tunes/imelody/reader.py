"""iMelody 1.2 (Infrared Data Association, 2000), read: "MELODY:*5c2#d3.r4(e3f3@2)".

    melody = {note | rest | volume | repeat | light}
    note   = ["*" octave] ["#" | "&"] letter duration [dots]     3 has A = 440 Hz, 4 is default
    rest   = "r" duration [dots]
    repeat = "(" melody "@" count [volume] ")"                   0 is for ever; they do not nest

A duration is 0 for a whole note to 5 for a 32nd; dots are "." half as long again, ":" three
quarters longer, ";" two thirds. Capitals, commas, a sign behind its letter and "p" for a rest can
only mean one thing; they are read and reported. What else is none of these is left out and reported
as long as it is little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted, quoted
from converters.tunes.imelody.codes import DEFAULT_OCTAVE, DOTS
from converters.tunes.imelody.head import Fields, Start, changed_volume, fields, start
from converters.tunes.losses import MOST_NAMED, few_enough
from converters.tunes.melody import FOR_EVER, MOST_NOTES, Melody, Note, Style

_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "&": -1}

_TOKEN = re.compile(
    r"(?:\*(?P<octave>[0-8]))?(?P<accidental>[#&]?)(?P<letter>[a-g])(?P<length>[0-5])(?P<dots>[.:;]?)"
    r"|r(?P<rest>[0-5])(?P<rest_dots>[.:;]?)"
    r"|V(?P<volume>\+|-|1[0-5]|[0-9])"
    r"|(?P<open>\()|@(?P<count>\d{1,3})(?P<fade>V[+-])?\)"
    r"|(?P<light>(?:led|vibe|back)o(?:n|ff))",
    re.ASCII,
)
#: What is not iMelody but can only mean one thing, and how that is written.
_OTHER = (
    (
        "capitals",
        re.compile(
            r"(?:\*[0-8])?[#&]?[A-G][0-5][.:;]?|R[0-5][.:;]?|(?i:(?:led|vibe|back)o(?:n|ff))|v\d{1,2}"
        ),
        lambda token: token.upper() if re.fullmatch(r"v\d+", token) else token.lower(),
    ),
    (
        "sign behind its letter",
        re.compile(r"(?:\*[0-8])?[A-Ga-g][#&][0-5][.:;]?", re.ASCII),
        lambda token: re.sub(r"([A-Ga-g])([#&])", r"\2\1", token).lower(),
    ),
    ("p for a rest", re.compile(r"[pP][0-5][.:;]?"), lambda token: "r" + token[1:]),
    ("comma", re.compile(r"[,|]"), lambda _token: ""),
)


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
    tokens: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)  # offset in the melody, and text
    others: Counter[str] = field(default_factory=Counter)  # by the names of ``_OTHER``


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """The melody of a file's text, and what of the file it does not hold.

    SourceError names the line, from 1.
    """
    found = fields(text)
    if found.values.get("BEGIN", (0, ""))[1].upper() == "EMELODY":
        raise SourceError("expected an iMelody, found an eMelody, whose notes differ", line=1)
    if "MELODY" not in found.values:
        raise SourceError("expected a line MELODY:, found none", line=text.count("\n") + 1)
    line, tune = found.values["MELODY"]
    tune = "".join(tune.split())
    before = start(found.values)
    state = _State(before.tempo, before.style, before.volume)
    at = 0
    while at < len(tune) and not state.loop:
        at = _read_token(state, tune, at, line)
    _check(state, before, tune, line)
    melody = Melody(found.values.get("NAME", (0, ""))[1], tuple(state.notes), state.loop)
    losses = (*_as_read(state, line), *_left_out(state, before, line), *_ignored(state, tune[at:]))
    return melody, (*losses, *_further(found))


def _check(state: _State, before: Start, tune: str, line: int) -> None:
    """Raise the first error where there are many, or no notes."""
    bad = len(before.errors) + len(state.bad)
    if bad and not few_enough(bad, len(before.errors) + state.tokens):
        if before.errors:
            raise before.errors[0]
        found = quoted(tune[state.bad[0][0] :])
        raise SourceError(f"expected a note such as *5#c3, found {found}", line=line)
    if not state.notes:
        raise SourceError("expected notes, found none", line=line)


# Tokens


def _read_token(state: _State, tune: str, at: int, line: int) -> int:
    """Apply the token at an offset, and return where the next one starts."""
    match = _TOKEN.match(tune, at)
    state.tokens += 1
    if not match:
        return _read_other(state, tune, at)
    if not _apply(state, match):
        state.bad.append((at, match[0]))
    if len(state.notes) > MOST_NOTES:
        raise SourceError(f"expected at most {MOST_NOTES} notes, found more", line=line)
    return match.end()


def _read_other(state: _State, tune: str, at: int) -> int:
    """Read what is no token of iMelody, or keep it as bad; returns where the next token starts."""
    for name, pattern, written in _OTHER:
        if other := pattern.match(tune, at):
            token = _TOKEN.fullmatch(written(other[0]))
            if token and not _apply(state, token):
                state.bad.append((at, other[0]))
            state.others[name] += 1
            return other.end()
    end = at + 1
    while end < len(tune) and not _starts(tune, end):
        end += 1
    state.bad.append((at, tune[at:end]))
    return end


def _starts(tune: str, at: int) -> bool:
    """Whether a token starts at an offset."""
    return bool(_TOKEN.match(tune, at)) or any(row[1].match(tune, at) for row in _OTHER)


def _apply(state: _State, match: re.Match[str]) -> bool:
    """Apply a token; False where a repeat ends that did not start, or starts in another."""
    if match["letter"]:
        semitone = _SEMITONES[match["letter"]] + _ACCIDENTALS[match["accidental"]]
        pitch = 24 + 12 * int(match["octave"] or DEFAULT_OCTAVE) + semitone
        _add_note(state, pitch, match["length"], match["dots"])
    elif match["rest"]:
        _add_note(state, None, match["rest"], match["rest_dots"])
    elif match["volume"]:
        state.volume = changed_volume(state.volume, match["volume"])
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
    duration = DOTS[dots] / 2 ** int(length)
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
            body = [n._replace(volume=changed_volume(n.volume, fade[1])) for n in body]
            state.volume = body[-1].volume
        state.notes += body
    state.repeat_start = None
    return True


# Losses


def _as_read(state: _State, line: int) -> Iterator[Loss]:
    """What is not as iMelody has it and could only mean one thing."""
    for name, count in state.others.items():
        yield Loss(
            what=f"{name} ({count:,} in the melody)",
            action=Action.REPLACED,
            why="read as iMelody writes it",
            line=line,
        )


def _left_out(state: _State, before: Start, line: int) -> Iterator[Loss]:
    """What could not be read."""
    for error in before.errors:
        yield Loss(what="value", action=Action.IGNORED, why=str(error))
    for at, text in state.bad[:MOST_NAMED]:
        what = f"{quoted(text)} at offset {at} of the melody"
        yield Loss(what=what, action=Action.LEFT_OUT, why="not a note such as *5#c3", line=line)
    if others := state.bad[MOST_NAMED:]:
        places = ", ".join(str(at) for at, _ in others)
        what = f"{counted(len(others), 'token')} more, at offsets {places}"
        yield Loss(what=what, action=Action.LEFT_OUT, why="not notes", line=line)
    if state.repeat_start is not None:
        yield Loss(what="repeat", action=Action.LEFT_OUT, why="it has no end", line=line)


def _ignored(state: _State, after_loop: str) -> Iterator[Loss]:
    if state.lights:
        why = "a ringtone only sounds"
        yield Loss(what=counted(state.lights, "light"), action=Action.LEFT_OUT, why=why)
    if after_loop:
        why = "after a repeat that never ends"
        yield Loss(what=counted(len(after_loop), "character"), action=Action.LEFT_OUT, why=why)


def _further(found: Fields) -> Iterator[Loss]:
    for line in found.further:
        why = "a file has one melody; the first is kept"
        yield Loss(what="MELODY", action=Action.LEFT_OUT, why=why, line=line)
