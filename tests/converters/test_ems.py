from __future__ import annotations

import pytest

from converters import ems, imelody
from converters.melody import Melody
from converters.rtttl import parse
from smsenc import udh

# gammu 1.42: a tune of six notes as a user sound.
SHORT = "Test:d=4,o=5,b=120:c,8d,16e.,2f#,p,8g6"
GAMMU = (
    "750C7300424547494E3A494D454C4F44590D0A56455253494F4E3A312E320D0A464F524D41543A434C415353312E30"
    "0D0A4E414D453A546573740D0A424541543A3132300D0A5354594C453A53300D0A4D454C4F44593A6332643365342E"
    "23663172322A3567330D0A454E443A494D454C4F44590D0A"
)


def test_the_octets_of_an_independent_program():
    (segment,) = ems.segments(parse(SHORT)[0], reference=1)
    assert (segment.udh.hex().upper(), segment.data, segment.udl) == (GAMMU, b"", 135)


def test_a_long_tune_is_several_sounds_offered_as_one():
    melody = Melody("Long", parse("x:d=8,o=6,b=100:" + "c,d#,e," * 20)[0].notes)
    segments = ems.segments(melody, reference=7)
    headers = [udh.decode(segment.udh) for segment in segments]
    assert [[element.iei for element in header] for header in headers] == [
        [0x00, 0x13, 0x0C],
        *[[0x00, 0x0C]] * (len(segments) - 1),
    ]
    assert headers[0][1].data == bytes([len(segments)])
    notes = []
    for sound in ems.user_sounds(melody):
        assert len(sound) <= 128
        notes += imelody.parse(sound.decode())[0].notes
    assert tuple(notes) == melody.notes


def test_the_fullest_first_part_fits():
    melody = Melody("fifteen letters", parse("x:d=4,o=5,b=900:" + "c," * 300)[0].notes)
    assert all(len(s.udh) <= 140 for s in ems.segments(melody, reference=255))


@pytest.mark.parametrize("title", ["", "x", "fifteen letters"])
def test_only_the_first_sound_is_named(title):
    melody = Melody(title, parse("x:d=4,o=5,b=900:" + "c," * 100)[0].notes)
    assert [b"NAME" in sound for sound in ems.user_sounds(melody)][1:] == [False] * (
        len(ems.user_sounds(melody)) - 1
    )
