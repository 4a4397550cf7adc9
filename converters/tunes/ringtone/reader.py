"""Ringing tones, read: bits to a melody."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from converters.tunes.melody import (
    DEFAULT_TEMPO,
    DEFAULT_VOLUME,
    FOR_EVER,
    MOST_NOTES,
    Melody,
    Note,
    Style,
)
from converters.tunes.ringtone.codes import (
    BASIC_SONG,
    CANCEL,
    DURATIONS,
    LOWEST,
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
from smsenc import DecodeError

_DURATION_OF = MappingProxyType({code: duration for duration, code in DURATIONS.items()})


class _Settings(NamedTuple):
    """What the instructions have set so far; these are the specification's defaults."""

    style: Style = Style.NATURAL
    volume: int = DEFAULT_VOLUME
    tempo: int = DEFAULT_TEMPO
    scale: int = 1


class _PlayedPattern(NamedTuple):
    """The notes of a pattern, and how often they are repeated."""

    notes: tuple[Note, ...]
    loop: int


@dataclass(slots=True)
class _BitReader:
    """A position in bits, which are read most significant first."""

    data: bytes
    at: int = 0  # in bits

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
    """The melody of a ringing tone; what follows the song is ignored.

    The loop of a lone pattern is the melody's. Of several patterns each is written out as often as
    it plays, and one that plays for ever is the last. DecodeError names the octet.
    """
    reader = _BitReader(data)
    wide = False
    for _ in range(reader.take(8)):
        reader.align()
        part = reader.take(7)
        if part == SOUND:
            return _read_song(reader, wide=wide)
        if part == CANCEL:
            reader.take(7)
        elif part == UNICODE:
            wide = True
        elif part != PROGRAMMING:
            raise reader.error("a ringtone's command part", f"{part:02X}")
    raise reader.error("a sound among the command parts", "none")


def _read_song(reader: _BitReader, *, wide: bool) -> Melody:
    song = reader.take(3)
    if song not in (BASIC_SONG, TEMPORARY_SONG):
        raise reader.error("a basic or temporary song", f"type {song}")
    title = _read_title(reader, wide=wide) if song == BASIC_SONG else ""
    patterns = _read_patterns(reader)
    if len(patterns) == 1:
        return Melody(title, *patterns[0])
    return Melody(title, _written_out(patterns, reader))


def _read_title(reader: _BitReader, *, wide: bool) -> str:
    width = 16 if wide else 8
    characters = [reader.take(width) for _ in range(reader.take(4))]
    octets = b"".join(character.to_bytes(width // 8, "big") for character in characters)
    return octets.decode("utf-16-be" if wide else "latin-1", "replace")


def _read_patterns(reader: _BitReader) -> list[_PlayedPattern]:
    """The patterns in the order of play."""
    defined: dict[int, tuple[Note, ...]] = {}
    played = []
    settings = _Settings()
    for _ in range(reader.take(8)):
        if header := reader.take(3):
            raise reader.error("pattern header 0", header)
        name, loop, length = reader.take(2), reader.take(4), reader.take(8)
        if length:
            defined[name], settings = _read_notes(reader, length, settings)
        elif name not in defined:
            raise reader.error("a pattern that was defined before", "ABCD"[name])
        played.append(_PlayedPattern(defined[name], loop))
    return played


def _read_notes(
    reader: _BitReader, count: int, settings: _Settings
) -> tuple[tuple[Note, ...], _Settings]:
    """The notes among so many instructions, and the settings after them."""
    notes = []
    for _ in range(count):
        instruction = reader.take(3)
        if instruction == NOTE:
            notes.append(_read_note(reader, settings))
        else:
            settings = _read_setting(reader, instruction, settings)
    return tuple(notes), settings


def _read_setting(reader: _BitReader, instruction: int, settings: _Settings) -> _Settings:
    """The settings after an instruction that is not a note."""
    if instruction == SCALE:
        return settings._replace(scale=reader.take(2))
    if instruction == STYLE:
        return settings._replace(style=_read_style(reader))
    if instruction == TEMPO:
        return settings._replace(tempo=TEMPI[reader.take(5)])
    if instruction == VOLUME:
        return settings._replace(volume=reader.take(4))
    raise reader.error("an instruction 1..5", instruction)


def _read_note(reader: _BitReader, settings: _Settings) -> Note:
    name, length = reader.take(4), reader.take(5)
    if name > 12:
        raise reader.error("a note 0..12", name)
    if length not in _DURATION_OF:
        raise reader.error("a duration 0..5", length >> 2)
    pitch = LOWEST + 12 * settings.scale + name - 1 if name else None
    return Note(pitch, _DURATION_OF[length], settings.tempo, settings.style, settings.volume)


def _read_style(reader: _BitReader) -> Style:
    code = reader.take(2)
    if code >= len(STYLES):
        raise reader.error("a style 0..2", code)
    return STYLES[code]


def _written_out(patterns: list[_PlayedPattern], reader: _BitReader) -> tuple[Note, ...]:
    """The notes of patterns, each as often as it plays; one that plays for ever is the last."""
    notes: list[Note] = []
    for pattern in patterns:
        notes += pattern.notes * (1 if pattern.loop == FOR_EVER else 1 + pattern.loop)
        if len(notes) > MOST_NOTES:
            raise reader.error(f"at most {MOST_NOTES} notes", "more")
        if pattern.loop == FOR_EVER:
            break
    return tuple(notes)
