from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectorfiles import VECTORS, described, fields

from converters.tunes.melody import Melody, Note, Style
from converters.tunes.ringtone import DURATIONS, TEMPI, decode, encode, fold, item, nearest_tempo
from converters.tunes.rtttl import parse
from converters.tunes.viewer import VIEWER
from smsenc import Payload, Port, SmsencError


@pytest.mark.parametrize("vector", described("ringtone", "valid"))
def test_tones_of_others_decode(vector):
    melody = decode(bytes.fromhex(vector["octets"]))
    assert (melody, ()) == parse(vector["rtttl"])
    assert melody.loop == int(vector["loop"])


def test_the_octets_of_an_independent_program():
    vector = fields(VECTORS / "ringtone" / "valid" / "sckl-eiffel.txt")
    assert encode(parse(vector["rtttl"])[0]) == (bytes.fromhex(vector["octets"]), ())


@pytest.mark.parametrize("vector", described("ringtone", "invalid"))
def test_what_is_no_tone_is_named(vector):
    with pytest.raises(SmsencError) as caught:
        decode(bytes.fromhex(vector["octets"]))
    assert str(caught.value) == vector["error"]


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


@given(st.binary(max_size=60))
def test_any_octets_are_a_melody_or_our_error(octets):
    for data in (octets, bytes.fromhex("024A3A") + octets):
        try:
            assert isinstance(decode(data), Melody)
        except SmsencError as error:
            assert "expected" in str(error)


def quarters(count):
    return Melody("long", tuple(Note(72 + n % 3, Fraction(1, 4), 125) for n in range(count)))


def test_a_long_tune_goes_on_in_further_patterns():
    octets, losses = encode(quarters(600))
    assert (decode(octets), losses) == (quarters(600), ())


def test_what_four_patterns_cannot_hold_is_cut():
    octets, losses = encode(quarters(1500))
    kept = len(decode(octets).notes)
    assert kept == 253 + 3 * 251
    assert [str(loss) for loss in losses] == [
        "494 notes cut: a ringtone has 4 patterns of 255 instructions"
    ]


def test_what_a_phone_cannot_hold_is_said():
    melody = Melody("Žluťoučký kůň a pes", (Note(50, Fraction(1, 64), 120), Note(120, Fraction(2))))
    fitted = item(melody)
    assert decode(fitted.payload.data) == Melody(
        "Zlutoucký kun a"[:15],
        (Note(62, Fraction(1, 48), 125), Note(96, Fraction(7, 4), 63)),
    )
    assert [(loss.what, loss.action) for loss in fitted.losses] == [
        ("title 'Žluťoučký kůň a pes'", "replaced"),
        ("title 'Zlutoucký kun a pes'", "cut"),
        ("tempo 120", "rounded"),
        ("2 durations", "rounded"),
        ("2 notes", "replaced"),
    ]


@given(st.integers(-200, 300))
def test_folding_keeps_the_name_of_a_note(pitch):
    assert 60 <= fold(pitch) <= 107
    assert (fold(pitch) - pitch) % 12 == 0


def test_the_nearest_tempo_is_nearest_as_a_ratio():
    assert [nearest_tempo(bpm) for bpm in (1, 120, 211, 2000)] == [25, 125, 200, 900]


def test_repeats_are_written_out_and_bounded():
    note = "001" + "0001" + "010" + "00"
    first = "000" + "00" + "0010" + "00000001" + note  # pattern A, twice more
    again = "000" + "00" + "1110" + "00000000"  # pattern A, fourteen times more
    assert len(decode(tone(2, first + again)).notes) == 3 + 15
    assert len(decode(tone(255, first + again * 254)).notes) == 3 + 254 * 15
    with pytest.raises(SmsencError, match="expected at most 10000 notes, found more"):
        decode(tone(255, first.replace("00000001", "00000100") + note * 3 + again * 254))
    with pytest.raises(SmsencError, match="expected a pattern that was defined before, found A"):
        decode(tone(1, again))


def tone(patterns, song):
    bits = f"{2:08b}{0x25:07b}0{0x1D:07b}0010000{patterns:08b}{song}"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


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
