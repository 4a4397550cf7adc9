from __future__ import annotations

from dataclasses import replace

import pytest

from converters.errors import GuardError
from converters.pictures.bitmap import Bitmap
from converters.pictures.ems import objects
from converters.pictures.ems import segments as strips
from converters.tunes import ems, imelody
from converters.tunes.melody import Melody
from converters.tunes.rtttl import parse
from converters.tunes.settings import TuneSettings
from converters.tunes.viewer import EMS_SOUND
from smsenc import (
    DecodeError,
    Element,
    Payload,
    decode_text,
    encode_text,
    join,
    split,
    tpdu,
    udh,
)
from smsenc.model import IEI

# gammu 1.42: a tune of six notes as a user sound.
SHORT = "Test:d=4,o=5,b=120:c,8d,16e.,2f#,p,8g6"
GAMMU = (
    "750C7300424547494E3A494D454C4F44590D0A56455253494F4E3A312E320D0A464F524D41543A434C415353312E30"
    "0D0A4E414D453A546573740D0A424541543A3132300D0A5354594C453A53300D0A4D454C4F44593A6332643365342E"
    "23663172322A3567330D0A454E443A494D454C4F44590D0A"
)


def test_the_octets_of_an_independent_program():
    (segment,) = split(ems.payload(parse(SHORT)[0]), reference=1)
    # The header's 118 octets end 1 bit before a septet: the 119th octet holds that.
    assert (segment.udh.hex().upper(), segment.data, segment.udl) == (GAMMU, b"\0", 135)


def test_a_long_tune_is_several_sounds_offered_as_one():
    melody = Melody("Long", parse("x:d=8,o=6,b=100:" + "c,d#,e," * 20)[0].notes)
    segments = split(ems.payload(melody), reference=7)
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
    assert all(len(s.udh) <= 140 for s in split(ems.payload(melody), reference=255))


@pytest.mark.parametrize("title", ["", "x", "fifteen letters"])
def test_only_the_first_sound_is_named(title):
    melody = Melody(title, parse("x:d=4,o=5,b=900:" + "c," * 100)[0].notes)
    assert [b"NAME" in sound for sound in ems.user_sounds(melody)][1:] == [False] * (
        len(ems.user_sounds(melody)) - 1
    )


LIMITS = TuneSettings(max_parts=2).limits


def test_sounds_distributed_to_parts_are_collected_again():
    melody = Melody("Long", parse("x:d=8,o=6,b=100:" + "c,d#,e," * 20)[0].notes)
    whole = ems.payload(melody)
    parts = split(whole, reference=9)
    assert len(parts) > 2
    assert join(parts[::-1]) == whole
    assert ems.read(whole).notes == melody.notes
    for part in parts:
        octets = tpdu.encode(tpdu.submit(part, "447700900123"))
        assert tpdu.decode(octets).segment == part


def test_other_payloads_go_their_usual_way():
    for payload in (encode_text("x" * 300), Payload.to_port(0x1581, b"x" * 300)):
        parts = split(payload, reference=9)
        assert parts == split(payload, reference=9)
        assert join(parts) == payload


def test_objects_of_later_parts_keep_their_place_in_the_text():
    texts, sound = ("hello ", "you"), b"MELODY:c2"
    parts = tuple(
        split(
            replace(
                encode_text(text),
                elements=(udh.concatenation(3, 2, n), Element(IEI.USER_SOUND, b"\2" + sound)),
            ),
            reference=0,
        )[0]
        for n, text in enumerate(texts, start=1)
    )
    whole = join(parts)
    assert decode_text(whole) == "hello you"
    assert [element.data[0] for element in whole.elements] == [2, 8]
    assert EMS_SOUND.view(whole).lines[-1] == "hello you"
    assert EMS_SOUND.view(whole).content["notes"] == ["4c5", "4c5"]


def test_a_tune_is_cut_to_its_parts():
    melody = Melody("Long", parse("x:d=8,o=6,b=100:" + "c,d#,e," * 40)[0].notes)
    payload, (loss,) = ems.message(melody, LIMITS)
    assert len(split(payload, reference=1)) == 2
    kept = ems.read(payload).notes
    assert kept == melody.notes[: len(kept)]
    assert loss.what.startswith(f"{len(melody.notes) - len(kept)} notes from 0:")
    assert loss.why == "the message holds at most 2 sounds of 128 octets"
    with pytest.raises(GuardError):
        ems.message(melody, LIMITS._replace(strict=True))
    payload, (loss,) = ems.message(melody, LIMITS._replace(notes=10))
    assert loss.why == "the phone holds at most 10 notes and rests"
    assert 7 <= len(ems.read(payload).notes) <= 10


def test_a_message_without_a_sound_has_no_tune():
    with pytest.raises(DecodeError, match="expected a sound among the elements, found none"):
        ems.read(encode_text("hi"))


def test_strips_of_a_picture_are_collected_too():
    bitmap = Bitmap.from_rows(["#." * 36] * 28)
    parts = strips(bitmap, reference=5)
    whole = join(parts)
    assert objects(whole.elements)[0].frames[0] == bitmap
    assert [part.udh for part in split(whole, reference=5)] == [part.udh for part in parts]
