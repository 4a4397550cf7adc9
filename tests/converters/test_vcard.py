import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.vcard import (
    CONVERTER,
    PLACE_TYPES,
    TEL_TYPES,
    VIEWER,
    Address,
    Card,
    Email,
    Name,
    Tel,
    convert,
    read,
    sniff,
    view,
    write,
)
from smsenc import MessageClass, Payload, Port, SmsencError, SourceError, encode_text, split

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "vcard"
SAMPLES = sorted((ROOT / "samples").glob("*.vcf"))


def cases(folder):
    found = sorted((VECTORS / folder).glob("*.vcf"))
    assert found
    return [
        pytest.param(path, json.loads(path.with_suffix(".json").read_text()), id=path.stem)
        for path in found
    ]


def said(item):
    """An item as the vectors write it."""
    if item.error:
        return {"error": str(item.error)}
    lines = item.payload.data.decode("ascii").removesuffix("\r\n").split("\r\n")
    return {"lines": lines, "losses": [str(loss) for loss in item.losses]}


@pytest.mark.parametrize(("path", "expected"), cases("valid"))
def test_valid(path, expected):
    assert [said(item) for item in convert(path.read_bytes(), {})] == expected["items"]


@pytest.mark.parametrize(("path", "expected"), cases("invalid"))
def test_invalid(path, expected):
    with pytest.raises(SourceError) as caught:
        list(convert(path.read_bytes(), {}))
    assert str(caught.value) == expected["error"]


# The law: what is written comes back, whatever the characters.


def normal(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def ranked(values):
    """What has PREF stands first, as a reader puts it."""
    return tuple(sorted(values, key=lambda value: "PREF" not in value.types))


def types(known):
    return st.sets(st.sampled_from(known), max_size=3).map(
        lambda chosen: tuple(name for name in known if name in chosen)
    )


TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.text(st.sampled_from(list("aB;,\\:=\n éЖ😀")), max_size=90)
).map(normal)
FILLED = TEXTS.filter(bool)
NAMES = st.builds(Name, *[TEXTS] * 5).filter(lambda name: any(str(name)))
TELS = st.builds(Tel, st.from_regex("[+]?[0-9*#]{1,20}", fullmatch=True), types(TEL_TYPES))
EMAILS = st.builds(Email, FILLED, types(PLACE_TYPES))
ADDRESSES = st.builds(Address, st.tuples(*[TEXTS] * 7).filter(any), types(PLACE_TYPES))
CARDS = st.builds(
    Card,
    name=NAMES,
    formatted=TEXTS,
    tels=st.lists(TELS, max_size=3).map(ranked),
    emails=st.lists(EMAILS, max_size=2).map(ranked),
    org=st.just(()) | st.tuples(FILLED) | st.tuples(TEXTS, FILLED),
    title=TEXTS,
    addresses=st.lists(ADDRESSES, max_size=2).map(ranked),
    url=TEXTS,
    birthday=st.none() | st.dates(),
    nickname=TEXTS,
    note=TEXTS,
)


@given(CARDS)
def test_what_is_written_comes_back(card):
    octets = write(card)
    assert octets.isascii()
    assert list(read(octets)) == [(card, ())]
    assert view(Payload.to_port(Port.VCARD, octets)).content["name"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_octets(octets):
    for source in (octets, b"BEGIN:VCARD\nN:a\n" + octets, b"BEGIN:VCARD\nTEL" + octets):
        try:
            for item in convert(source, {}):
                assert item.payload or isinstance(item.error, SmsencError)
        except SmsencError:
            pass


# Details that the vectors do not show.


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("+44 7700 900-123", "+447700900123"),
        ("(0113) 496.0123", "01134960123"),
        ("*100#", "*100#"),
        ("tel:+1-202-555-0123", "+12025550123"),
        ("TEL:7042;phone-context=example.com", "7042"),
        ("+1 202 555 0123 x45", "+12025550123"),
    ],
)
def test_a_number_without_what_is_for_the_eye(value, number):
    ((card, _losses),) = read(f"BEGIN:VCARD\nVERSION:4.0\nN:a\nTEL:{value}\nEND:VCARD\n".encode())
    assert card.tels == (Tel(number),)


@pytest.mark.parametrize("value", ["abc", "sip:a@example.com", "+", "1" * 101])
def test_what_is_no_number_costs_the_property(value):
    ((card, (loss,)),) = read(f"BEGIN:VCARD\nN:a\nTEL:{value}\nEND:VCARD\n".encode())
    assert card.tels == ()
    assert (loss.what, loss.action, loss.line) == ("TEL", "left out", 3)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("19701015", date(1970, 10, 15)),
        ("1970-10-15", date(1970, 10, 15)),
        ("1970-10-15T00:00:00Z", date(1970, 10, 15)),
        ("19701315", None),
        ("--1015", None),
        ("circa 1800", None),
    ],
)
def test_birthdays(value, day):
    ((card, losses),) = read(f"BEGIN:VCARD\nN:a\nBDAY:{value}\nEND:VCARD\n".encode())
    assert card.birthday == day
    assert [loss.what for loss in losses] == ([] if day else ["BDAY"])


@pytest.mark.parametrize(
    ("lines", "family"),
    [
        ("FN:Zoë Müller", "Zoë Müller"),
        ("N:;;;;\nFN:Example Ltd", "Example Ltd"),
        ("ORG:;Sales", "Sales"),
        ("NICKNAME:Zo\nORG:Example", "Zo"),
        ("EMAIL:zoe@example.com\nTEL:1", "zoe@example.com"),
        ("TEL:+44 7700 900123", "+447700900123"),
    ],
)
def test_a_card_without_a_name_is_called_by_what_it_has(lines, family):
    ((card, losses),) = read(f"BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD\n".encode())
    assert (card.name, card.formatted, losses) == (Name(family=family), "", ())


def test_bookkeeping_is_no_loss_and_content_is():
    source = b"BEGIN:VCARD\nN:a\nUID:1\nREV:2\nKIND:individual\nPRODID:x\nIMPP:\nX-A:1\nPHOTO:2\n"
    ((_card, losses),) = read(source + b"END:VCARD\n")
    assert [str(loss) for loss in losses] == [
        "line 8: X-A left out: phones keep no such property",
        "line 9: PHOTO left out: phones keep no such property",
    ]


def test_a_card_has_a_name():
    with pytest.raises(SourceError) as caught:
        Card(name=Name())
    assert str(caught.value) == "N: expected a name, found none"


def test_a_calendar_is_no_card():
    (item,) = convert(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", {})
    assert str(item.error) == "line 1: expected a vCard, found VCALENDAR"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert sniff(source)
    for item in convert(source, {}):
        assert item.payload.port == Port.VCARD
        assert item.payload.message_class is MessageClass.ME
        assert len(split(item.payload, reference=1)) <= 3
        assert VIEWER.view(item.payload).lines


def test_view():
    source = (ROOT / "samples" / "contacts-21.vcf").read_bytes()
    items = list(CONVERTER.convert(source, CONVERTER.settings({})))
    shown = view(items[0].payload)
    assert shown.content == {
        "name": "Zoë Müller",
        "tel": [
            {"types": ["PREF", "CELL"], "number": "+447700900123"},
            {"types": ["WORK", "VOICE"], "number": "+442079460123"},
        ],
        "email": [{"types": [], "address": "zoe@example.com"}],
        "org": "Example Ltd",
        "title": "Engineer",
    }
    assert shown.lines[:2] == ("Name     Zoë Müller", "Cell     +447700900123")
    assert view(items[1].payload).lines[-2:] == (
        "Note  Café on the corner",
        "      after six, or call",
    )
    both = view(Payload.to_port(Port.VCARD, items[0].payload.data + items[1].payload.data))
    assert [card["name"] for card in both.content["cards"]] == ["Zoë Müller", "José García"]


def test_view_of_a_card_sent_as_7_bit_text():
    # gammu 1.42 sends cards so.
    text = "BEGIN:VCARD\r\nVERSION:2.1\r\nTEL;CELL:+12025550123\r\nN:Smith;Mike\r\nEND:VCARD\r\n"
    assert view(encode_text(text)).lines == ("Name  Mike Smith", "Cell  +12025550123")


def test_view_of_a_damaged_card():
    with pytest.raises(SourceError) as caught:
        view(Payload.to_port(Port.VCARD, b"BEGIN:VCARD\r\nEND:VCARD\r\n"))
    assert str(caught.value) == (
        "line 1: expected a name, an organisation, a number or an address, found none"
    )


def test_gammu_reads_what_is_written():
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    card = Card(
        name=Name(family="Müller-Łukasz; 表", given="Zoë"),
        tels=(Tel("+447700900123", ("CELL",)), Tel("02079460123", ("WORK",))),
        emails=(Email("zoe@example.com"),),
        org=("Example",),
        birthday=date(1985, 1, 14),
        note="one\ntwo\\",
    )
    found = gammu.DecodeVCARD(write(card).decode("ascii"))
    values = {entry["Type"]: entry["Value"] for entry in found["Entries"]}
    birthday = values.pop("Date")
    # It splits N at every semicolon, escaped or not.
    assert values == {
        "Text_LastName": "Müller-Łukasz",
        "Text_FirstName": " 表",
        "Number_Mobile": "+447700900123",
        "Number_General": "02079460123",
        "Text_Email": "zoe@example.com",
        "Text_Company": "Example",
        "Text_Note": "one\r\ntwo\\",
    }
    assert birthday.date() == card.birthday
