"""RTTTL and RTX, read: ringtones as text, "name:d=4,o=5,b=125:8c6,d#,2p".

    tune     = name ":" [settings] ":" commands
    settings = setting {"," setting}            d duration, o octave, b tempo, s style, l loop
    commands = (note | setting) {"," (note | setting)}

RTTTL 1.0 (1998) says that octave 5 has A = 440 Hz, RTX says 4. Tools follow RTX, and so does this
reader, unless a tune uses octave 8, which RTX does not have, and not 4, which 1.0 does not have.

Many files follow neither grammar exactly. What can only mean one thing is read and reported; other
tokens are left out and reported as long as they are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted
from converters.tunes.losses import MOST_NAMED, few_enough
from converters.tunes.melody import DEFAULT_VOLUME, Melody, Note
from converters.tunes.rtttl.irregular import rewritten
from converters.tunes.rtttl.notes import cached_notes, plain, short
from converters.tunes.rtttl.octaves import octave
from converters.tunes.rtttl.sections import SEPARATOR, Reading, Section, is_settings, split
from converters.tunes.rtttl.settings import SETTING, Bad, State, changed, defaults

#: Of one tune; a phone's 1,020 notes take a tenth of this.
MOST_CHARACTERS = 1 << 16

#: Makes a note of its fields as a tuple, in half the time of calling its type.
_new_note = partial(tuple.__new__, Note)


@dataclass(slots=True)
class _Commands:
    """The notes read so far, and what holds for the next one."""

    state: State
    notes: list[Note] = field(default_factory=list)
    unknown: int = 0  # settings
    bad: list[Bad] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def set(self, token: str) -> bool:
        """Apply a setting; False where the token is none. Raises SourceError for a bad value."""
        setting = SETTING.fullmatch(token)
        if not setting:
            return False
        self.state, known = changed(self.state, setting)
        self.unknown += not known
        return True

    def add(self, token: str) -> None:
        """Add the notes of a token; raises SourceError."""
        duration, height, tempo, style, _ = self.state
        for pitch, length in cached_notes(token, duration, height):
            self.notes.append(_new_note((pitch, length, tempo, style, DEFAULT_VOLUME)))


def parse(text: str, *, offset: int = 0) -> tuple[Melody, tuple[Loss, ...]]:
    """One tune, and what of its text the melody does not hold.

    SourceError says what was expected; its ``offset`` counts characters of ``text`` from 0. Losses
    name offsets in the file, in which the tune is at ``offset``.
    """
    if len(text) > MOST_CHARACTERS:
        raise SourceError(f"expected at most {MOST_CHARACTERS} characters, found {len(text)}")
    sections = split(text)
    settings = defaults(sections.settings.text, sections.settings.start)
    commands = _commands(sections.notes, settings.state)
    bad = [*settings.bad, *commands.bad]
    if bad and not few_enough(len(bad), settings.tokens + len(commands.notes) + len(commands.bad)):
        raise bad[0].error.at(offset=bad[0].offset)
    if not commands.notes:
        raise SourceError("expected notes, found none", offset=sections.notes.start)
    melody = Melody(sections.name.strip(), _in_rtx_octaves(commands.notes), commands.state.loop)
    readings = [*sections.readings, *settings.readings, *commands.readings]
    return melody, (
        *_unknown_settings(settings.unknown + commands.unknown),
        *_as_read(readings, offset),
        *_left_out(bad, offset),
        *_two_names(sections.notes, offset),
    )


# Notes


def _commands(section: Section, state: State) -> _Commands:
    """The notes of a section, and what is not as RTTTL has it."""
    commands = _Commands(state)
    append = commands.notes.append
    duration, height, tempo, style, _ = state
    at = section.start
    for part in SEPARATOR.split(section.text):
        try:
            if "=" not in part:
                # Nearly all parts are notes, which are read without a further call.
                for pitch, length in cached_notes(part, duration, height):
                    append(_new_note((pitch, length, tempo, style, DEFAULT_VOLUME)))
            else:
                if not commands.set(plain(part)):
                    commands.add(part)
                duration, height, tempo, style, _ = commands.state
        except SourceError as error:
            _read_irregular(commands, part, at + len(part) - len(part.lstrip()), error)
            duration, height, tempo, style, _ = commands.state
        at += len(part) + 1
    return commands


def _read_irregular(commands: _Commands, part: str, offset: int, error: SourceError) -> None:
    """Read a part that is no note and no setting, or keep its error."""
    found = _settings_and_notes(part)
    if not found:
        commands.bad.append(Bad(offset, part.strip(), error))
        return
    for token in found:
        if not ("=" in token and commands.set(token)):
            commands.add(token)
    commands.readings.append(Reading(offset, part.strip(), ",".join(found)))


def _settings_and_notes(part: str) -> Sequence[str]:
    """The notes of a part, and settings that only spaces separate from them."""
    first, *others = part.lower().split() or [""]
    if "=" in part and others and is_settings(first):
        after = _settings_and_notes(" ".join(others))
        return (first, *after) if after else ()
    if "=" in part:
        return (plain(part),) if is_settings(part) and SETTING.fullmatch(plain(part)) else ()
    return rewritten(part)


def _in_rtx_octaves(notes: list[Note]) -> tuple[Note, ...]:
    octaves = {octave(pitch) for pitch in {note.pitch for note in notes} if pitch is not None}
    if 8 not in octaves or 4 in octaves:
        return tuple(notes)
    return tuple(
        note if note.pitch is None else note._replace(pitch=note.pitch - 12) for note in notes
    )


# Losses


def _unknown_settings(count: int) -> Iterator[Loss]:
    if count:
        what = counted(count, "setting")
        yield Loss(what=what, action=Action.LEFT_OUT, why="not known to RTX")


def _as_read(readings: Sequence[Reading], start: int) -> Iterator[Loss]:
    """What was not as RTTTL has it and could only mean one thing."""
    for offset, found, read in readings[:MOST_NAMED]:
        what = f"{short(found)} at offset {start + offset}"
        yield Loss(what=what, action=Action.REPLACED, why=f"read as {read[:40]}")
    if len(readings) > MOST_NAMED:
        what = f"{counted(len(readings) - MOST_NAMED, 'token')} more"
        yield Loss(what=what, action=Action.REPLACED, why="read as RTTTL writes them")


def _left_out(bad: Sequence[Bad], start: int) -> Iterator[Loss]:
    for one in bad[:MOST_NAMED]:
        what = f"{short(one.token)} at offset {start + one.offset}"
        yield Loss(what=what, action=Action.LEFT_OUT, why=str(one.error))
    if len(bad) > MOST_NAMED:
        places = ", ".join(str(start + one.offset) for one in bad[MOST_NAMED:])
        what = f"{counted(len(bad) - MOST_NAMED, 'token')} more, at offsets {places}"
        yield Loss(what=what, action=Action.LEFT_OUT, why="not notes")


def _two_names(section: Section, start: int) -> Iterator[Loss]:
    """That b can be meant as B flat, as in German, where a tune also writes h."""
    text = section.text.lower()
    if "h" in text and "b" in text:
        found = set(map(plain, SEPARATOR.split(text)))
        letters = {token.lstrip("0123456789.").rstrip("0123456789.") for token in found}
        if {"h", "b"} <= letters:
            what = f"note b at offset {start + section.start + text.index('b')}"
            why = "the tune also has h; both are read as B, as in RTTTL"
            yield Loss(what=what, action=Action.GUESSED, why=why)
