"""The core beside gammu 1.45 and tshark: thousands of generated messages in one run.

SMSENC_CASES sets how many messages each of the two programs is asked about. Every difference is
one of the causes named here, each as narrow as its rule; a cause that no message needs any more
fails the run as well. ``pytest --log-cli-level=INFO`` shows how often each was found.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import struct
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

import pytest
import regex

from smsenc import (
    Coding,
    Element,
    MessageClass,
    Payload,
    Segment,
    dcs,
    elements,
    encode_text,
    gsm7,
    shifts,
    split,
    tpdu,
    udh,
)
from smsenc.alphabets import ESCAPE, EXTENSION, LOCKING_LANGUAGES, SINGLE_LANGUAGES, septets_of
from smsenc.splitting import _cuts, capacity

CASES = int(os.environ.get("SMSENC_CASES", "5000"))

# The messages -----------------------------------------------------------------------------------

#: What texts are drawn from, by alphabet. No NUL: gammu's texts end there.
POOLS = {
    "default": [*gsm7.SEPTET_OF],
    "extension": [*gsm7.SEPTET_OF, *[*gsm7.EXTENSION_OF] * 6],
    "line ends": [*"ab", "\r\n", "\r\n", "\r", "\n"],
    "cyrillic": [*"Привет, мир", "\r\n"],
    "ideographs": [*"漢字仮名한국어"],
    "emoji": ["😀", "👍🏽", "👨‍👩‍👧", "❤️", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "a", "é"],
    "flags": ["🇩🇪", "🇫🇷", "🇬", "x"],
    "marks": ["e\u0301", "o\u0308\u0323", "😀\u20e3", "\n\u0301", "\u0301", "и"],
    "devanagari": [*"नमस्ते हिन्दी की", "\u0600"],
    "jamo": ["\u1100\u1161\u11a8", "가", "x"],
}
LENGTHS = (0, 1, 7, 30, 66, 70, 80, 134, 153, 160, 161, 200, 320, 500)


@dataclass(frozen=True)
class Case:
    """One message and the reference it is split with; ``text`` where it is one."""

    payload: Payload
    reference: int
    wide: bool
    text: str | None = None

    @property
    def segments(self) -> tuple[Segment, ...]:
        return split(self.payload, reference=self.reference, wide=self.wide)


@cache
def texts() -> list[Case]:
    """Texts alone, in all pools and mixtures of two: every split that a text can need."""
    return [_text_case(random.Random(f"text {n}")) for n in range(CASES)]


def _text_case(dice: random.Random) -> Case:
    wide = dice.random() < 0.5
    return Case(encode_text(text := _text(dice)), _reference(dice, wide=wide), wide, text)


def _reference(dice: random.Random, *, wide: bool) -> int:
    return dice.randrange(1, 0x10000 if wide else 0x100)


def _text(dice: random.Random) -> str:
    pools = dice.choices([*POOLS], k=dice.choice((1, 1, 2)))
    characters = [character for name in pools for character in POOLS[name]]
    return "".join(dice.choices(characters, k=dice.choice(LENGTHS)))


@cache
def messages() -> list[Case]:
    """Texts, national ones too, and octets, behind headers of 0 and 3 to 30 octets."""
    return [_message_case(n, random.Random(f"message {n}")) for n in range(CASES)]


def _message_case(number: int, dice: random.Random) -> Case:
    size = (0, *range(3, 31))[number % 29]  # one octet is no header of ours, two are none at all
    payload = dice.choice((_text_payload, _text_payload, _national, _octets))(dice)
    payload = replace(
        payload,
        elements=payload.elements + _elements(dice, size),
        message_class=dice.choice((None, *MessageClass)),
    )
    if dice.random() < 0.3:  # a part filled to the brim
        room = capacity(len(udh.encode(payload.elements)), payload.coding)
        payload = replace(payload, data=_brim(payload, room))
    wide = dice.random() < 0.5
    return Case(payload, _reference(dice, wide=wide), wide)


def _text_payload(dice: random.Random) -> Payload:
    return encode_text(_text(dice))


def _octets(dice: random.Random) -> Payload:
    return Payload(data=dice.randbytes(dice.choice(LENGTHS)), coding=Coding.OCTETS)


def _national(dice: random.Random) -> Payload:
    lock, single = dice.choice(LOCKING_LANGUAGES), dice.choice(SINGLE_LANGUAGES)
    text = "".join(dice.choices([*septets_of(lock, single)], k=dice.choice(LENGTHS)))
    septets = gsm7.encode(text, lock, single)
    return Payload(data=septets, coding=Coding.GSM7, elements=shifts(lock, single))


_FILLER = {Coding.GSM7: b"a", Coding.OCTETS: b"\xa5", Coding.UCS2: "д".encode("utf-16-be")}


def _brim(payload: Payload, room: int) -> bytes:
    filler, data = _FILLER[payload.coding], payload.data
    data = data if len(data) <= room else b""
    return data + filler * ((room - len(data)) // len(filler))


def _elements(dice: random.Random, size: int) -> tuple[Element, ...]:
    """Elements that make a header of ``size`` octets: known ones of their length, and others."""
    found, left = [], size - 1
    while left > 0:
        length = dice.choice([n for n in range(left - 1) if left - 2 - n != 1])
        found.append(Element(dice.choice(_identifiers(length)), dice.randbytes(length)))
        left -= 2 + length
    return tuple(found)


@cache
def _identifiers(length: int) -> list[int]:
    sizes = {
        iei: sum(octets for _, octets in row.fields)
        for iei, row in elements.TABLE.items()
        if elements.REST not in (octets for _, octets in row.fields)
    }
    ours = {iei for iei in sizes if udh.is_concatenation(Element(iei, b""))} | LANGUAGE_ELEMENTS
    known = [iei for iei, octets in sizes.items() if octets == length and iei not in ours]
    return [*known, *range(0x70, 0x80), *range(0x80, 0xA0, 7), *range(0xC0, 0xE0, 7)]


LANGUAGE_ELEMENTS = {0x24, 0x25}

# gammu -------------------------------------------------------------------------------------------

NUMBER = "447700900123"
SENT = tpdu.Timestamp(24, 2, 29, 23, 59, 58, -20)
CODINGS = {
    Coding.GSM7: "Default_No_Compression",
    Coding.OCTETS: "8bit",
    Coding.UCS2: "Unicode_No_Compression",
}


@pytest.fixture(scope="module")
def gammu():
    module = pytest.importorskip("gammu", reason="python-gammu is not installed")
    version = module.Version()[0]
    if tuple(map(int, version.split(".")[:2])) < (1, 45):
        pytest.skip(f"gammu {version} packs wrong behind long headers, 1.45 does not")
    return module


def told(text: str | bytes, coding: Coding) -> str | bytes:
    """What gammu is given for a text: in UCS-2 a single ~ is Nokia's sign that starts blinking,
    U+0001 on the air, and only a doubled one is itself."""
    return text.replace("~", "~~") if coding is Coding.UCS2 else text


def gammu_parts(gammu, case: Case) -> list[dict]:
    """What gammu makes of a text; it chooses the coding."""
    entry = {
        "ID": "ConcatenatedAutoTextLong" + "16bit" * case.wide,
        "Buffer": told(case.text, case.payload.coding),
    }
    return gammu.EncodeSMS({"Class": -1, "Unicode": 0, "Entries": [entry]})


def gammu_tpdu(gammu, message: dict) -> bytes:
    """The SMS-SUBMIT of one of gammu's messages, without the centre's address before it."""
    centre = message["SMSC"] | {"Location": 0, "Number": "+1", "Validity": "Max"}
    octets = gammu.EncodePDU(message | {"SMSC": centre, "Number": f"+{NUMBER}"})
    return octets[1 + octets[0] :]


def test_gammu_cuts_texts_where_we_do(gammu):
    causes = Counter()
    for generated in texts():
        parts = gammu_parts(gammu, generated)
        theirs = [tpdu.decode(gammu_tpdu(gammu, part)).segment for part in parts]
        case = with_reference_of(generated, theirs[0])
        if tuple(theirs) == case.segments:
            causes["none"] += 1
        else:
            causes.update(cut_causes(case, theirs))
    assert causes["none"] > CASES / 2
    check(causes, {"cr lf of septets", *WENT_FURTHER, *GAVE_UP})


def check(causes: Counter, named: set[str]) -> None:
    logging.getLogger(__name__).info("differences: %s", dict(causes))
    found = {cause for cause in causes if cause != "none"}
    assert found <= named
    if CASES >= 5000:
        assert found == named


def with_reference_of(case: Case, segment: Segment) -> Case:
    """The case with the reference that gammu took from its clock."""
    mark = udh.find_concatenation(udh.decode(segment.udh))
    return Case(case.payload, mark.reference if mark else 0, case.wide, case.text)


def cut_causes(case: Case, theirs: list[Segment]) -> set[str]:
    """Why gammu cuts elsewhere, from where its own part begins; all else of its parts is ours."""
    data, coding = case.payload.data, case.payload.coding
    found, start = set(), 0
    for sequence, segment in enumerate(theirs, start=1):
        mark = udh.concatenation(case.reference, len(theirs), sequence, wide=case.wide)
        end = start + (segment.units << (coding is Coding.UCS2))
        assert segment == _cut_out(data[start:end], coding, udh.encode((mark,)))
        ours = start + _cuts(replace(case.payload, data=data[start:]), _room(segment))[0]
        if ours != end:
            found.add(_cause(data, coding, start, end, ours))
        start = end
    assert start == len(data)
    return found


def _room(segment: Segment) -> int:
    return capacity(len(segment.udh), segment.coding)


def _cut_out(data: bytes, coding: Coding, header: bytes) -> Segment:
    if coding is Coding.GSM7:
        packed, units = gsm7.pack(data, gsm7.fill_bits(len(header))), len(data)
    else:
        # The halves of a torn pair come through the binding as U+FFFD.
        packed = data.decode("utf-16-be", "replace").encode("utf-16-be")
        units = len(data) // 2
    return Segment(udh=header, data=packed, coding=coding, units=units)


def _cause(data: bytes, coding: Coding, start: int, end: int, ours: int) -> str:
    before, after = _readable(data[start:end], coding), _readable(data[end:], coding)
    if end > ours:
        # Ours is the last place between two clusters, gammu's is inside of one.
        places = _boundaries(data[start:], coding)
        assert max(place for place in places if start + place <= end) == ours - start
        rules = WENT_FURTHER
    else:
        rules = GAVE_UP
    given_up = _readable(data[end:ours], coding)
    fitting = [name for name, rule in rules.items() if rule(before, given_up, after)]
    assert fitting, (before[-3:], given_up, after[:3])
    return fitting[0] + " of septets" * (coding is Coding.GSM7)


def _readable(data: bytes, coding: Coding) -> str:
    if coding is Coding.GSM7:
        return gsm7.decode(data)
    return data.decode("utf-16-be", "surrogatepass")


def _boundaries(data: bytes, coding: Coding) -> list[int]:
    text, places = _readable(data, coding), []
    for cluster in regex.finditer(r"\X", text):
        before = text[: cluster.end()]
        places.append(
            len(gsm7.encode(before))
            if coding is Coding.GSM7
            else len(before.encode("utf-16-be", "surrogatepass"))
        )
    return places


def _indicator(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _ends_in_virama(text: str) -> bool:
    letters = text.rstrip("".join(c for c in set(text) if unicodedata.category(c).startswith("M")))
    return any(unicodedata.combining(c) == 9 for c in text[len(letters) :])


def _syllable(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff"


# Annex 29 keeps more together than gammu does: its end is inside a cluster. The rules see the text
# before gammu's cut, what lies between the cuts, and the text behind gammu's.
WENT_FURTHER = {
    # gammu knows nothing of CR LF, in either coding.
    "cr lf": lambda a, _, b: a[-1:] + b[:1] == "\r\n",
    # It steps back one unit before a mark of its five blocks, were that half a surrogate pair.
    "torn pair": lambda a, *_: "\ud800" <= a[-1:] <= "\udbff",
    # It knows no marks but those blocks' (no variation selectors, no vowel signs), and one step
    # back is all it does where several follow a letter.
    "mark": lambda _a, _, b: unicodedata.category(b[0]).startswith("M"),
    # Consonants that a virama joins, a rule of Annex 29 since Unicode 15.1.
    "conjunct": lambda a, _, b: _ends_in_virama(a) and unicodedata.category(b[0]) == "Lo",
    "joiner": lambda a, _, b: "\u200d" in (a[-1:], b[0]),
    "skin tone": lambda _a, _, b: "\U0001f3fb" <= b[0] <= "\U0001f3ff",
    "tag": lambda _a, _, b: "\U000e0020" <= b[0] <= "\U000e007f",
    "syllable": lambda a, _, b: _syllable(a[-1:]) and _syllable(b[0]),
    "prepended": lambda a, *_: a[-1:] == "\u0600",
    # It looks at flags only where more than one indicator follows in the text.
    "last flag": lambda a, _, b: _indicator(a[-1:]) and _indicator(b[0]) and len(b) == 1,
}
# And gammu steps back where Annex 29 asks for nothing.
GAVE_UP = {
    # From between two indicators, though the pair ends there: 🇩🇪|🇫🇷 to 🇩|🇪🇫🇷.
    "between flags": lambda _a, gap, b: len(gap) == 1 and _indicator(b[0]) and _indicator(b[1]),
    # One unit before a mark that is a cluster of its own: it follows a line end.
    "mark of its own": lambda _a, gap, b: len(gap) == 1 and unicodedata.combining(b[1]) > 0,
}


def test_gammu_packs_and_reads_parts_as_we_do(gammu):
    causes = Counter()
    for case in messages():
        causes.update({cause for s in case.segments for cause in part_causes(gammu, s)} or ["none"])
    check(causes, {"class octet", "lone escape", "mark not named"})


def part_causes(gammu, segment: Segment) -> set[str]:
    causes = set()
    octet = dcs.encode(dcs.of(segment))
    sent = tpdu.encode(tpdu.submit(segment, NUMBER, validity=tpdu.Relative(0xFF)))
    theirs = gammu_tpdu(gammu, gammu_message(gammu, segment))
    if theirs[CODING_AT] != octet:
        # 23.038 has two octets for a class of GSM 7-bit: 1x of the general group and Fx.
        assert segment.coding is Coding.GSM7
        assert dcs.decode(theirs[CODING_AT]) == dcs.decode(octet)
        assert theirs[CODING_AT] == 0xF0 | segment.message_class
        causes.add("class octet")
    assert theirs[:CODING_AT] + theirs[CODING_AT + 1 :] == sent[:CODING_AT] + sent[CODING_AT + 1 :]
    received = tpdu.Deliver(
        originator=tpdu.address(NUMBER), segment=segment, dcs=octet, timestamp=SENT
    )
    for octets in (sent, tpdu.encode(received)):
        causes |= reading_causes(gammu.DecodePDU(octets, False), segment)
    return causes


CODING_AT = 11  # of a SMS-SUBMIT to a number of twelve digits


def gammu_message(gammu, segment: Segment) -> dict:
    return _blank(gammu) | {
        "UDH": {"Type": "UserUDH" if segment.udh else "NoUDH", "Text": segment.udh},
        "Text": told(gammu_text(segment), segment.coding),
        "Coding": CODINGS[segment.coding],
        "Class": _class(segment),
    }


@cache
def _blank(gammu) -> dict:
    entry = {"ID": "ConcatenatedTextLong", "Buffer": "x"}
    return gammu.EncodeSMS({"Class": -1, "Unicode": 0, "Entries": [entry]})[0]


def _class(segment: Segment) -> int:
    return -1 if segment.message_class is None else segment.message_class


def gammu_text(segment: Segment) -> str | bytes:
    """The part as gammu reads it: octets, or text in the default alphabet.

    It knows no national tables, and its own has ¹ where the escape is: an escape that leads nowhere
    is this character, and what follows stands for itself.
    """
    if segment.coding is Coding.OCTETS:
        return segment.data
    if segment.coding is Coding.UCS2:
        return segment.data.decode("utf-16-be")
    return _default_text(_septets(segment), stray="¹", width=1)


def _default_text(septets: bytes, *, stray: str, width: int) -> str:
    """Text with ``stray`` for an escape that leads nowhere and the ``width`` septets it spoils."""
    out, at = [], 0
    while at < len(septets):
        if septets[at] != ESCAPE:
            out.append(gsm7.decode(septets[at : at + 1]))
            at += 1
        elif (extended := EXTENSION.get((septets[at + 1 : at + 2] or b"\0")[0])) is not None:
            out.append(extended)
            at += 2
        else:
            out.append(stray)
            at += width
    return "".join(out)


def _septets(segment: Segment) -> bytes:
    fill = gsm7.fill_bits(len(segment.udh))
    return gsm7.unpack(segment.data, segment.units, fill=fill)


def reading_causes(read: dict, segment: Segment) -> set[str]:
    causes = set()
    text = read["Text"]
    if segment.coding is not Coding.OCTETS:
        # The binding copies as many characters as there are septets: behind pairs, stray memory.
        text = text.partition("\0")[0]
    expected = gammu_text(segment)
    if segment.coding is Coding.UCS2:
        # It comes back doubled; the binding then loses as much at the end.
        octets = told(expected, segment.coding).encode("utf-16-be")[: len(segment.data)]
        expected = octets.decode("utf-16-be", "replace")
    assert text == expected
    if segment.coding is Coding.GSM7 and text != gsm7.decode(_septets(segment)):
        causes.add("lone escape")
    assert read["Number"] in (NUMBER, f"+{NUMBER}")
    assert read["Coding"] == CODINGS[segment.coding]
    assert read["Class"] == _class(segment)
    assert read["UDH"]["Text"] == segment.udh
    mark = udh.find_concatenation(udh.decode(segment.udh))
    reference = max(read["UDH"]["ID8bit"], read["UDH"]["ID16bit"])
    if mark and reference < 0:
        # gammu knows headers by heart, not by their elements: with others about, it names no mark.
        assert len(udh.decode(segment.udh)) > 1
        causes.add("mark not named")
    elif mark:
        found = (reference, read["UDH"]["AllParts"], read["UDH"]["PartNumber"])
        assert found == mark
    if read["Type"] == "Deliver":
        assert read["DateTime"].strftime("%y%m%d%H%M%S%z") == "240229235958-0500"
    return causes


@pytest.mark.parametrize("size", range(3, 30))
def test_gammu_packs_a_full_part_behind_every_header(gammu, size):
    dice = random.Random(size)
    septets = bytes(dice.choices([n for n in range(128) if n != ESCAPE], k=(140 - size) * 8 // 7))
    payload = Payload(data=septets, coding=Coding.GSM7, elements=_elements(dice, size))
    (segment,) = split(payload, reference=0)
    assert len(segment.udh) == size
    assert segment.udl == 160
    sent = tpdu.encode(tpdu.submit(segment, NUMBER, validity=tpdu.Relative(0xFF)))
    assert gammu_tpdu(gammu, gammu_message(gammu, segment)) == sent


# tshark ------------------------------------------------------------------------------------------

FIELDS = {
    name: f"gsm_sms.{field}"
    for name, field in (
        ("type", "tp-mti"),
        ("to", "tp-da"),
        ("from", "tp-oa"),
        ("dcs", "tp-dcs"),
        ("header", "tp-udhi"),
        ("udl", "tp.user_data_length"),
        ("udhl", "dis_field_udh.user_data_header_length"),
        ("fill", "dis_field_udh.gsm.fill_bits"),
        ("elements", "ie_identifier"),
        ("lengths", "dis_field_ud_iei.length"),
        ("destination", "destination_port"),
        ("originator", "originator_port"),
        ("reference", "udh.mm.msg_id"),
        ("total", "udh.mm.msg_parts"),
        ("sequence", "udh.mm.msg_part"),
        ("locking", "dis_iei_lang.locking_shift"),
        ("single", "dis_iei_lang.single_shift"),
        ("text", "sms_text"),
        ("body", "sms_body"),
    )
}


def tshark(frames: list[tuple[bytes, int]], path) -> list[dict[str, list[str]]]:
    """The fields that one run of tshark finds in TPDUs, each with its direction (1 is sent)."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    path.write_bytes(_capture(frames))
    wanted = [word for field in FIELDS.values() for word in ("-e", field)]
    options = ["-n", "-r", str(path), "-o", "gsm_sms.reassemble:FALSE", "-T", "json"]
    done = subprocess.run(
        ["tshark", *options, *wanted], stdout=subprocess.PIPE, check=True, timeout=120
    )
    found = [packet["_source"]["layers"] for packet in json.loads(done.stdout)]
    return [{name: layers.get(field, []) for name, field in FIELDS.items()} for layers in found]


def _capture(frames: list[tuple[bytes, int]]) -> bytes:
    """A capture file of exported PDUs (link type 252): tag 12 names the dissector, 35 the way."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, 252)]
    for octets, sent in frames:
        tags = struct.pack(">HH8sHHIHH", 12, 8, b"gsm_sms", 35, 4, sent, 0, 0)
        size = len(tags) + len(octets)
        out.append(struct.pack("<IIII", 0, 0, size, size) + tags + octets)
    return b"".join(out)


def test_tshark_dissects_what_we_meant(tmp_path):
    segments = [segment for case in messages() for segment in case.segments]
    frames = [
        (tpdu.encode(_deliver(s) if n % 2 else tpdu.submit(s, NUMBER)), 1 - n % 2)
        for n, s in enumerate(segments)
    ]
    causes = Counter()
    for segment, found in zip(segments, tshark(frames, tmp_path / "parts.pcap"), strict=True):
        causes.update(dissection_causes(segment, found) or ["none"])
    check(causes, {"lone escape"})


def _deliver(segment: Segment) -> tpdu.Deliver:
    octet = dcs.encode(dcs.of(segment))
    return tpdu.Deliver(originator=tpdu.address(NUMBER), segment=segment, dcs=octet, timestamp=SENT)


def dissection_causes(segment: Segment, found: dict[str, list[str]]) -> set[str]:
    header = udh.decode(segment.udh)
    assert found["to"] + found["from"] == [NUMBER]
    assert found["dcs"] == [str(dcs.encode(dcs.of(segment)))]
    assert found["header"] == [str(int(bool(header)))]
    assert found["udl"] == [str(segment.udl)]
    assert found["udhl"] == ([str(segment.udh[0])] if header else [])
    assert found["elements"] == [f"0x{element.iei:02x}" for element in header]
    assert found["lengths"] == [str(len(element.data)) for element in header]
    # tshark shows the bits themselves, and nothing where there are none.
    fill = segment.coding is Coding.GSM7 and header and gsm7.fill_bits(len(segment.udh))
    assert found["fill"] == (["0x00"] if fill else [])
    mark = udh.find_concatenation(header)
    assert [*found["reference"], *found["total"], *found["sequence"]] == [*map(str, mark or ())]
    assert found["destination"] == _ports(header, "destination")
    assert found["originator"] == _ports(header, "originator")
    for name, iei in (("single", 0x24), ("locking", 0x25)):
        assert found[name] == [str(e.data[0]) for e in header if e.iei == iei]
    return _text_causes(segment, "".join(found["text"]), "".join(found["body"]))


def _ports(header: tuple[Element, ...], end: str) -> list[str]:
    return [str(elements.fields(e)[end]) for e in header if e.iei in (0x04, 0x05)]


def _text_causes(segment: Segment, text: str, body: str) -> set[str]:
    if segment.coding is Coding.OCTETS:
        assert body.replace(":", "").replace("<MISSING>", "") == segment.data.hex()
        return set()
    if segment.coding is Coding.UCS2:
        assert text == segment.data.decode("utf-16-be")
        return set()
    if text == gsm7.decode(_septets(segment)):
        return set()
    # tshark names the national tables but reads by the default ones, and has U+FFFD for an escape
    # and its septet where those have nothing; ours shows the septet's own character.
    assert text == _default_text(_septets(segment), stray="\ufffd", width=2)
    return {"lone escape"}
