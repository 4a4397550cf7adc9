from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectorfiles import described

from converters.tunes.melody import DEFAULT_VOLUME, Melody, Note, Style
from converters.tunes.ringtone import DURATIONS
from converters.tunes.rtttl import octave, parse, sniff, sources, spell, write
from smsenc import SmsencError


@pytest.mark.parametrize("vector", described("rtttl", "valid"))
def test_valid_tunes_are_read(vector):
    melody, losses = parse(vector["in"])
    assert (write(melody), losses) == (vector["out"], ())


@pytest.mark.parametrize("vector", described("rtttl", "invalid"))
def test_invalid_tunes_are_rejected(vector):
    with pytest.raises(SmsencError) as caught:
        parse(vector["in"])
    assert str(caught.value) == vector["error"]


notes = st.builds(
    Note,
    pitch=st.none() | st.integers(60, 107),
    duration=st.sampled_from(sorted(length for length in DURATIONS if length.numerator != 2)),
    tempo=st.integers(1, 9999),
    style=st.sampled_from(Style),
    volume=st.just(DEFAULT_VOLUME),
)
titles = st.text(st.characters(categories=["L", "N", "P"], exclude_characters=":"), max_size=15)
melodies = st.builds(
    Melody, titles, st.lists(notes, min_size=1, max_size=30).map(tuple), st.integers(0, 15)
)


@given(melodies)
def test_parse_is_the_inverse_of_write(melody):
    assert parse(write(melody)) == (melody, ())


def test_an_unknown_setting_is_a_loss():
    assert [str(loss) for loss in parse("x:z=9,s=4:c")[1]] == [
        "2 settings left out: not known to RTX"
    ]


@pytest.mark.parametrize(
    ("start", "is_tune"),
    [(b"x:d=4,o=5,b=63:c", True), (b"BEGIN:VCARD\nVERSION:2.1\n", False), (b"", False)],
)
def test_sniff(start, is_tune):
    assert sniff(start) is is_tune


def test_a_line_without_a_colon_continues_the_tune_above():
    found = list(sources(b"one:d=4:c\n\ntwo:d=4:c,\nd\n"))
    assert [(source.text, source.line, source.offset) for source in found] == [
        ("one:d=4:c\n\n", 1, 0),
        ("two:d=4:c,\nd\n", 3, 11),
    ]


@pytest.mark.parametrize(
    ("note", "spelled"),
    [
        (Note(72, Fraction(1, 4)), "4c5"),
        (Note(61, Fraction(3, 16)), "8c#4."),
        (Note(None, Fraction(7, 8)), "2p.."),
        (Note(107, Fraction(1, 12)), "12b7"),
        (Note(60, Fraction(1, 1000)), "64c4"),
    ],
)
def test_a_note_is_spelled_as_rtttl(note, spelled):
    assert spell(note) == spelled


def test_defaults_are_left_out():
    assert spell(Note(72, Fraction(1, 4)), divider=4, in_octave=5) == "c"


def test_octave_four_has_a_440():
    assert octave(69) == 4


def test_colons_and_control_characters_are_left_out_of_titles():
    assert write(Melody("a:b\n", ())) == "a b:d=4,o=5,b=63:"


def said(text, **options):
    return [str(loss) for loss in parse(text, **options)[1]]


def test_notes_that_can_only_mean_one_thing_are_read_and_reported():
    melody, losses = parse("N:d=4,o=5,b=100:8#a,16d 8e,c,d,e")
    assert write(melody) == "N:d=4,o=5,b=100:8a#,16d,8e,c,d,e"
    assert [str(loss) for loss in losses] == [
        "'8#a' at offset 16 replaced: read as 8a#",
        "'16d 8e' at offset 20 replaced: read as 16d,8e",
    ]


def test_bad_tokens_are_left_out_while_they_are_few():
    assert said("N:d=4,o=5,b=100:" + "c," * 17 + "q9", offset=100) == [
        "'q9' at offset 150 left out: expected a note such as 8c#6, found 'q9'"
    ]
    with pytest.raises(SmsencError) as caught:
        parse("N:d=4,o=5,b=100:" + "c," * 15 + "q9")
    assert str(caught.value) == "offset 46: expected a note such as 8c#6, found 'q9'"


def test_a_bad_setting_counts_as_a_bad_token():
    assert said("N:d=4,o=5,b=fast:" + "c," * 17) == [
        "'b=fast' at offset 10 left out: expected b=1..9999, found 'fast'"
    ]


def test_many_odd_tokens_are_counted():
    losses = said("N:d=4,o=5,b=100:" + "8#a," * 10)
    assert len(losses) == 9
    assert losses[-1] == "2 tokens more replaced: read as RTTTL writes them"


def test_b_beside_h_is_a_guess():
    assert said("N:d=4,o=5,b=100:h,b,c") == [
        "note b at offset 18 guessed: the tune also has h; both are read as B, as in RTTTL"
    ]
    assert said("N:d=4,o=5,b=100:h,bb,c") == []


def test_settings_and_notes_without_a_comma():
    melody, losses = parse("N:d=4,o=5,b=100 c,d")
    assert write(melody) == "N:d=4,o=5,b=100:c,d"
    assert [str(loss) for loss in losses] == ["'b=100 c' at offset 10 replaced: read as b=100,c"]
