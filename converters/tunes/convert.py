"""The tune formats: each reads files and yields ringing tones or EMS sounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from converters.api import Converter, Item, View
from converters.errors import SourceError
from converters.shared.words import counted
from converters.tunes import ringtone, sniffing
from converters.tunes.losses import decoded
from converters.tunes.payload import item
from converters.tunes.settings import MIDI_OPTIONS, OPTIONS, WHOLE, MidiSettings, TuneSettings
from smsenc import SmsencError

if TYPE_CHECKING:
    from converters.tunes import rtttl
    from converters.tunes.midi.voices import RatedVoice

#: The largest file of one tune, and of RTTTL, whose files may be collections of thousands of tunes.
MOST_OCTETS, MOST_RTTTL_OCTETS = 1 << 16, 1 << 20


def _check_size(data: bytes, most: int = MOST_OCTETS) -> None:
    if len(data) > most:
        raise SourceError(f"expected at most {most} octets, found {len(data)}")


# MIDI


def _convert_midi(data: bytes, settings: MidiSettings) -> Iterator[Item]:
    """One item: the melody of the file."""
    from converters.tunes.midi import extraction  # noqa: PLC0415 - not for the other formats

    tune = extraction.extract(data, settings)
    yield item(tune.melody, tune.losses, settings)


def _describe_midi(data: bytes, settings: MidiSettings) -> View:
    """The voices of a file, the likeliest melody first, with the features that make it likely."""
    from converters.tunes.midi import extraction  # noqa: PLC0415 - as above

    voices = extraction.choose(data, settings).ranked
    chosen = str(voices[0].voice)
    return View(
        content={"chosen": chosen, "voices": [_voice_record(rated) for rated in voices]},
        lines=(f"chosen: {chosen}", *map(_voice_line, voices)),
    )


def _voice_record(rated: RatedVoice) -> dict[str, object]:
    voice = rated.voice
    return {
        "track": voice.track.number,
        "name": voice.track.name,
        "channel": voice.channel + 1,
        "notes": len(voice.notes),
        "points": round(rated.points, 2),
        "features": {name: round(value, 3) for name, value in rated.features.items()},
    }


def _voice_line(rated: RatedVoice) -> str:
    why = ", ".join(f"{name} {value:.2f}" for name, value in rated.features.items() if value)
    notes = counted(len(rated.voice.notes), "note")
    return f"{rated.voice}: {rated.points:.1f} points, {notes} ({why})"


MIDI = Converter(
    name="midi",
    summary="MIDI files; one voice becomes a ringtone",
    suffixes=(".mid", ".midi", ".kar", ".rmi"),
    sniff=sniffing.midi,
    convert=_convert_midi,
    describe=_describe_midi,
    options=MIDI_OPTIONS,
    settings_class=MidiSettings,
    whole=WHOLE,
)


# RTTTL


def _convert_rtttl(data: bytes, settings: TuneSettings) -> Iterator[Item]:
    """One item for each tune; a tune that cannot be read is an item with its error."""
    from converters.tunes import rtttl  # noqa: PLC0415 - not for the other formats

    _check_size(data, MOST_RTTTL_OCTETS)
    source = None
    for source in rtttl.sources(data):
        yield _rtttl_item(source, settings)
    if not source:
        raise SourceError("expected a tune, found an empty file")


def _rtttl_item(source: rtttl.Source, settings: TuneSettings) -> Item:
    from converters.tunes import rtttl  # noqa: PLC0415 - as above

    try:
        melody, losses = rtttl.parse(source.text, offset=source.offset)
        return item(melody, losses, settings)
    except SmsencError as error:
        within = error.offset or 0
        error.offset = source.offset + within
        error.at(line=source.line + len(source.text[: within + 1].splitlines()) - 1)
        return Item(kind="ringtone", error=error)


RTTTL = Converter(
    name="rtttl",
    summary="ringtones as text (RTTTL and RTX); a file may have several",
    suffixes=(".rtttl", ".rttl", ".rtx"),
    sniff=sniffing.rtttl,
    convert=_convert_rtttl,
    options=OPTIONS,
    settings_class=TuneSettings,
    whole=WHOLE,
)


# iMelody


def _convert_imelody(data: bytes, settings: TuneSettings) -> Iterator[Item]:
    """One item: the tune of the file."""
    from converters.tunes import imelody  # noqa: PLC0415 - not for the other formats

    _check_size(data)
    if not data.strip():
        raise SourceError("expected an iMelody, found an empty file")
    melody, losses = imelody.parse(decoded(data))
    yield item(melody, losses, settings)


IMELODY = Converter(
    name="imelody",
    summary="iMelody 1.2 tunes",
    suffixes=(".imy", ".imelody"),
    sniff=sniffing.imelody,
    convert=_convert_imelody,
    options=OPTIONS,
    settings_class=TuneSettings,
    whole=WHOLE,
)


# Nokia's tone files: the octets of a ringing tone as they are sent


def _convert_ott(data: bytes, settings: TuneSettings) -> Iterator[Item]:
    """One item: the tone, read and written again."""
    if not data:
        raise SourceError("expected a ringing tone, found an empty file")
    _check_size(data)
    yield item(ringtone.decode(data), (), settings)


OTT = Converter(
    name="ott",
    summary="ringtones in Nokia's binary format",
    suffixes=(".ott", ".rng"),
    sniff=sniffing.ott,
    convert=_convert_ott,
    options=OPTIONS,
    settings_class=TuneSettings,
    whole=WHOLE,
)
