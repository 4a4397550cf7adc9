"""The octets of a ringing tone, command by command: its notes are bits that begin anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from converters.shared.words import counted
from converters.tunes.ringtone.codes import (
    BASIC_SONG,
    CANCEL,
    NOTE,
    PROGRAMMING,
    SCALE,
    SOUND,
    STYLE,
    STYLES,
    TEMPI,
    TEMPO,
    TEMPORARY_SONG,
    UNICODE,
    VOLUME,
)
from smsenc.octetmap import Field

_SPEC = "Smart Messaging 2.0.0, 3.8"
_PARTS = {
    CANCEL: "cancel command",
    PROGRAMMING: "ringing tone programming",
    SOUND: "sound",
    UNICODE: "unicode",
}
_SONGS = {BASIC_SONG: "basic song", TEMPORARY_SONG: "temporary song"}
_PITCHES = ("rest", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LENGTHS = ("1/1", "1/2", "1/4", "1/8", "1/16", "1/32")
_SPECIFIERS = ("", "dotted", "double dotted", "2/3 of it")
_FOR_EVER = 15
_STYLE_NAMES = dict(enumerate(str(style) for style in STYLES))
_SETTINGS: Mapping[int, tuple[str, int, Mapping[int, str]]] = {
    SCALE: ("scale", 2, {n: f"A = {440 * 2**n} Hz" for n in range(4)}),
    STYLE: ("style", 2, _STYLE_NAMES),
    TEMPO: ("tempo", 5, {n: f"{tempo} beats a minute" for n, tempo in enumerate(TEMPI)}),
    VOLUME: ("volume", 4, {0: "tone off"}),
}


class _EndError(Exception):
    """The octets end, or cannot be understood; ``args`` says so."""


@dataclass(slots=True)
class _Bits:
    """Fields of bits, made one after the other; ``at`` is where the next one starts."""

    data: bytes
    at: int = 0
    fields: list[Field] = field(default_factory=list)

    def take(self, width: int, name: str, meanings: Mapping[int, str] | None = None) -> int:
        """The next bits as a number, which become a field."""
        start, end = self.at, self.at + width
        if end > len(self.data) * 8:
            raise _EndError("expected more of the tone, found its end")
        first, last = start // 8, -(-end // 8)
        spare = -end % 8
        mask = ((1 << width) - 1) << spare
        value = (int.from_bytes(self.data[first:last], "big") & mask) >> spare
        meaning = (meanings or {}).get(value, "")
        self.fields.append(Field(first, last, name, value, _SPEC, meaning, bits=mask))
        self.at = end
        return value

    def align(self) -> None:
        """Make a field of the bits up to the next octet."""
        if self.at % 8:
            self.take(-self.at % 8, "filler")

    def group(self, first: int, name: str, meaning: str) -> None:
        """Make one field of those from number ``first`` on."""
        children = tuple(self.fields[first:])
        start, end = children[0].start, children[-1].end
        mask = 0
        for child in children:
            mask |= (child.bits or 0) << 8 * (end - child.end)
        self.fields[first:] = [
            Field(start, end, name, "", _SPEC, meaning, bits=mask, children=children)
        ]

    def fail(self, what: str) -> _EndError:
        """Mark the last field."""
        self.fields[-1] = replace(self.fields[-1], fault=what)
        return _EndError("")


def ringing_tone(data: bytes) -> Iterator[Field]:
    """One field with the commands and notes, as far as they can be read."""
    if len(data) < 2 or data[1] >> 1 not in _PARTS:
        return
    bits = _Bits(data)
    fault = ""
    try:
        _commands(bits)
    except _EndError as error:
        fault = str(error)
    bits.fields += _rest(bits)
    title = next((one.meaning for one in bits.fields if one.name == "title"), "")
    notes = sum(one.name == "note" for one in bits.fields)
    meaning = counted(notes, "note")
    yield Field(
        0, len(data), "ringing tone", title, _SPEC, meaning, fault, None, tuple(bits.fields)
    )


def _rest(bits: _Bits) -> Iterator[Field]:
    """The bits and octets after the last command."""
    at = -(-bits.at // 8)
    if bits.at % 8:
        mask = (1 << (-bits.at % 8)) - 1
        value = bits.data[at - 1] & mask
        yield Field(at - 1, at, "filler", value, _SPEC, bits=mask)
    if at < len(bits.data):
        last = at + 1 == len(bits.data) and bits.data[at] == 0
        name = "end of the commands" if last else "after the commands"
        yield Field(at, len(bits.data), name, bits.data[at:], _SPEC)


def _commands(bits: _Bits) -> None:
    wide = False
    for _ in range(bits.take(8, "command parts")):
        bits.align()
        part = bits.take(7, "command", _PARTS)
        if part == SOUND:
            _song(bits, wide=wide)
        elif part == CANCEL:
            bits.take(7, "cancelled command", _PARTS)
        elif part not in _PARTS:
            raise bits.fail("expected a ringtone's command part")
        wide = wide or part == UNICODE


def _song(bits: _Bits, *, wide: bool) -> None:
    song = bits.take(3, "song type", _SONGS)
    if song not in _SONGS:
        raise bits.fail("expected a basic or temporary song")
    if song == BASIC_SONG:
        _title(bits, 16 if wide else 8)
    for _ in range(bits.take(8, "patterns")):
        _pattern(bits)


def _title(bits: _Bits, width: int) -> None:
    length = bits.take(4, "title length")
    first = len(bits.fields)
    text = "".join(chr(bits.take(width, "character")) for _ in range(length))
    if length:
        bits.group(first, "title", repr(text))


def _pattern(bits: _Bits) -> None:
    if bits.take(3, "pattern header"):
        raise bits.fail("expected pattern header 0")
    bits.take(2, "pattern", dict(enumerate("ABCD")))
    bits.take(4, "loop", {0: "played once", _FOR_EVER: "for ever"})
    for _ in range(bits.take(8, "instructions", {0: "those of the pattern before"})):
        _instruction(bits)


def _instruction(bits: _Bits) -> None:
    """Three bits that say which, and its value: one field with children."""
    first = len(bits.fields)
    kind = bits.take(3, "instruction", {NOTE: "note"} | {n: s[0] for n, s in _SETTINGS.items()})
    if kind == NOTE:
        name, value = "note", _note(bits)
    elif kind in _SETTINGS:
        name, width, meanings = _SETTINGS[kind]
        number = bits.take(width, name, meanings)
        value = meanings.get(number, str(number))
        if kind == STYLE and number >= len(STYLES):
            raise bits.fail(f"expected a style 0 to {len(STYLES) - 1}")
    else:
        raise bits.fail("expected an instruction 1 to 5")
    bits.group(first, name, value)


_DURATIONS = dict(enumerate(_LENGTHS))


def _note(bits: _Bits) -> str:
    pitch = bits.take(4, "pitch", dict(enumerate(_PITCHES)))
    if pitch >= len(_PITCHES):
        raise bits.fail("expected a note 0 to 12")
    length = bits.take(3, "duration", _DURATIONS)
    if length >= len(_LENGTHS):
        raise bits.fail("expected a duration 0 to 5")
    specifier = bits.take(2, "specifier", {n: one for n, one in enumerate(_SPECIFIERS) if one})
    return " ".join(filter(None, (_PITCHES[pitch], _LENGTHS[length], _SPECIFIERS[specifier])))
