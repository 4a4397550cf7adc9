"""Pictures compared with those of third-party programs.

Each of the vectors D, E and F of the reference folder is tested in both directions. A thousand
random pictures of every size are packed by python-gammu and read by its library; its animations,
strips and predefined elements are compared as well.
"""

import json
import random
import sys
from functools import partial

import pytest
from oracles import reference_folder

from converters.pictures import ems, logofiles
from converters.pictures.bitmap import Bitmap
from converters.pictures.ems import ANIMATIONS, SOUNDS, Object
from converters.pictures.logofiles import LogoFile
from converters.pictures.logos import (
    decode_caller_icon,
    decode_operator_logo,
    encode_caller_icon,
    encode_operator_logo,
)
from converters.pictures.multipart import (
    PICTURE_MESSAGE,
    decode,
    encode_picture,
    encode_profile,
    encode_screen_saver,
)
from converters.pictures.operators import Network
from converters.tunes import imelody
from converters.tunes.rtttl import parse
from smsenc import DecodeError, Payload, Port, decode_text, elements, join, split, tpdu, udh
from smsenc.model import IEI

# --- The vectors, by their ids -------------------------------------------------------------------


def drawn(width, height, black):
    """The picture with those pixels, all of them inside or left out."""
    return Bitmap.from_rows(
        ["".join("#" if (x, y) in black else "." for x in range(width)) for y in range(height)]
    )


def pattern(width, height):
    """Rows 0 and 2 black; row 4 has x=3 and x=8..11; row 13 has x=71."""
    black = {(x, y) for x in range(width) for y in (0, 2)}
    return drawn(width, height, black | {(x, 4) for x in (3, 8, 9, 10, 11)} | {(71, 13)})


def diagonal(width, height=None):
    return drawn(width, height or width, {(x, x) for x in range(width)})


def parts_of(vector):
    return [(bytes.fromhex(part["udh"]), part["data"]) for part in vector["output"]]


def data_of(vector):
    """The octets of a payload: of one string, or of the parts joined."""
    found = vector["output"]
    if isinstance(found, str):
        return bytes.fromhex(found)
    return b"".join(bytes.fromhex(data) for _udh, data in parts_of(vector))


def sent(vector, port):
    """Check that our parts of these octets are those of the vector, and give the octets."""
    payload = Payload.to_port(port, data_of(vector))
    parts = split(payload, reference=0x0D)
    assert [(part.udh, part.data.hex().upper()) for part in parts] == parts_of(vector)
    assert join(parts).data == payload.data
    return payload.data


def operator_logo_vector(octets, network, bitmap, form="short"):
    assert decode_operator_logo(octets) == (network, bitmap)
    assert encode_operator_logo(bitmap, network, form) == octets


def d01(vector):
    operator_logo_vector(data_of(vector), Network("123", "45"), pattern(72, 14), "spec")


def d02(vector):
    octets = sent(vector, Port.OPERATOR_LOGO)
    operator_logo_vector(octets, Network("262", "07"), pattern(72, 14))


def d03(vector):
    octets = sent(vector, Port.OPERATOR_LOGO)
    operator_logo_vector(octets, Network("262", "07"), pattern(78, 21))


def d04(vector):  # as gammu has it: without the version octet, which we write
    octets = sent(vector, Port.CALLER_ICON)
    assert decode_caller_icon(octets) == pattern(72, 14)
    assert encode_caller_icon(pattern(72, 14)) == b"\x30" + octets


def d05(vector):
    texts = [text.split(" ") for text in vector["output"]]
    assert [head for head, _digits in texts] == ["//SCKL15831583660201", "//SCKL15831583660202"]
    octets = bytes.fromhex("".join(digits for _head, digits in texts))
    bitmap = decode_caller_icon(octets)
    assert (bitmap.rows[0], bitmap.rows[-1]) == ("#" * 72, "#" * 72)
    assert {row[0] + row[-1] for row in bitmap.rows} == {"##"}
    assert encode_caller_icon(bitmap) == octets


def d06(vector):
    octets = data_of(vector)
    network, bitmap = decode_operator_logo(octets)
    assert (str(network), bitmap.width, bitmap.height) == ("206-01", 72, 14)
    assert bitmap.rows[0] == ".....####" + "." * 46 + "#####" + "." * 12
    assert encode_operator_logo(bitmap, network) == octets


def d07(vector):  # a length one too small: no crash, and what we write is right
    with pytest.raises(DecodeError):
        decode(data_of(vector))
    assert encode_picture(pattern(72, 28))[1:4] == bytes.fromhex("020100")


def picture_message(vector, *, unicode):
    octets = sent(vector, Port.MULTIPART)
    found = decode(octets)
    assert (found.picture, found.text) == (pattern(72, 28), "Hello")
    assert encode_picture(pattern(72, 28), "Hello", unicode=unicode) == octets


def d10(vector):  # gammu takes two SMS for what fits one
    octets = data_of(vector)
    assert len(split(Payload.to_port(Port.MULTIPART, octets), reference=0)) == 1
    found = decode(octets)
    assert (found.profile, len(found.tone)) == ("Test", 0x76)
    assert encode_profile("Test", found.tone) == octets
    view = PICTURE_MESSAGE.view(Payload.to_port(Port.MULTIPART, octets))
    assert view.lines == ("profile Test", "ringing tone of 118 octets")


def formatted(vector, smsc):
    octets = bytes.fromhex(vector["output"])[smsc:]
    found = tpdu.decode(octets)
    payload = join([found.segment])
    assert decode_text(payload) == vector["input"]["text"]
    assert {element.iei for element in payload.elements} == {IEI.TEXT_FORMATTING}
    assert all(
        elements.build(IEI.TEXT_FORMATTING, **elements.fields(e)) == e for e in payload.elements
    )
    assert tpdu.encode(found) == octets
    return payload.elements


def e01(vector):
    found = [element.data.hex(" ").upper() for element in formatted(vector, smsc=8)]
    assert found == vector["input"]["formats_start_len_mode"]


def e02(vector):
    assert [len(element.data) for element in formatted(vector, smsc=1)] == [3, 3, 3, 3, 4]


def one_header(vector):
    ((header, text),) = parts_of(vector)
    return header, text


def by_number(iei, name, vector):
    header, text = one_header(vector)
    element = ems.predefined(iei, name, 3)
    (part,) = split(ems.message(element, text), reference=0)
    assert part.udh == header
    what = "sound" if iei == IEI.PREDEFINED_SOUND else "animation"
    seen = ems.EMS_PICTURE.view(join([part]))
    assert seen.lines == (text, f"({what}: {name})")


def picture_element(kind, side, vector):
    header, _text = one_header(vector)
    (part,) = split(ems.message(ems.encode([diagonal(side)], kind)), reference=0)
    assert part.udh == header
    assert ems.objects(udh.decode(header)) == (Object((diagonal(side),)),)


def e08(vector):
    header, _text = one_header(vector)
    ban = elements.build(IEI.OBJECT_DISTRIBUTION, objects=1, status=1)
    assert udh.encode((ban, ems.encode([diagonal(16)], "ems-small"))) == header
    assert ems.objects(udh.decode(header)) == (Object((diagonal(16),)),)


def user_sound(vector, written):
    header, _text = one_header(vector)
    melody = parse("Test:d=4,o=5,b=120:c,8d,16e.,2f#,p,8g6")[0]
    assert udh.encode((written(imelody.write(melody)),)) == header
    (element,) = udh.decode(header)
    head = "BEGIN:IMELODY\r\nVERSION:1.2\r\nFORMAT:CLASS1.0\r\n"
    tune = element.data[1:].decode().partition("MELODY:")[2].splitlines()[-2:]
    heard = imelody.parse(
        f"{head}BEAT:120\r\nMELODY:{tune[0].removeprefix('MELODY:')}\r\nEND:IMELODY"
    )
    assert heard[0].notes == melody.notes


def sound(octets):
    return elements.build(IEI.USER_SOUND, position=0, melody=octets)


def shorter(octets):
    """The header of iMelody 1.0, which has no name and no tempo."""
    lines = [line for line in octets.splitlines(keepends=True) if not line.startswith(_LATER)]
    return sound(b"".join(lines).replace(b"VERSION:1.2", b"VERSION:1.0"))


_LATER = (b"NAME", b"BEAT", b"STYLE")


def headless(octets):
    return sound(octets[octets.index(b"MELODY:c") :])


def misplaced(vector):  # formatting as gammu 1.42 has it: read as it says, and not written so
    header, text = one_header(vector)
    (element,) = udh.decode(header)
    assert elements.fields(element)["start"] == len(text)
    right = elements.build(IEI.TEXT_FORMATTING, start=0, length=len(text), mode=element.data[2])
    assert udh.encode((right,)) != header


def file(suffix, logo, vector):
    octets = bytes.fromhex(vector["output"])
    assert logofiles.read(octets) == logo
    assert logofiles.write(logo, suffix) == octets


CHECKERS = drawn(10, 3, {(x, y) for x in range(10) for y in range(3) if (x + y) % 2 == 0})
START_UP = LogoFile((drawn(84, 48, {(0, 0), (1, 9), (83, 47)}),), "start-up")


def f07(vector):  # gammu's colours of WBMP are the wrong way round
    octets = bytes.fromhex(vector["output"])
    assert logofiles.read(octets) != LogoFile((CHECKERS,))
    assert logofiles.write(LogoFile((CHECKERS,)), ".wbmp") == bytes.fromhex("00000A03 5540AA805540")


VECTORS = {
    "D01": d01,
    "D02": d02,
    "D03": d03,
    "D04": d04,
    "D05": d05,
    "D06": d06,
    "D07": d07,
    "D08": partial(picture_message, unicode=False),
    "D09": partial(picture_message, unicode=True),
    "D10": d10,
    "E01": e01,
    "E02": e02,
    "E03": partial(by_number, IEI.PREDEFINED_SOUND, "drum"),
    "E04": partial(by_number, IEI.PREDEFINED_ANIMATION, "sceptic"),
    "E05": partial(picture_element, "ems-small", 16),
    "E06": partial(picture_element, "ems-large", 32),
    "E07": partial(picture_element, "ems-variable", 16),
    "E08": e08,
    "E09": partial(user_sound, written=sound),
    "E10": partial(user_sound, written=shorter),
    "E11": partial(user_sound, written=headless),
    "E12": misplaced,
    "E13": misplaced,
    "F01": partial(file, ".nol", LogoFile((pattern(72, 14),), "operator")),
    "F02": partial(file, ".ngg", LogoFile((pattern(72, 14),), "caller")),
    "F03": partial(file, ".nlm", LogoFile((pattern(72, 14),), "operator")),
    "F04": partial(file, ".nlm", LogoFile((pattern(72, 28),), "picture")),
    "F05": partial(file, ".nsl", START_UP),
    "F06": partial(file, ".nlm", LogoFile((CHECKERS,), "picture")),
    "F07": f07,
}


@pytest.fixture(scope="module")
def vectors():
    path = reference_folder() / "spec" / "payload_vectors.json"
    found = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    return {vector["id"]: vector for vector in found if vector["id"][0] in "DEF"}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_hold_both_ways(name, vectors):
    VECTORS[name](vectors[name])


def test_no_vector_is_left_out(vectors):
    assert set(vectors) == set(VECTORS)


# --- gammu ---------------------------------------------------------------------------------------

PICTURES = 1000


def noise(width, height):
    chosen = random.Random(f"{width}x{height}")
    for _ in range(PICTURES):
        pixels = width * height
        text = f"{chosen.getrandbits(pixels):0{pixels}b}".replace("1", "#").replace("0", ".")
        yield [text[n : n + width] for n in range(0, pixels, width)]


def element(kind, bitmap):
    return udh.encode((ems.encode([bitmap], kind),))


def operator_logo(bitmap):
    return encode_operator_logo(bitmap, Network("262", "07"))


ROWS = {
    "NokiaOperatorLogo": (72, 14, operator_logo),
    "NokiaOperatorLogoLong": (78, 21, operator_logo),
    "NokiaCallerLogo": (72, 14, lambda bitmap: encode_caller_icon(bitmap)[1:]),
    "NokiaPictureImageLong": (72, 28, encode_picture),
    "NokiaScreenSaverLong": (72, 28, encode_screen_saver),
    "EMSFixedBitmap": (16, 16, partial(element, "ems-small")),
    "EMSFixedBitmap 32": (32, 32, partial(element, "ems-large")),
    "EMSVariableBitmap": (64, 16, partial(element, "ems-variable")),
}


def packed(gammu, kind, rows):
    """The payload of gammu's parts, or the header of a part that has nothing else."""
    xpm = [f"{len(rows[0])} {len(rows)} 2 1", "# c Black", ". c None", *rows]
    logo = {
        "Type": "OperatorLogo" if "Operator" in kind else "PictureImage",
        "NetworkCode": "262 07",
        "Text": "",
        "XPM": [row.encode() for row in xpm],
    }
    parts = gammu.EncodeSMS({"Class": 1, "Entries": [{"ID": kind.split()[0], "Bitmap": [logo]}]})
    if kind.startswith("EMS"):
        return parts[0]["UDH"]["Text"]
    return b"".join(part["Text"] for part in parts)


@pytest.mark.parametrize("kind", ROWS)
def test_gammu_packs_the_same_pixels(kind):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    width, height, ours = ROWS[kind]
    for rows in noise(width, height):
        assert packed(gammu, kind, rows) == ours(Bitmap.from_rows(rows))


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the oracle leaves its files to be closed
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
@pytest.mark.parametrize(
    "size", [(72, 14), (72, 13), (78, 21), (72, 28), (16, 16), (32, 32)], ids="{0[0]}x{0[1]}".format
)
def test_gammu_reads_the_same_pixels(size, monkeypatch):
    pytest.importorskip("gammu", reason="python-gammu is not installed")
    monkeypatch.syspath_prepend(reference_folder() / "oracles")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from gcommon import ota_pixels

    for rows in noise(*size):
        assert ota_pixels(Bitmap.from_rows(rows).bits, *size) == rows


def gammu_headers(*entries):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    return [part["UDH"]["Text"] for part in gammu.EncodeSMS({"Entries": list(entries)})]


def as_gammu_has_it(bitmap):
    xpm = [f"{bitmap.width} {bitmap.height} 2 1", "# c Black", ". c None", *bitmap.rows]
    return {"Type": "PictureImage", "Text": "", "XPM": [row.encode() for row in xpm]}


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("kind", "side"), [("ems-small-animation", 8), ("ems-large-animation", 16)]
)
def test_gammu_packs_the_same_animations(kind, side, count):
    for rows in list(zip(*[noise(side, side)] * count, strict=False))[:100]:
        frames = [Bitmap.from_rows(frame) for frame in rows]
        entry = {"ID": "EMSAnimation", "Bitmap": [as_gammu_has_it(frame) for frame in frames]}
        (header,) = gammu_headers(entry)
        assert ems.objects(udh.decode(header)) == (Object(tuple(frames)),)
        if count == ems.FRAMES:  # with fewer gammu's element is shorter than it may be
            assert udh.encode((ems.encode(frames, kind),)) == header


@pytest.mark.parametrize("size", [(72, 28), (64, 48), (72, 14)], ids="{0[0]}x{0[1]}".format)
def test_gammu_cuts_the_same_strips(size):
    for rows in list(noise(*size))[:100]:
        bitmap = Bitmap.from_rows(rows)
        headers = gammu_headers(
            {"ID": "EMSVariableBitmapLong", "Bitmap": [as_gammu_has_it(bitmap)]}
        )
        found = [e for header in headers for e in udh.decode(header)]
        assert ems.objects(found) == (Object((bitmap,)),)
        ours = [e for part in ems.segments(bitmap, reference=1) for e in udh.decode(part.udh)]
        strips = [[e for e in some if not udh.is_concatenation(e)] for some in (found, ours)]
        assert strips[0] == strips[1]


@pytest.mark.parametrize(
    ("entry", "iei", "names"),
    [
        ("EMSPredefinedSound", IEI.PREDEFINED_SOUND, SOUNDS),
        ("EMSPredefinedAnimation", IEI.PREDEFINED_ANIMATION, ANIMATIONS),
    ],
)
def test_gammu_numbers_the_same(entry, iei, names):
    for number, name in enumerate(names):
        text = {"ID": "ConcatenatedTextLong", "Buffer": "snd"}
        (header,) = gammu_headers(text, {"ID": entry, "Number": number})
        assert header == udh.encode((ems.predefined(iei, name, 3),))
