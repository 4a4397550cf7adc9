"""Ringing tones, written: instructions as bits, most significant first, without gaps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from types import MappingProxyType
from typing import NamedTuple

from converters.api import Action, Loss
from converters.shared import fitting
from converters.shared.words import counted
from converters.tunes.melody import DEFAULT_VOLUME, FOR_EVER, Melody, Note, Style
from converters.tunes.ringtone.codes import (
    BASIC_SONG,
    DURATION_CODES,
    HIGHEST,
    LONGEST_TITLE,
    LOWEST,
    MOST_INSTRUCTIONS,
    MOST_PATTERNS,
    NOTE,
    PROGRAMMING,
    SCALE,
    SOUND,
    STYLE,
    STYLES,
    TEMPI,
    TEMPO,
    VOLUME,
)
from converters.tunes.ringtone.fitting import fit
from converters.tunes.ringtone.repeats import Section, sections
from smsenc import Port

#: Octets of a tone in one message: one that fits has its repeats written out, since every phone
#: reads that.
_ONE_PART = fitting.room(1, port=Port.RINGTONE)


def _bits(value: int, width: int) -> str:
    return f"{value:0{width}b}"


# Instructions, ready to be joined: three bits of identifier, then the value.

#: Identifier and name of a note by its pitch; a rest is name 0.
_NAME_BITS: Mapping[int | None, str] = MappingProxyType(
    {None: _bits(NOTE << 4, 7)}
    | {pitch: _bits(NOTE << 4 | pitch % 12 + 1, 7) for pitch in range(LOWEST, HIGHEST + 1)}
)
#: Duration and specifier by the numerator and denominator of a duration.
_DURATION_BITS = MappingProxyType({ratio: _bits(code, 5) for ratio, code in DURATION_CODES.items()})

#: Style, volume, tempo and scale; None is not known, so that the next note sets it.
_Settings = tuple[Style | None, int | None, int | None, int | None]
#: The instructions that set each of them, by value.
_SETTING_BITS: tuple[Mapping[Style | int | None, str], ...] = (
    {style: _bits(STYLE << 2 | code, 5) for code, style in enumerate(STYLES)},
    {volume: _bits(VOLUME << 4 | volume, 7) for volume in range(16)},
    {tempo: _bits(TEMPO << 5 | code, 8) for code, tempo in enumerate(TEMPI)},
    {scale: _bits(SCALE << 2 | scale, 5) for scale in range(4)},
)
#: What holds at the start of a tone. The specification has defaults for tempo and scale as well,
#: but all known senders set them.
_AT_START: _Settings = (Style.NATURAL, DEFAULT_VOLUME, None, None)
_UNKNOWN: _Settings = (None, None, None, None)

#: Two command parts: programming, filled to its octet, and a sound that is a basic song.
_HEAD = _bits(2, 8) + _bits(PROGRAMMING, 7) + "0" + _bits(SOUND, 7) + _bits(BASIC_SONG, 3)


class _Pattern(NamedTuple):
    """A pattern A..D, by number: without instructions it plays the earlier one of that number."""

    number: int
    instructions: Sequence[str]
    loop: int


class Tone(NamedTuple):
    """A ringing tone, the melody as it plays it, and what differs from the melody given."""

    melody: Melody  #: as ``fit`` left it; a tone may hold only its beginning
    changes: tuple[Loss, ...]  #: what ``fit`` changed
    octets: bytes
    cuts: tuple[Loss, ...]  #: what of ``melody`` the octets do not hold

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Changes and cuts."""
        return (*self.changes, *self.cuts)


def encode(melody: Melody) -> tuple[bytes, tuple[Loss, ...]]:
    """The octets of a ringing tone, and what it could not hold of the melody.

    A tune of over 255 instructions goes on in patterns B, C and D; the notes after those are cut.
    One that does not fit in one message has its repeats as patterns and loops where that is
    shorter.
    """
    tone = fitted_tone(melody)
    return tone.octets, tone.losses


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What the octets of a ringing tone do not hold of a melody."""
    return fitted_tone(melody).losses


def fitted_tone(melody: Melody) -> Tone:
    """The ringing tone of a melody, with the values of its notes fitted."""
    if melody.title.isascii() and len(melody.title) <= LONGEST_TITLE:
        try:
            return Tone(melody, (), *encode_exact(melody))
        except KeyError:  # a pitch, duration or tempo that has no code: few tunes have one
            pass
    fitted, changes = fit(melody)
    return Tone(fitted, changes, *encode_exact(fitted))


def encode_exact(melody: Melody) -> tuple[bytes, tuple[Loss, ...]]:
    """As ``encode``, of a melody that ``fit`` would not change; raises KeyError for others."""
    patterns, kept = _patterns(melody.notes)
    cut = sum(note.pitch is not None for note in melody.notes[kept:])
    loop = melody.loop if len(patterns) < 2 else 0
    octets = _octets(melody.title, [_Pattern(n, p, loop) for n, p in enumerate(patterns)])
    if len(octets) > _ONE_PART and not melody.loop:
        shorter = _with_repeats(melody)
        if shorter and (cut or len(shorter) < len(octets)):
            return shorter, ()
    losses: list[Loss] = []
    if cut:
        why = f"a ringtone has {MOST_PATTERNS} patterns of {MOST_INSTRUCTIONS} instructions"
        losses.append(Loss(what=counted(cut, "note"), action=Action.CUT, why=why))
    if loop != melody.loop:
        losses.append(Loss(what="loop", action=Action.LEFT_OUT, why="a tune of several patterns"))
    return octets, tuple(losses)


# Patterns


def _patterns(notes: Sequence[Note]) -> tuple[list[list[str]], int]:
    """Instructions by pattern, and how many of the notes they hold."""
    patterns: list[list[str]] = []
    kept = 0
    while kept < len(notes) and len(patterns) < MOST_PATTERNS:
        # No source says whether settings outlive a pattern: later ones state all of theirs.
        steps = _steps(notes[kept : kept + MOST_INSTRUCTIONS], _UNKNOWN if patterns else _AT_START)
        count = bisect_right(list(accumulate(map(len, steps))), MOST_INSTRUCTIONS)
        patterns.append(list(chain.from_iterable(steps[:count])))
        kept += count
    return patterns, kept


def _with_repeats(melody: Melody) -> bytes | None:
    """The tone with its repeats as patterns; None where a pattern cannot hold its section."""
    numbers: dict[Section, int] = {}
    patterns = []
    for section in _plan(melody):
        place = section._replace(loop=0)
        again = place in numbers
        number = numbers.setdefault(place, len(numbers))
        notes = () if again else melody.notes[section.start : section.end]
        # Every pattern states all of its settings: it may be played after any other.
        instructions = list(chain.from_iterable(_steps(notes, _UNKNOWN)))
        if len(instructions) > MOST_INSTRUCTIONS:
            return None
        patterns.append(_Pattern(number, instructions, section.loop))
    return _octets(melody.title, patterns)


def _plan(melody: Melody) -> list[Section]:
    """The sections of a melody in the order of play."""
    keys = [_key(note) for note in melody.notes]
    plan = sections(keys, patterns=MOST_PATTERNS, loops=FOR_EVER - 1)
    if len(plan) == 1 and plan[0].loop:
        # The loop of the only pattern is the whole tune's own, so the last time is a second one.
        only = plan[0]
        return [only._replace(loop=only.loop - 1), only._replace(loop=0)]
    return plan


def _key(note: Note) -> tuple[object, ...]:
    """The fields of a note, equal where notes are equal, without the slow hash of a Fraction."""
    return note.pitch, note.duration.as_integer_ratio(), note.tempo, note.style, note.volume


# Instructions


def _steps(notes: Sequence[Note], settings: _Settings) -> list[Sequence[str]]:
    """The instructions of each note: settings that differ from those before, then the note."""
    steps: list[Sequence[str]] = []
    for pitch, duration, tempo, style, volume in notes:
        note = _NAME_BITS[pitch] + _DURATION_BITS[duration.as_integer_ratio()]
        scale = settings[-1] if pitch is None else (pitch - LOWEST) // 12
        wanted = style, volume, tempo, scale
        if wanted == settings:
            steps.append((note,))
        else:
            steps.append((*_changed(settings, wanted), note))
            settings = wanted
    return steps


def _changed(before: _Settings, after: _Settings) -> list[str]:
    """The instructions that set what differs."""
    return [
        bits[new]
        for bits, old, new in zip(_SETTING_BITS, before, after, strict=True)
        if new != old and new is not None
    ]


def _octets(title: str, patterns: Sequence[_Pattern]) -> bytes:
    name = int.from_bytes(title.encode("latin-1"), "big")
    # The 1 in front keeps the zeroes of a title's first character; it is cut off.
    sound = [_HEAD, _bits(len(title), 4), f"{1 << 8 * len(title) | name:b}"[1:]]
    sound.append(_bits(len(patterns), 8))
    for number, instructions, loop in patterns:
        # Pattern header 000, then two bits of identifier, four of loop, eight of length.
        sound.append(_bits(number << 12 | loop << 8 | len(instructions), 17))
        sound += instructions
    bits = "".join(sound)
    octets = -(-len(bits) // 8)
    command_end = b"\0"
    return (int(bits, 2) << -len(bits) % 8).to_bytes(octets, "big") + command_end
