from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from vectorfiles import VECTORS, fields

from converters.tunes.melody import Melody, Note, Style
from converters.tunes.ringtone import DURATIONS, TEMPI, decode, encode
from converters.tunes.rtttl import parse


def test_the_octets_of_an_independent_program():
    vector = fields(VECTORS / "ringtone" / "valid" / "sckl-eiffel.txt")
    assert encode(parse(vector["rtttl"])[0]) == (bytes.fromhex(vector["octets"]), ())


notes = st.builds(
    Note,
    pitch=st.none() | st.integers(60, 107),
    duration=st.sampled_from(sorted(DURATIONS)),
    tempo=st.sampled_from(TEMPI),
    style=st.sampled_from(Style),
    volume=st.integers(0, 15),
)
titles = st.text(st.characters(max_codepoint=255), max_size=15)
melodies = st.builds(
    Melody, titles, st.lists(notes, min_size=1, max_size=50).map(tuple), st.integers(0, 15)
)


@given(melodies)
def test_decode_is_the_inverse_of_encode(melody):
    octets, losses = encode(melody)
    assert (decode(octets), losses) == (melody, ())


def quarters(count):
    return Melody("long", tuple(Note(72 + n % 3, Fraction(1, 4), 125) for n in range(count)))


def test_a_long_tune_goes_on_in_further_patterns():
    octets, losses = encode(quarters(600))
    assert (decode(octets), losses) == (quarters(600), ())


def test_notes_after_four_patterns_are_cut():
    octets, losses = encode(quarters(1500))
    kept = len(decode(octets).notes)
    assert kept == 253 + 3 * 251
    assert [str(loss) for loss in losses] == [
        "494 notes cut: a ringtone has 4 patterns of 255 instructions"
    ]
