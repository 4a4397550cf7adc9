from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT
from vectorfiles import judged

from converters.cards.model import PLACE_TYPES, TEL_TYPES, Address, Card, Email, Name, Tel
from converters.cards.vcard import CONVERTER, VIEWER, convert, read, sniff, view, write
from converters.errors import SourceError
from smsenc import (
    MessageClass,
    OptionError,
    Payload,
    Port,
    SmsencError,
    encode_text,
    split,
)

DEFAULTS = CONVERTER.settings({})
SAMPLES = sorted((ROOT / "samples").glob("*.vcf"))


def cases(folder):
    return judged("vcard", folder, ".vcf")


def said(item):
    """An item as the vectors write it."""
    if item.error:
        return {"error": str(item.error)}
    lines = item.payload.data.decode("ascii").removesuffix("\r\n").split("\r\n")
    return {"lines": lines, "losses": [str(loss) for loss in item.losses]}


@pytest.mark.parametrize(("path", "expected"), cases("valid"))
def test_valid(path, expected):
    assert [said(item) for item in convert(path.read_bytes(), DEFAULTS)] == expected["items"]


@pytest.mark.parametrize(("path", "expected"), cases("invalid"))
def test_invalid(path, expected):
    with pytest.raises(SourceError) as caught:
        list(convert(path.read_bytes(), DEFAULTS))
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
            for item in convert(source, DEFAULTS):
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
        ("+44 (0)7700 900123", "+447700900123"),
        ("(home) 07700 900123 (temporary)", "07700900123"),
        (";090123456789;;", "090123456789"),
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


def test_numbers_without_end():
    ((card, losses),) = read(b"BEGIN:VCARD\nN:a\n" + b"TEL:1\n" * 102 + b"END:VCARD\n")
    assert len(card.tels) == 100
    assert [str(loss) for loss in losses] == [
        "line 103: TEL left out: phones keep at most 100 of them",
        "line 104: TEL left out: phones keep at most 100 of them",
    ]


def test_a_card_has_a_name():
    with pytest.raises(SourceError) as caught:
        Card(name=Name())
    assert str(caught.value) == "N: expected a name, found none"


def test_a_calendar_is_no_card():
    (item,) = convert(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", DEFAULTS)
    assert str(item.error) == "line 1: expected a vCard, found VCALENDAR"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert sniff(source)
    for item in convert(source, DEFAULTS):
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


# What must go into a message, and what does not fit.


def one_item(source, **settings):
    given_ = {name.replace("_", "-"): value for name, value in settings.items()}
    (item,) = convert(source.encode(), CONVERTER.settings(given_))
    return item


FULL = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Smith;Mike\nFN:Mike Smith\n"
    "TEL;TYPE=WORK:5551234\nTEL;TYPE=CELL,PREF:+12025550123\n"
    "EMAIL:mike@example.com\nORG:Example Ltd;Sales\nTITLE:Engineer\nURL:http://example.com/\n"
    "ADR:;;1 High Street;Whitby\nBDAY:1970-10-15\nNICKNAME:Mick\n"
    "NOTE:Call before six on weekdays and after ten on Saturdays\nEND:VCARD\n"
)


def test_fields_go_in_by_importance():
    item = one_item(FULL, max_parts="2")
    assert said(item) == {
        "lines": [
            "BEGIN:VCARD",
            "VERSION:2.1",
            "N:Smith;Mike",
            "TEL;PREF;CELL:+12025550123",
            "TEL;WORK:5551234",
            "EMAIL:mike@example.com",
            "ORG:Example Ltd;Sales",
            "TITLE:Engineer",
            "ADR:;;1 High Street;Whitby",
            "URL:http://example.com/",
            "BDAY:19701015",
            "NICKNAME:Mick",
            "END:VCARD",
        ],
        "losses": [
            "FN left to N: N says the same",
            "NOTE left out: the message holds at most 256 octets",
        ],
    }
    assert len(split(item.payload, reference=1)) == 2
    item = one_item(FULL, max_parts="1")
    assert said(item)["lines"][2:-1] == [
        "N:Smith;Mike",
        "TEL;PREF;CELL:+12025550123",
        "TEL;WORK:5551234",
        "EMAIL:mike@example.com",
    ]
    assert said(item)["losses"][:2] == [
        "FN left to N: N says the same",
        "ORG left out: the message holds at most 133 octets",
    ]
    assert len(split(item.payload, reference=1)) == 1


def test_a_note_is_cut_between_words():
    item = one_item(FULL.replace("Call", "Please call " + "again and " * 16), max_parts="3")
    lines = said(item)["lines"]
    assert lines[-2].startswith("NOTE:Please call again and")
    assert lines[-2].endswith("and...")
    assert str(item.losses[-1]) == "NOTE cut: the message holds at most 384 octets"
    assert len(item.payload.data) <= 384


@pytest.mark.parametrize(
    ("source", "settings", "error"),
    [
        (
            FULL,
            {"max_parts": "1", "strict": "yes"},
            "ORG: expected at most 12 octets, found 23: the message holds at most 133 octets",
        ),
        (
            f"BEGIN:VCARD\nN:{'x' * 200}\nTEL:1\nEND:VCARD\n",
            {"max_parts": "1"},
            "N: expected at most 96 octets, found 204: the message holds at most 133 octets",
        ),
    ],
)
def test_what_is_rejected_for_want_of_room(source, settings, error):
    assert str(one_item(source, **settings).error) == error


def test_the_form_of_old_phones():
    # gammu 1.42 writes "N:Smith" alone from such a card; the rest of N is read by all.
    item = one_item(FULL, form="name-number")
    lines = b"BEGIN:VCARD\r\nN:Smith;Mike\r\nTEL:+12025550123\r\nEND:VCARD\r\n"
    assert item.payload.data == lines
    assert [str(loss) for loss in item.losses][:2] == [
        "TEL '5551234' left out: the form holds a name and a number",
        "EMAIL left out: the form holds a name and a number",
    ]
    assert not [loss for loss in item.losses if loss.what == "FN"]


@pytest.mark.parametrize(
    ("charset", "line", "losses"),
    [
        ("utf-8", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=81o=C3=9F;=D0=96", []),
        (
            "latin-1",
            "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Lo=DF;Zh",
            [
                "N replaced: ISO-8859-1 does not hold all of 'Łoß'",
                "N replaced: ISO-8859-1 does not hold all of 'Ж'",
            ],
        ),
        (
            "ascii",
            "N:Loss;Zh",
            [
                "N replaced: US-ASCII does not hold all of 'Łoß'",
                "N replaced: US-ASCII does not hold all of 'Ж'",
            ],
        ),
    ],
)
def test_charsets_that_are_written(charset, line, losses):
    item = one_item("BEGIN:VCARD\nN:Łoß;Ж\nTEL:1\nEND:VCARD\n", charset=charset)
    assert said(item)["lines"][2] == line
    assert [str(loss) for loss in item.losses] == losses


@given(CARDS, st.sampled_from(["latin-1", "ascii"]))
def test_a_poorer_charset_holds_every_card(card, charset):
    settings = CONVERTER.settings({"charset": charset, "max-parts": "255"})
    (item,) = convert(write(card), settings)
    assert item.payload.data.isascii()
    assert b";CHARSET=UTF-8;" not in item.payload.data


def test_an_unknown_form_or_charset():
    for option, value, expected in (
        ("form", "short", "full or name-number"),
        ("charset", "utf-7", "utf-8 or latin-1 or ascii"),
    ):
        with pytest.raises(OptionError) as caught:
            CONVERTER.settings({option: value})
        assert str(caught.value) == f"{option}: expected {expected}, found {value!r}"


# Charsets that are read.


@pytest.mark.parametrize(
    ("params", "charset", "guess"),
    [
        (";CHARSET=UTF-8", "utf-8", None),
        (";CHARSET=ISO-8859-1", "iso-8859-1", None),
        (";CHARSET=windows-1252", "cp1252", None),
        (";CHARSET=GB2312", "gb2312", None),
        (";CHARSET=GBK", "gbk", None),
        (";CHARSET=Shift_JIS", "shift_jis", None),
        (";CHARSET=BIG5", "big5", None),
        (";CHARSET=KOI8-R", "koi8-r", None),
        (";CHARSET=windows-1251", "cp1251", None),
        (";CHARSET=ISO-8859-2", "iso-8859-2", None),
        (";CHARSET=ISO-8859-1", "utf-8", "utf-8"),
        (";CHARSET=windows-1251", "utf-8", "utf-8"),
        (";CHARSET=UTF-8", "cp1252", "windows-1252"),
        ("", "cp1252", "windows-1252"),
        ("", "shift_jis", "Shift_JIS"),
        ("", "utf-8", None),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_charsets_declared_rightly_wrongly_and_not_at_all(params, charset, guess, quoted):
    text = {"cp1252": "Zoë Müller", "iso-8859-2": "Łukasz", "shift_jis": "小西一弘"}.get(
        charset, ""
    )
    text = text or {"gb": "张伟", "bi": "張偉", "ko": "Жанна", "cp": "Жанна"}.get(
        charset[:2], "Zoë"
    )
    octets = text.encode(charset)
    if quoted:
        params += ";ENCODING=QUOTED-PRINTABLE"
        octets = b"=\r\n".join(b"=%02X" % octet for octet in octets)  # cuts every character
    source = b"BEGIN:VCARD\r\nN%s:%s\r\nEND:VCARD\r\n" % (params.encode(), octets)
    ((card, losses),) = read(source)
    if quoted and guess == "Shift_JIS":
        return  # nothing tells it from windows-1252 but the octets as they stand
    assert card.name.family == text
    why = f"not in the charset it should be, read as {guess}"
    assert [loss.why for loss in losses] == ([why] if guess else [])


def test_a_charset_is_taken_from_the_lines_beside():
    source = "N;CHARSET=GBK:张伟\nORG:北京\n".encode("gbk")
    ((card, (loss,)),) = read(b"BEGIN:VCARD\n" + source + b"END:VCARD\n")
    assert card.org == ("北京",)
    assert str(loss) == "line 3: ORG guessed: not in the charset it should be, read as GBK"


# Comma, semicolon, line feed and backslash in every property.

NASTY = ("a,b", "a;b", "a\nb", "a\\b", "C:\\new;x,\\;", "\\\\,,;;\nx")
TEXT_PROPERTIES = {
    "FN": "formatted",
    "TITLE": "title",
    "URL": "url",
    "NICKNAME": "nickname",
    "NOTE": "note",
}


def escaped(text, version):
    """A text as that version writes it: 2.1 knows the semicolon, line feeds are quoted there."""
    if version == "2.1":
        text = text.replace("\\", "\\\\").replace(";", "\\;").replace("=", "=3D")
        return text.replace("\n", "=0D=0A")
    for plain, written in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def nasty_card(version, text):
    value = escaped(text, version)
    encoding = ";ENCODING=QUOTED-PRINTABLE" if version == "2.1" else ""
    lines = [
        *(f"{name}{encoding}:{value}" for name in TEXT_PROPERTIES),
        f"N{encoding}:{';'.join([value] * 5)}",
        f"ADR{encoding}:{';'.join([value] * 7)}",
        f"ORG{encoding}:{value};{value}",
        f"EMAIL{encoding}:{value}",
        "TEL:123",
    ]
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_nothing_is_lost_at_a_separator(version, text):
    item = one_item(nasty_card(version, text), max_parts="255")
    assert item.losses == ()
    ((card, losses),) = read(item.payload.data)
    assert losses == ()
    assert card == Card(
        name=Name(*[text] * 5),
        tels=(Tel("123"),),
        addresses=(Address((text,) * 7),),
        org=(text, text),
        emails=(Email(text),),
        **dict.fromkeys(TEXT_PROPERTIES.values(), text),
    )


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_gammu_loses_nothing_at_a_separator(version, text):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    item = one_item(nasty_card(version, text), max_parts="255")
    entries = gammu.DecodeVCARD(item.payload.data.decode("ascii"))["Entries"]
    values = {entry["Type"]: entry["Value"].replace("\r\n", "\n") for entry in entries}
    for entry in ("FormalName", "JobTitle", "URL", "NickName", "Note", "Email"):
        assert values[f"Text_{entry}"] == text
    # ORG is one text to it, with the semicolon between the two fields.
    assert values["Text_Company"] == f"{text};{text}"
    # It splits N and ADR at every semicolon, escaped or not, so those fields shift.
    if ";" not in text:
        assert values["Text_LastName"] == values["Text_FirstName"] == text
        assert values["Text_StreetAddress"] == values["Text_City"] == text


# Back to a file.


@given(CARDS)
def test_a_file_written_back_says_the_same(card):
    pytest.importorskip("vobject", reason="vobject is not installed")
    (writer,) = VIEWER.writers
    octets = writer.write(Payload.to_port(Port.VCARD, write(card)))
    # FN is compulsory in 3.0: where there was none, it says what N says.
    assert list(read(octets)) == [(replace(card, formatted=card.shown_as), ())]


def test_several_cards_are_one_file():
    (writer,) = VIEWER.writers
    two = write(Card(name=Name("a"))) + write(Card(name=Name("b"), tels=(Tel("1", ("PREF",)),)))
    assert writer.write(Payload.to_port(Port.VCARD, two)).decode().split("\r\n") == [
        *("BEGIN:VCARD", "VERSION:3.0", "FN:a", "N:a;;;;", "END:VCARD"),
        *("BEGIN:VCARD", "VERSION:3.0", "FN:b", "N:b;;;;", "TEL;TYPE=PREF:1", "END:VCARD"),
        "",
    ]
    assert writer.joins


def test_a_damaged_card_is_not_written_back():
    (writer,) = VIEWER.writers
    with pytest.raises(SourceError) as caught:
        writer.write(Payload.to_port(Port.VCARD, b"BEGIN:VCARD\r\nEND:VCARD\r\n"))
    assert caught.value.line == 1


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
