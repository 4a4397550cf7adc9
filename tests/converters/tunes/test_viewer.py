from __future__ import annotations

import io
import wave
from fractions import Fraction

import pytest
from vectorfiles import VECTORS, fields

from converters.tunes import pianoroll, wav
from converters.tunes.convert import IMELODY, MIDI, OTT, RTTTL
from converters.tunes.melody import Melody, Note, Style
from converters.tunes.ringtone import decode
from converters.tunes.rtttl import write
from converters.tunes.viewer import VIEWER
from smsenc import Payload, Port, SmsencError

READERS = {
    ".rtttl": RTTTL,
    ".rtx": RTTTL,
    ".mid": MIDI,
    ".imy": IMELODY,
    ".ott": OTT,
}
TUNE = "Scale:d=8,o=5,b=125:c,d,e,f,g,a,b,c6,4p,2c6.,16b,16a,g,f,e,d,c"


def payload(text=TUNE):
    (item,) = RTTTL.convert(text.encode(), RTTTL.settings({}))
    return item.payload


@pytest.mark.parametrize("writer", VIEWER.writers, ids=lambda writer: writer.suffix)
def test_a_tone_survives_every_file_format(writer):
    octets = writer.write(payload())
    reader = READERS[writer.suffix]
    assert reader.sniff(octets[:4096])
    (item,) = reader.convert(octets, reader.settings(reader.whole))
    assert write(decode(item.payload.data)) == TUNE
    assert item.losses == ()


def test_every_writer_has_its_reader():
    assert {writer.suffix for writer in VIEWER.writers} == set(READERS)


def test_the_phone_shows_title_tempo_and_notes():
    octets = bytes.fromhex(fields(VECTORS / "ringtone" / "valid" / "faq-test.txt")["octets"])
    shown = VIEWER.view(Payload.to_port(Port.RINGTONE, octets))
    assert shown.lines == (
        "title: test",
        "tempo: 160",
        "length: 10 notes, 5.9 s",
        "4e5 4f5 4g5 16e5 8e5 4e5 2e5 1e5 4p 1g#5",
    )
    assert shown.content["rtttl"] == "test:d=4,o=5,b=160:e,f,g,16e,8e,e,2e,1e,p,1g#"


def test_previews_are_sound_and_picture():
    by_suffix = {writer.suffix: writer.write(payload()) for writer in VIEWER.previews}
    assert by_suffix[".wav"][:4] == b"RIFF"
    assert by_suffix[".png"][:8] == b"\x89PNG\r\n\x1a\n"


def heard(octets):
    """Hertz and seconds of each note of a WAV file, by its zero crossings and silences."""
    with wave.open(io.BytesIO(octets)) as file:
        rate, frames = file.getframerate(), file.readframes(file.getnframes())
    samples = memoryview(frames).cast("h")
    notes, start, silent = [], None, 0
    for at, sample in enumerate([*samples, *[0] * 40]):
        silent = 0 if sample else silent + 1
        if sample and start is None:
            start = at
        elif start is not None and silent == 40:
            notes.append((start, at - 39))
            start = None
    return [(_hertz(samples[a:b], rate), (b - a) / rate) for a, b in notes]


def _hertz(samples, rate):
    turns = [n for n in range(1, len(samples)) if (samples[n] > 0) != (samples[n - 1] > 0)]
    return (len(turns) - 1) / 2 / (turns[-1] - turns[0]) * rate


@pytest.mark.parametrize("style", [Style.NATURAL, Style.STACCATO])
@pytest.mark.parametrize("tempo", [63, 125, 225])
def test_each_note_has_its_pitch_and_length(style, tempo):
    pitches = (60, 64, 69, 79, 88, 95, 107)
    notes = tuple(Note(pitch, Fraction(1, 4), tempo, style) for pitch in pitches)
    found = heard(wav.write(Melody("x", notes)))
    assert len(found) == len(pitches)
    for pitch, (hertz, seconds) in zip(pitches, found, strict=True):
        assert hertz == pytest.approx(wav.frequency(pitch), rel=0.01)
        assert seconds == pytest.approx(60 / tempo * wav.SOUNDING[style], abs=0.01)


def test_a_file_has_the_length_of_its_tune():
    melody = decode(payload().data)
    with wave.open(io.BytesIO(wav.write(melody))) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(melody.seconds, abs=1e-4)


def test_a_tune_over_ten_minutes_is_not_written():
    melody = Melody("x", (Note(69, Fraction(1), 25),) * 100)
    with pytest.raises(SmsencError) as caught:
        wav.write(melody)
    assert str(caught.value) == "expected a tune of at most 600 seconds, found 960"


def test_each_note_is_drawn_as_a_bar():
    image = pytest.importorskip("PIL.Image", reason="pictures are drawn with Pillow")
    melody = Melody("x", (Note(72, Fraction(1, 4), 60), Note(74, Fraction(1, 4), 60)))
    with image.open(io.BytesIO(pianoroll.draw(melody))) as picture:
        assert picture.size == (320, 32 + 5 * 6 + 28)  # the title is wider than the notes
        ink = (32, 64, 128)
        assert [picture.getpixel((48, 32 + 6 * row)) == ink for row in range(5)] == [
            False, False, False, True, False,
        ]  # fmt: skip
