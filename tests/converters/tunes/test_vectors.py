"""The specification's vectors of tones (C) and of EMS (E), each by its id, read by us.

E12 and E13 are left out: gammu wrote a wrong start into one and a wrong alignment into the other.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import oracles
import pytest

from converters.pictures import ems
from converters.pictures.bitmap import Bitmap
from converters.tunes import imelody, sniffing
from converters.tunes.ringtone import decode, encode
from converters.tunes.rtttl import parse
from smsenc import IEI, decode_text, elements, join, tpdu, udh

#: Where the octets come from another writer than the notes: what that one did.
LOOP_OF_GAMMU = 5
FAQ = "test:d=4,o=5,b=160:e,f,g,16e,8e,e,2e,1e,p,1g#"
EIFFEL = "Eiffel 6:d=8,o=5,b=125:4a,a#,d,g,a#,c6,f,a,4a#,g,a#,d6"


@pytest.fixture(scope="module")
def vectors():
    path = oracles.reference_folder() / "spec" / "payload_vectors.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    return {row["id"]: row for row in rows if row["id"][0] in "CE"}


def octets(vector):
    """The tone of a vector, which is bare, in a part, or behind a text header."""
    output = vector["output"]
    return bytes.fromhex(output.split()[-1] if isinstance(output, str) else output[0]["data"])


def header(vector):
    return udh.decode(bytes.fromhex(vector["output"][0]["udh"]))


def test_every_vector_is_asked(vectors):
    asked = {*TONES, *SOUNDS, *PREDEFINED, *PICTURES, *FORMATTED}
    assert asked == set(vectors) - {"E12", "E13"}


TONES = {"C01": (0, 0), "C02": (1, 5), "C03": (0, 5), "C04": (0, 5), "C05": (0, 0), "C06": (0, 0)}


@pytest.mark.parametrize(("name", "dropped", "loop"), [(k, *v) for k, v in TONES.items()])
def test_a_tone_of_another_writer(vectors, name, dropped, loop):
    """gammu drops a rest at the start and writes loop 5; the nearest of b=120 is 125."""
    text = {"C05": FAQ, "C06": EIFFEL}.get(name, vectors[name]["input"])
    melody = parse(text.replace("b=120", "b=125"))[0]
    found = decode(octets(vectors[name]))
    assert found == replace(melody, notes=melody.notes[dropped:], loop=loop)


def test_the_octets_of_c06_are_ours(vectors):
    assert encode(parse(EIFFEL)[0]) == (octets(vectors["C06"]), ())


# E09 has all lines, E10 no tempo, E11 nothing before the notes: iMelody's own tempo is 120.
SOUNDS = {"E09": "Test", "E10": "", "E11": ""}


@pytest.mark.parametrize(("name", "title"), SOUNDS.items())
def test_a_user_sound(vectors, name, title):
    (element,) = header(vectors[name])
    assert element.iei == IEI.USER_SOUND
    fields = elements.fields(element)
    assert fields["position"] == 0
    assert sniffing.imelody(fields["melody"])
    melody, losses = imelody.parse(fields["melody"].decode("latin-1"))
    asked = parse(vectors["E09"]["input"])[0]
    assert (melody, losses) == (replace(asked, title=title), ())
    assert melody.notes[0].tempo == 120
    assert melody.notes[2].duration == Fraction(3, 32)


PREDEFINED = {"E03": (IEI.PREDEFINED_SOUND, 5), "E04": (IEI.PREDEFINED_ANIMATION, 2)}


@pytest.mark.parametrize(("name", "iei", "number"), [(k, *v) for k, v in PREDEFINED.items()])
def test_what_the_phone_has_of_its_own(vectors, name, iei, number):
    (element,) = header(vectors[name])
    assert element.iei == iei
    assert elements.fields(element) == {"position": 3, "number": number}
    assert elements.build(iei, position=3, number=number) == element


PICTURES = {"E05": 16, "E06": 32, "E07": 16, "E08": 16}


@pytest.mark.parametrize(("name", "side"), PICTURES.items())
def test_a_picture(vectors, name, side):
    diagonal = Bitmap.from_rows(["." * n + "#" + "." * (side - n - 1) for n in range(side)])
    found = [ems.decode(element) for element in header(vectors[name])]
    assert [one for one in found if one] == [ems.Object((diagonal,))]


FORMATTED = {"E01": 8, "E02": 1}  # octets of the service centre's address in front


@pytest.mark.parametrize(("name", "at"), FORMATTED.items())
def test_formatted_text(vectors, name, at):
    """Start, length and mode of each stretch, and a colour in one."""
    segment = tpdu.decode(bytes.fromhex(vectors[name]["output"])[at:]).segment
    assert decode_text(join([segment])) == vectors[name]["input"]["text"]
    found = [elements.fields(element) for element in udh.decode(segment.udh)]
    asked = vectors[name]["input"].get("formats_start_len_mode", FORMATS_OF_E02)
    names = ("start", "length", "mode", "colour")
    assert found == [dict(zip(names, bytes.fromhex(row), strict=False)) for row in asked]


#: italic, bold, large, small, then coloured: octets 19 06 20 to 38 07 00 2B of its header.
FORMATS_OF_E02 = ("19 06 20", "21 04 10", "27 05 04", "2E 05 08", "38 07 00 2B")
