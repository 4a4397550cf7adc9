"""The options of tune formats, and the settings that they become."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from converters.api import Option
from converters.shared import fitting
from converters.shared.parsers import choice, flag, one_of, whole_number
from converters.tunes.limits import PHONES, Limits
from smsenc import Port


class Target(StrEnum):
    """What a tune is sent as: a Nokia ringing tone, or EMS user sounds."""

    RINGTONE = "ringtone"
    EMS = "ems"


@dataclass(frozen=True)
class TuneSettings:
    """The options of every tune format."""

    max_parts: int = fitting.PARTS
    strict: bool = False  #: refuse a tune that is too long, instead of cutting it
    notes: int | None = None  #: notes and rests that the tune may have
    target: str = Target.RINGTONE
    phone: int | None = None  #: notes and rests that the phone holds

    @cached_property
    def limits(self) -> Limits:
        """The limits that the settings ask for; the smaller number of notes counts."""
        octets = fitting.room(self.max_parts, port=Port.RINGTONE)
        notes = min(filter(None, (self.notes, self.phone)), default=None)
        return Limits(octets, self.max_parts, notes, self.strict)


@dataclass(frozen=True)
class MidiSettings(TuneSettings):
    """The options of MIDI files: which voice, which part of it, and how it is written."""

    track: int | None = None  #: from 1; any where not given
    channel: int | None = None  #: 1 to 16; any where not given
    start: float = 0.0  #: seconds
    bars: int | None = None  #: of four quarter notes; all where not given
    skyline: bool = False  #: the highest notes of the voice, instead of its melody
    transpose: int = 0  #: semitones
    quantise: bool = True  #: double or halve durations where that fits better


#: The notes that a phone holds; None for "generic", which has no limit of its own.
parse_phone = choice({**PHONES, "generic": None}, "a phone")


def parse_seconds(text: str) -> float:
    """Seconds of a day; raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 86400:
        raise ValueError("expected seconds 0..86400")
    return seconds


OPTIONS = (
    *fitting.OPTIONS,
    Option(
        "notes",
        "maximum number of notes and rests in a tune",
        whole_number(1, 9999, "a number of notes"),
    ),
    Option(
        "target",
        "ringtone, or ems (iMelody in the header; needs --format pdu, smstools or json)",
        one_of(*Target),
        Target.RINGTONE,
    ),
    Option("phone", "the phone that plays it: " + ", ".join((*PHONES, "generic")), parse_phone),
)

MIDI_OPTIONS = (
    Option("track", "take the voice from this track", whole_number(1, 65535, "a number")),
    Option("channel", "take the voice of this channel", whole_number(1, 16, "a number")),
    Option("skyline", "yes: take the highest notes of the voice", flag, default=False),
    Option("start", "where to start, in seconds", parse_seconds, 0.0),
    Option("bars", "bars of four quarter notes to take", whole_number(1, 9999, "a number")),
    Option(
        "transpose",
        "semitones up; down if negative",
        whole_number(-48, 48, "a number"),
        0,
    ),
    Option("quantise", "no: keep the finest note lengths", flag, default=True),
    *OPTIONS,
)

#: Options that keep a tune complete, for a file that is written at once.
WHOLE: Mapping[str, str] = MappingProxyType({"max-parts": "255"})
