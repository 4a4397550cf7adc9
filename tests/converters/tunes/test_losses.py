"""Each file format reports what of a tune it cannot hold; everything else comes back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes import imelody, ringtone, rtttl
from converters.tunes.melody import FOR_EVER, Melody, Note, Style
from converters.tunes.midi import extraction, writer
from converters.tunes.ringtone import DURATIONS, TEMPI
from converters.tunes.settings import MidiSettings

NOTE = Note(72, Fraction(1, 4), 125)
ALL = {
    "rtttl": rtttl.losses,
    "imelody": imelody.losses,
    "midi": writer.losses,
    "tone": ringtone.losses,
}


def tune(*notes, title="x", loop=0):
    return Melody(title, notes or (NOTE,), loop)


@pytest.mark.parametrize("losses", ALL.values(), ids=ALL)
def test_a_plain_tune_loses_nothing(losses):
    assert losses(tune(NOTE, Note(None, Fraction(3, 8), 125), NOTE)) == ()


@pytest.mark.parametrize(
    ("form", "melody", "said"),
    [
        ("rtttl", tune(title="a:b"), ["title 'a:b' replaced: RTTTL writes 'a b'"]),
        ("rtttl", tune(NOTE._replace(volume=9)), ["volume left out: RTTTL has no sign for it"]),
        (
            "rtttl",
            tune(NOTE._replace(duration=Fraction(2, 3))),
            ["duration 2/3 rounded: the nearest that RTTTL has: 3/4"],
        ),
        (
            "imelody",
            tune(NOTE, NOTE._replace(tempo=160), NOTE._replace(tempo=63), title="Ω"),
            [
                "title 'Ω' replaced: iMelody writes '?'",
                "tempo 160, 63 replaced: iMelody has one: that of the start, 125",
            ],
        ),
        (
            "imelody",
            tune(NOTE, NOTE._replace(style=Style.STACCATO)),
            ["style S replaced: iMelody has one: that of the start, N"],
        ),
        (
            "imelody",
            tune(NOTE._replace(duration=Fraction(1, 64))),
            ["duration 1/64 rounded: the nearest that iMelody has: 1/48"],
        ),
        ("midi", tune(loop=3), ["loop left out: a MIDI file plays once"]),
        (
            "midi",
            tune(NOTE._replace(style=Style.CONTINUOUS), NOTE, title="Ω"),
            [
                "title 'Ω' replaced: MIDI writes '?'",
                "style C left out: MIDI has no sign for it; notes are as long as written",
            ],
        ),
        (
            "tone",
            tune(NOTE._replace(tempo=120), title="a title too long"),
            [
                "title 'a title too long' cut: a ringtone's title has at most 15 characters",
                "tempo 120 rounded: the nearest of the phone's tempi: 125",
            ],
        ),
    ],
)
def test_losses_are_reported(form, melody, said):
    assert [str(loss) for loss in ALL[form](melody)] == said


notes = st.builds(
    Note,
    pitch=st.none() | st.integers(60, 107),
    duration=st.sampled_from(sorted(DURATIONS)),
    tempo=st.sampled_from(TEMPI[10:14]) | st.just(125),
    style=st.sampled_from(Style) | st.just(Style.NATURAL),
    volume=st.sampled_from([7, 7, 7, 9]),
)
melodies = st.builds(
    Melody,
    st.text("aB :\n\x85é\u03a9", max_size=15),
    st.lists(notes, min_size=1, max_size=12).map(tuple),
    st.sampled_from([0, 0, 3, FOR_EVER]),
)
#: Of one tempo and style, so that the law is often tried where nothing is lost.
steady = melodies.map(
    lambda m: replace(
        m, notes=tuple(n._replace(tempo=125, style=m.style, volume=7) for n in m.notes)
    )
)


@given(melodies | steady)
def test_rtttl_without_losses_comes_back(melody):
    read, _ = rtttl.parse(rtttl.write(melody))
    assert (read == melody) == (rtttl.losses(melody) == ())


@given(melodies | steady)
def test_imelody_without_losses_comes_back(melody):
    read, _ = imelody.parse(imelody.write(melody).decode("latin-1"))
    again = 1 + (0 if melody.loop == FOR_EVER else melody.loop)
    loop = FOR_EVER if melody.loop == FOR_EVER else 0
    heard = Melody(melody.title, melody.notes * again, loop)
    assert (read == heard) == (imelody.losses(melody) == ())


#: What a reader of MIDI has no reason to write twice as fast or as slow.
usual = st.builds(
    Note,
    pitch=st.integers(60, 107),
    duration=st.sampled_from([f / 2**k for k in range(2, 5) for f in (1, Fraction(3, 2))]).map(
        Fraction
    ),
    tempo=st.just(125),
    style=st.just(Style.NATURAL),
    volume=st.integers(1, 15),
)


@given(st.builds(Melody, st.text("aBc", max_size=15), st.lists(usual, min_size=1).map(tuple)))
def test_midi_without_losses_comes_back(melody):
    assert writer.losses(melody) == ()
    found = extraction.extract(writer.write(melody), MidiSettings())
    assert found.losses == ()
    assert found.melody.title == melody.title
    assert [n._replace(volume=0) for n in found.melody.notes] == [
        n._replace(volume=0) for n in melody.notes
    ]
