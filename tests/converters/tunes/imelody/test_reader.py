from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes import imelody
from converters.tunes.imelody import parse
from converters.tunes.melody import Melody, Note, Style
from converters.tunes.ringtone import DURATIONS
from converters.tunes.rtttl import parse as parse_rtttl
from smsenc import SmsencError

# What gammu 1.42 writes of this tune, as a user sound.
RTTTL = "Test:d=4,o=5,b=120:c,8d,16e.,2f#,p,8g6"
GAMMU = (
    b"BEGIN:IMELODY\r\nVERSION:1.2\r\nFORMAT:CLASS1.0\r\nNAME:Test\r\nBEAT:120\r\nSTYLE:S0\r\n"
    b"MELODY:c2d3e4.#f1r2*5g3\r\nEND:IMELODY\r\n"
)


def test_the_octets_of_an_independent_program():
    melody, losses = parse(GAMMU.decode())
    assert (melody, losses) == parse_rtttl(RTTTL)
    assert imelody.write(melody) == GAMMU


def tune(melody, head=""):
    return parse(f"BEGIN:IMELODY\n{head}MELODY:{melody}\nEND:IMELODY\n")[0]


@pytest.mark.parametrize(
    ("written", "pitches"),
    [
        ("*3a2", [69]),
        ("a2", [81]),
        ("&d3#f3r3", [85 - 12 + 0, 78, None]),
        ("(c3d3@2)e3", [72, 74, 72, 74, 76]),
        ("c3(d3@1)", [72, 74]),
        ("ledonc3ledoffvibeond3", [72, 74]),
    ],
)
def test_the_notes_that_are_played(written, pitches):
    assert [note.pitch for note in tune(written).notes] == pitches


def test_tempo_style_and_volume_hold_for_the_notes():
    head = "BEAT:80\nSTYLE:S2\nVOLUME:V3\n"
    assert tune("c2.V+d3:V12e1;", head).notes == (
        Note(72, Fraction(3, 8), 80, Style.STACCATO, 3),
        Note(74, Fraction(7, 32), 80, Style.STACCATO, 4),
        Note(76, Fraction(1, 3), 80, Style.STACCATO, 12),
    )


def test_a_repeat_may_fade():
    assert [note.volume for note in tune("(c3@3V-)d3").notes] == [7, 6, 5, 5]


def test_a_repeat_for_ever_is_a_loop_and_the_end():
    melody, losses = parse("MELODY:(c3d3@0)e3")
    assert (melody.loop, len(melody.notes)) == (15, 2)
    assert [str(loss) for loss in losses] == [
        "2 characters left out: after a repeat that never ends"
    ]


notes = st.builds(
    Note,
    pitch=st.none() | st.integers(60, 107),
    duration=st.sampled_from(sorted(DURATIONS)),
    tempo=st.just(125),
    style=st.just(Style.CONTINUOUS),
    volume=st.integers(0, 15),
)
titles = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=15)


@given(st.builds(Melody, titles, st.lists(notes, min_size=1, max_size=40).map(tuple)))
def test_parse_is_the_inverse_of_write(melody):
    assert parse(imelody.write(melody).decode("latin-1")) == (melody, ())


@pytest.mark.parametrize("loop", [1, 14, 15])
def test_loops_come_back_as_notes(loop):
    melody = Melody("x", (Note(72, Fraction(1, 4), 125),), loop)
    again = parse(imelody.write(melody).decode())[0]
    assert (len(again.notes), again.loop) == ((1, 15) if loop == 15 else (loop + 1, 0))


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("BEGIN:IMELODY\nEND:IMELODY\n", "line 3: expected a line MELODY:, found none"),
        ("BEGIN:IMELODY\nMELODY:c2q\n", "line 2: expected a note such as *5#c3, found 'q'"),
        ("MELODY:((c2@2)@2)", "line 1: expected a note such as *5#c3, found '(c2@2)@2)'"),
        ("MELODY:c2@2)", "line 1: expected a note such as *5#c3, found '@2)'"),
        ("MELODY:", "line 1: expected notes, found none"),
        ("BEAT:x\nMELODY:c2", "line 1: expected BEAT:25..900, found 'x'"),
        ("STYLE:S4\nMELODY:c2", "line 1: expected STYLE:S0..S2, found 'S4'"),
        ("VOLUME:99\nMELODY:c2", "line 1: expected VOLUME:V0..V15, found '99'"),
        ("MELODY:" + "(c3@999)" * 20, "line 1: expected at most 10000 notes, found more"),
    ],
)
def test_invalid_tunes_are_rejected(source, error):
    with pytest.raises(SmsencError) as caught:
        parse(source)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("written", "pitches", "said"),
    [
        ("C2#D2R2", [72, 75, None], "capitals (3 in the melody)"),
        ("LEDONc2v9d2", [72, 74], "capitals (2 in the melody)"),
        ("c#2d&2", [73, 73], "sign behind its letter (2 in the melody)"),
        ("c2p2", [72, None], "p for a rest (1 in the melody)"),
        ("c2,d2", [72, 74], "comma (1 in the melody)"),
    ],
)
def test_other_spellings_are_read_and_reported(written, pitches, said):
    melody, losses = parse(f"MELODY:{written}")
    assert [note.pitch for note in melody.notes] == pitches
    assert str(losses[0]) == f"line 1: {said} replaced: read as iMelody writes it"


def test_field_names_may_be_small_and_notes_apart():
    melody, losses = parse("begin:imelody\nname:x\nbeat:140 bpm\nmelody:c2 d2\nend:imelody\n")
    assert (melody.title, melody.tempo, len(melody.notes), losses) == ("x", 140, 2, ())


def test_bad_tokens_are_left_out_while_they_are_few():
    assert [str(loss) for loss in parse("MELODY:" + "c2" * 19 + "zz")[1]] == [
        "line 1: 'zz' at offset 38 of the melody left out: not a note such as *5#c3"
    ]
    with pytest.raises(SmsencError) as caught:
        parse("MELODY:" + "c2" * 18 + "zz")
    assert str(caught.value) == "line 1: expected a note such as *5#c3, found 'zz'"


def test_a_bad_value_is_the_default_and_reported():
    melody, losses = parse("BEAT:x\nMELODY:" + "c2" * 19)
    assert melody.tempo == 120
    assert [str(loss) for loss in losses] == [
        "value ignored: line 1: expected BEAT:25..900, found 'x'"
    ]


def test_an_open_repeat_and_a_second_melody_are_reported():
    assert [str(loss) for loss in parse("MELODY:(c2d2\nMELODY:e2")[1]] == [
        "line 1: repeat left out: it has no end",
        "line 2: MELODY left out: a file has one melody; the first is kept",
    ]


def test_an_emelody_is_refused_by_name():
    with pytest.raises(SmsencError) as caught:
        parse("BEGIN:EMELODY\nMELODY:cDe\n")
    assert str(caught.value) == "line 1: expected an iMelody, found an eMelody, whose notes differ"
