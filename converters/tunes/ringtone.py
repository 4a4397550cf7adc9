"""Nokia ringing tones (Smart Messaging, port 1581): bits to a melody and back.

A tone is a list of command parts; a programming part and a sound part make a ringtone. The sound is
a basic song: a title and patterns A..D of at most 255 instructions each (Smart Messaging 2.0.0,
section 3.8). Bits run most significant first, without gaps between instructions.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, chain
from operator import ne
from types import MappingProxyType
from typing import Any, NamedTuple

from converters.api import Action, Item, Loss
from converters.shared import fitting
from converters.tunes import ems
from converters.tunes.limits import EMS, Limits, shortened
from converters.tunes.melody import (
    DEFAULT_TEMPO,
    DEFAULT_VOLUME,
    FOR_EVER,
    Melody,
    Note,
    Style,
    listed,
)
from converters.tunes.repeats import sections
from smsenc import Coding, DecodeError, MessageClass, Payload, Port
from smsenc.model import ports

#: Beats a minute by code (five bits); steps of about an eighth.
TEMPI = (
    *(25, 28, 31, 35, 40, 45, 50, 56, 63, 70, 80, 90, 100, 112, 125, 140),
    *(160, 180, 200, 225, 250, 285, 320, 355, 400, 450, 500, 565, 635, 715, 800, 900),
)
#: What the duration specifier (two bits) makes of a duration: plain, dotted, double dotted, two
#: thirds.
_FACTORS = (Fraction(1), Fraction(3, 2), Fraction(7, 4), Fraction(2, 3))
#: Durations a tone holds, in whole notes, with their bits: 2^-k in three, the specifier in two.
DURATIONS: Mapping[Fraction, int] = MappingProxyType(
    {factor / 2**k: k << 2 | code for k in range(6) for code, factor in enumerate(_FACTORS)}
)
_DURATION_OF = MappingProxyType({code: duration for duration, code in DURATIONS.items()})
_STYLES = (Style.NATURAL, Style.CONTINUOUS, Style.STACCATO)

#: The four scales of twelve notes: scale 00 has A = 440 Hz.
LOWEST, HIGHEST = 60, 107
LONGEST_TITLE = 15  # its length has four bits
MOST_PATTERNS = 4  # their identifier has two
MOST_INSTRUCTIONS = 255  # in one pattern: the length has eight
#: A few octets of repeats can claim a million notes; no phone plays that many.
MOST_NOTES = 10_000

_CANCEL, _SOUND, _UNICODE, _PROGRAMMING = 0b0000101, 0b0011101, 0b0100010, 0b0100101
_NOTE, _SCALE, _STYLE, _TEMPO, _VOLUME = 0b001, 0b010, 0b011, 0b100, 0b101
_BASIC_SONG, _TEMPORARY_SONG = 0b001, 0b010


def _bits(value: int, width: int) -> str:
    return f"{value:0{width}b}"


# Instructions, ready to be joined (Smart Messaging 2.0.0, section 3.8: identifier, then value).

#: Identifier and name of a note by its pitch; a rest is name 0.
_NAME_BITS: Mapping[int | None, str] = MappingProxyType(
    {None: _bits(_NOTE << 4, 7)}
    | {pitch: _bits(_NOTE << 4 | pitch % 12 + 1, 7) for pitch in range(LOWEST, HIGHEST + 1)}
)
#: Length and specifier by a duration's two numbers: a Fraction is slow to look up.
_LENGTH_BITS = MappingProxyType(
    {duration.as_integer_ratio(): _bits(code, 5) for duration, code in DURATIONS.items()}
)
#: Of each field of ``_State``, its instruction by value.
_SETTING_BITS: tuple[Mapping[Any, str], ...] = (
    {style: _bits(_STYLE << 2 | code, 5) for code, style in enumerate(_STYLES)},
    {volume: _bits(_VOLUME << 4 | volume, 7) for volume in range(16)},
    {tempo: _bits(_TEMPO << 5 | code, 8) for code, tempo in enumerate(TEMPI)},
    {scale: _bits(_SCALE << 2 | scale, 5) for scale in range(4)},
)
#: Two command parts: programming, filled to its octet, and a sound that is a basic song.
_HEAD = _bits(2, 8) + _bits(_PROGRAMMING, 7) + "0" + _bits(_SOUND, 7) + _bits(_BASIC_SONG, 3)


class _State(NamedTuple):
    """What instructions have set so far; None is not known, so that it will be written."""

    style: Style | None = None
    volume: int | None = None
    tempo: int | None = None
    scale: int | None = None


# The specification's defaults hold before the first instruction. The writer leans only on those of
# style and volume: every known sender states tempo and scale.
_DEFAULTS = _State(Style.NATURAL, DEFAULT_VOLUME, DEFAULT_TEMPO, 1)
_START = _State(Style.NATURAL, DEFAULT_VOLUME)


# What a phone can hold


def fit(melody: Melody) -> tuple[Melody, tuple[Loss, ...]]:
    """The melody as a tone can hold it, and what that changed; length is left to ``encode``."""
    losses: list[Loss] = []
    title, notes = _fit_title(melody.title, losses), _fit_notes(melody.notes, losses)
    return Melody(title, notes, melody.loop), tuple(losses)


def _fit_title(title: str, losses: list[Loss]) -> str:
    latin = title if title.isascii() else "".join(map(_latin, title))
    if latin != title:
        losses.append(
            Loss(
                what=f"title {title!r}",
                action=Action.REPLACED,
                why=f"not Latin-1; sent as {latin!r}",
            )
        )
    if len(latin) > LONGEST_TITLE:
        why = f"a ringtone's title has at most {LONGEST_TITLE} characters"
        losses.append(Loss(what=f"title {latin!r}", action=Action.CUT, why=why))
    return latin[:LONGEST_TITLE]


def _latin(character: str) -> str:
    if ord(character) <= 0xFF:
        return character
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if ord(part) <= 0xFF) or "?"


def _fit_notes(notes: tuple[Note, ...], losses: list[Loss]) -> tuple[Note, ...]:
    if not notes:
        return notes
    pitches, durations, tempi, styles, volumes = zip(*notes, strict=True)
    paces = _fit_tempi(tempi, losses)
    lengths = _fit_durations(durations, losses)
    heights = _fit_pitches(pitches, losses)
    return tuple(map(Note, heights, lengths, paces, styles, volumes))


def _fit_pitches(pitches: tuple[int | None, ...], losses: list[Loss]) -> tuple[int | None, ...]:
    if _NAME_BITS.keys() >= set(pitches):
        return pitches
    folded = tuple(None if pitch is None else fold(pitch) for pitch in pitches)
    why = "outside the phone's four octaves, moved by octaves"
    losses += _counted(sum(map(ne, pitches, folded)), "note", Action.REPLACED, why)
    return folded


def _fit_durations(durations: tuple[Fraction, ...], losses: list[Loss]) -> tuple[Fraction, ...]:
    if _LENGTH_BITS.keys() >= set(map(Fraction.as_integer_ratio, durations)):
        return durations
    rounded = tuple(map(nearest_duration, durations))
    why = "1/1 to 1/32, dotted or triplet, are known"
    losses += _counted(sum(map(ne, durations, rounded)), "duration", Action.ROUNDED, why)
    return rounded


def _fit_tempi(tempi: tuple[int, ...], losses: list[Loss]) -> tuple[int, ...]:
    nearest = {tempo: nearest_tempo(tempo) for tempo in set(tempi)}
    changed = {old: new for old, new in nearest.items() if old != new}
    if not changed:
        return tempi
    losses += _tempo_losses(changed)
    return tuple(map(nearest.__getitem__, tempi))


def _tempo_losses(changed: Mapping[int, int]) -> list[Loss]:
    old, new = zip(*sorted(changed.items()), strict=True)
    why = f"the nearest of the phone's tempi: {listed(new)}"
    return [Loss(what=f"tempo {listed(old)}", action=Action.ROUNDED, why=why)]


def _counted(count: int, what: str, action: Action, why: str) -> list[Loss]:
    return [Loss(what=counted(count, what), action=action, why=why)] if count else []


def counted(count: int, what: str) -> str:
    """Number and noun, "1 note" or "2 notes"."""
    return f"{count} {what}{'' if count == 1 else 's'}"


@lru_cache(1024)
def nearest_tempo(tempo: float) -> int:
    """The one of the 32 tempi that is nearest as a ratio."""
    return min(TEMPI, key=lambda known: abs(math.log(known / tempo)))


@lru_cache(1024)
def nearest_duration(duration: Fraction) -> Fraction:
    """The one of the 24 durations that is nearest as a ratio."""
    if duration in DURATIONS:
        return duration
    return min(DURATIONS, key=lambda known: max(known / duration, duration / known))


def fold(pitch: int) -> int:
    """The same note name inside the four octaves that a tone has."""
    below, above = max(0, LOWEST - pitch), max(0, pitch - HIGHEST)
    return pitch + 12 * (-(-below // 12)) - 12 * (-(-above // 12))


# Melody to octets


def item(melody: Melody, losses: Iterable[Loss] = (), limits: Limits | None = None) -> Item:
    """The tone as a message, with the losses of its reader and its own.

    Raises GuardError where strict limits cannot hold it.
    """
    if limits and limits.target == EMS:
        return _sounds(melody, losses, limits)
    fitted, found, data, more = _tone(melody)
    cut: tuple[Loss, ...] = ()
    if limits and not limits.hold(len(data), len(fitted.notes)):
        fitted, cut = shortened(fitted, limits, lambda part: len(_encode(part)[0]))
        data, more = _encode(fitted)
    payload = Payload(
        data=data, coding=Coding.OCTETS, elements=_TO_PORT, message_class=MessageClass.ME
    )
    return Item(kind="ringtone", payload=payload, losses=(*losses, *found, *cut, *more))


_TO_PORT = (ports(Port.RINGTONE),)


def _sounds(melody: Melody, losses: Iterable[Loss], limits: Limits) -> Item:
    """The tone as EMS user sounds."""
    fitted, found = fit(melody)
    payload, cut = ems.message(fitted, limits)
    return Item(kind="ems-sound", payload=payload, losses=(*losses, *found, *cut))


def encode(melody: Melody) -> tuple[bytes, tuple[Loss, ...]]:
    """The octets of a ringing tone, and what it could not hold of the melody.

    A tune of over 255 instructions goes on in patterns B, C and D; what is left then is cut. One
    that is too long for one message, and shorter so, has its repeats as patterns and loops.
    """
    _, losses, octets, more = _tone(melody)
    return octets, (*losses, *more)


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What the octets of a ringing tone do not hold of a melody."""
    return encode(melody)[1]


def _tone(melody: Melody) -> tuple[Melody, tuple[Loss, ...], bytes, tuple[Loss, ...]]:
    """The melody as a tone holds it, what that changed, its octets, and what they do not hold."""
    if melody.title.isascii() and len(melody.title) <= LONGEST_TITLE:
        try:
            return melody, (), *_encode(melody)
        except KeyError:  # a pitch, length or tempo that has no code: most tunes have none
            pass
    fitted, losses = fit(melody)
    return fitted, losses, *_encode(fitted)


def _encode(fitted: Melody) -> tuple[bytes, tuple[Loss, ...]]:
    losses: list[Loss] = []
    patterns, kept = _patterns(fitted.notes)
    cut = sum(note.pitch is not None for note in fitted.notes[kept:])
    loop = fitted.loop if len(patterns) < 2 else 0
    octets = _octets(fitted.title, [_Pattern(n, p, loop) for n, p in enumerate(patterns)])
    shorter = _repeated(fitted) if len(octets) > _ONE_PART and not fitted.loop else None
    if shorter and (cut or len(shorter) < len(octets)):
        return shorter, tuple(losses)
    losses += _counted(cut, "note", Action.CUT, "a ringtone has 4 patterns of 255 instructions")
    if loop != fitted.loop:
        losses.append(Loss(what="loop", action=Action.LEFT_OUT, why="a tune of several patterns"))
    return octets, tuple(losses)


#: Where a tone fits in one message, its repeats are written out: every phone reads that.
_ONE_PART = fitting.room(1, port=Port.RINGTONE)


class _Pattern(NamedTuple):
    """Instructions of pattern A..D, by number; none play again what was defined before."""

    number: int
    instructions: Sequence[str]
    loop: int


def _repeated(melody: Melody) -> bytes | None:
    """The tone with its repeats as patterns; None where a pattern cannot hold its part."""
    numbers: dict[tuple[int, int], int] = {}
    patterns = []
    plan = sections(list(map(_key, melody.notes)), patterns=MOST_PATTERNS, loops=FOR_EVER - 1)
    if len(plan) == 1:
        # A lone pattern's loop is the tune's own; the last time stands apart, so that it is not.
        (whole,) = plan
        plan = [replace(whole, loop=whole.loop - 1)] * (whole.loop > 0) + [replace(whole, loop=0)]
    for part in plan:
        place = part.start, part.end
        again = place in numbers
        number = numbers.setdefault(place, len(numbers))
        stretch = () if again else melody.notes[part.start : part.end]
        # Every stretch states all of its settings: it may be played after any other.
        instructions = list(chain.from_iterable(_steps(stretch, _State())))
        patterns.append(_Pattern(number, instructions, part.loop))
    if any(len(pattern.instructions) > MOST_INSTRUCTIONS for pattern in patterns):
        return None
    return _octets(melody.title, patterns)


def _key(note: Note) -> tuple[object, ...]:
    """What is equal where notes are, and quick to look up."""
    return note.pitch, note.duration.as_integer_ratio(), note.tempo, note.style, note.volume


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


def _patterns(notes: Sequence[Note]) -> tuple[list[list[str]], int]:
    """Instructions by pattern, and how many of the notes they hold."""
    patterns: list[list[str]] = []
    kept = 0
    while kept < len(notes) and len(patterns) < MOST_PATTERNS:
        # No source says whether settings outlive a pattern: later ones state all of theirs.
        steps = _steps(notes[kept : kept + MOST_INSTRUCTIONS], _State() if patterns else _START)
        count = bisect_right(list(accumulate(map(len, steps))), MOST_INSTRUCTIONS)
        patterns.append(list(chain.from_iterable(steps[:count])))
        kept += count
    return patterns, kept


def _steps(notes: Sequence[Note], state: _State) -> list[Sequence[str]]:
    """The instructions of each note: settings that differ from those before, then the note."""
    steps: list[Sequence[str]] = []
    before: tuple[Any, ...] = state
    for pitch, duration, tempo, style, volume in notes:
        played = _NAME_BITS[pitch] + _LENGTH_BITS[duration.as_integer_ratio()]
        scale = before[-1] if pitch is None else (pitch - LOWEST) // 12
        after = style, volume, tempo, scale
        if after == before:
            steps.append((played,))
        else:
            steps.append((*_changed(before, after), played))
            before = after
    return steps


def _changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> list[str]:
    """The instructions that set what differs, in the order of ``_State``."""
    return [
        bits[new]
        for bits, old, new in zip(_SETTING_BITS, before, after, strict=True)
        if new != old and new is not None
    ]


# Octets to melody


@dataclass(slots=True)
class _Reader:
    """A cursor over bits, most significant first."""

    data: bytes
    at: int = 0

    def take(self, width: int) -> int:
        end = self.at + width
        if end > len(self.data) * 8:
            raise DecodeError("expected more of the tone, found its end", offset=len(self.data))
        octets = self.data[self.at // 8 : -(-end // 8)]
        self.at = end
        return int.from_bytes(octets, "big") >> -end % 8 & (1 << width) - 1

    def align(self) -> None:
        self.at += -self.at % 8

    def error(self, expected: str, found: object) -> DecodeError:
        return DecodeError(f"expected {expected}, found {found}", offset=(self.at - 1) // 8)


def decode(data: bytes) -> Melody:
    """The melody of a ringing tone; whatever stands after the song is not looked at.

    One pattern with a loop keeps it as the melody's; of several patterns each is written out as
    often as it plays, and one that plays for ever is the last. DecodeError names the octet.
    """
    reader = _Reader(data)
    wide = False
    for _ in range(reader.take(8)):
        reader.align()
        part = reader.take(7)
        if part == _SOUND:
            return _song(reader, wide=wide)
        if part == _CANCEL:
            reader.take(7)
        elif part == _UNICODE:
            wide = True
        elif part != _PROGRAMMING:
            raise reader.error("a ringtone's command part", f"{part:02X}")
    raise reader.error("a sound among the command parts", "none")


def _song(reader: _Reader, *, wide: bool) -> Melody:
    song = reader.take(3)
    if song not in (_BASIC_SONG, _TEMPORARY_SONG):
        raise reader.error("a basic or temporary song", f"type {song}")
    title = _title(reader, wide=wide) if song == _BASIC_SONG else ""
    return _played(title, _read_patterns(reader), reader)


def _title(reader: _Reader, *, wide: bool) -> str:
    width = 16 if wide else 8
    characters = [reader.take(width) for _ in range(reader.take(4))]
    octets = b"".join(character.to_bytes(width // 8, "big") for character in characters)
    return octets.decode("utf-16-be" if wide else "latin-1", "replace")


def _read_patterns(reader: _Reader) -> list[tuple[tuple[Note, ...], int]]:
    """Notes and loop of each pattern, in the order of play."""
    defined: dict[int, tuple[Note, ...]] = {}
    order = []
    state = _DEFAULTS
    for _ in range(reader.take(8)):
        if header := reader.take(3):
            raise reader.error("pattern header 0", header)
        name, loop, length = reader.take(2), reader.take(4), reader.take(8)
        if length:
            defined[name], state = _read_notes(reader, length, state)
        elif name not in defined:
            raise reader.error("a pattern that was defined before", "ABCD"[name])
        order.append((defined[name], loop))
    return order


def _read_notes(reader: _Reader, count: int, state: _State) -> tuple[tuple[Note, ...], _State]:
    notes = []
    for _ in range(count):
        match reader.take(3):
            case 0b001:
                notes.append(_read_note(reader, state))
            case 0b010:
                state = state._replace(scale=reader.take(2))
            case 0b011:
                state = state._replace(style=_read_style(reader))
            case 0b100:
                state = state._replace(tempo=TEMPI[reader.take(5)])
            case 0b101:
                state = state._replace(volume=reader.take(4))
            case other:
                raise reader.error("an instruction 1..5", other)
    return tuple(notes), state


def _read_note(reader: _Reader, state: _State) -> Note:
    name, length = reader.take(4), reader.take(5)
    if name > 12:
        raise reader.error("a note 0..12", name)
    if length not in _DURATION_OF:
        raise reader.error("a duration 0..5", length >> 2)
    scale, tempo, style, volume = state.scale, state.tempo, state.style, state.volume
    pitch = LOWEST + 12 * (scale or 0) + name - 1 if name else None
    return Note(
        pitch,
        _DURATION_OF[length],
        tempo or DEFAULT_TEMPO,
        style or Style.NATURAL,
        DEFAULT_VOLUME if volume is None else volume,
    )


def _read_style(reader: _Reader) -> Style:
    code = reader.take(2)
    if code >= len(_STYLES):
        raise reader.error("a style 0..2", code)
    return _STYLES[code]


def _played(title: str, order: list[tuple[tuple[Note, ...], int]], reader: _Reader) -> Melody:
    if len(order) == 1:
        notes, loop = order[0]
        return Melody(title, notes, loop)
    played: list[Note] = []
    for notes, loop in order:
        played += notes * (1 if loop == FOR_EVER else 1 + loop)
        if len(played) > MOST_NOTES:
            raise reader.error(f"at most {MOST_NOTES} notes", "more")
        if loop == FOR_EVER:
            break
    return Melody(title, tuple(played))
