import pytest
from cardcases import CARDS
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT
from vectorfiles import judged

from converters.cards.convert import CONVERTER, convert
from converters.cards.model import Address, Card, Email, Name, Tel
from converters.cards.reader import read
from converters.cards.viewer import VIEWER
from converters.cards.writer import write
from converters.errors import SourceError
from smsenc import MessageClass, OptionError, Port, SmsencError, split

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


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_octets(octets):
    for source in (octets, b"BEGIN:VCARD\nN:a\n" + octets, b"BEGIN:VCARD\nTEL" + octets):
        try:
            for item in convert(source, DEFAULTS):
                assert item.payload or isinstance(item.error, SmsencError)
        except SmsencError:
            pass


def test_a_calendar_is_no_card():
    (item,) = convert(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", DEFAULTS)
    assert str(item.error) == "line 1: expected a vCard, found VCALENDAR"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert CONVERTER.sniff(source)
    for item in convert(source, DEFAULTS):
        assert item.payload.port == Port.VCARD
        assert item.payload.message_class is MessageClass.ME
        assert len(split(item.payload, reference=1)) <= 3
        assert VIEWER.view(item.payload).lines


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
        ("charset", "utf-7", "utf-8, latin-1 or ascii (did you mean utf-8?)"),
    ):
        with pytest.raises(OptionError) as caught:
            CONVERTER.settings({option: value})
        assert str(caught.value) == f"{option}: expected {expected}, found {value!r}"


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
